CREATE TABLE tickets (
    id INTEGER PRIMARY KEY NOT NULL,
    title TEXT NOT NULL CONSTRAINT title_length CHECK (length(title) BETWEEN 1 AND 80)
);
