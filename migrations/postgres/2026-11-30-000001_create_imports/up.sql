-- Imports of users: under way, or ended not long ago.
CREATE TABLE imports (
    id UUID NOT NULL,
    begun_by TEXT NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    file TEXT NOT NULL,
    n_lines BIGINT NOT NULL,
    n_users BIGINT NOT NULL,
    -- Grows as long as somebody goes on with it.
    n_done BIGINT NOT NULL,
    -- NULL until it has ended.
    is_saved BOOLEAN,
    CONSTRAINT imports_pkey PRIMARY KEY (id)
);

-- What an import has read, until it moves all of it to the tables of the pages.
CREATE TABLE import_lines (
    import_id UUID NOT NULL,
    number BIGINT NOT NULL,
    user_id UUID NOT NULL,
    -- NULL in a line that has one more item of the user before.
    name TEXT COLLATE "C",
    age INTEGER,
    -- NULL in a line without an item.
    item_id UUID,
    task TEXT,
    completed BOOLEAN,
    position BIGINT,
    CONSTRAINT import_lines_pkey PRIMARY KEY (import_id, number),
    CONSTRAINT import_lines_import_id_fkey
        FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE
);
