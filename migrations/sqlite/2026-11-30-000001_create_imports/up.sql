-- Imports of users: under way, or ended not long ago.
CREATE TABLE imports (
    id BLOB NOT NULL,
    begun_by TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    file TEXT NOT NULL,
    n_lines INTEGER NOT NULL,
    n_users INTEGER NOT NULL,
    -- Grows as long as somebody goes on with it.
    n_done INTEGER NOT NULL,
    -- NULL until it has ended.
    is_saved INTEGER,
    CONSTRAINT imports_pkey PRIMARY KEY (id),
    CONSTRAINT imports_id_is_uuid CHECK (length(id) = 16),
    CONSTRAINT imports_is_saved_is_boolean CHECK (is_saved IN (0, 1))
) STRICT;

-- What an import has read, until it moves all of it to the tables of the pages.
CREATE TABLE import_lines (
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    -- NULL in a line that has one more item of the user before.
    name TEXT,
    age INTEGER,
    -- NULL in a line without an item.
    item_id BLOB,
    task TEXT,
    completed INTEGER,
    position INTEGER,
    CONSTRAINT import_lines_pkey PRIMARY KEY (import_id, number),
    CONSTRAINT import_lines_import_id_fkey
        FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
