CREATE TABLE notes (
    id INTEGER PRIMARY KEY NOT NULL,
    topic TEXT NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT notes_text_not_blank CHECK (trim(text) <> '')
);
INSERT INTO notes (id, topic, text) VALUES
    (1, 'cats', 'They sleep.'),
    (2, 'dogs', 'They bark.'),
    (3, 'cats', 'They purr.'),
    (4, 'fish', 'They swim.');
