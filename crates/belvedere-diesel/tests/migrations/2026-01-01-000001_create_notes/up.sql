CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL,
    CONSTRAINT notes_text_not_blank CHECK (trim(text) <> ''));
