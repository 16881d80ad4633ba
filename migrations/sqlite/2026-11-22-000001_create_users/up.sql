CREATE TABLE users (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    age INTEGER NOT NULL,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_id_is_uuid CHECK (length(id) = 16),
    CONSTRAINT users_name_not_blank CHECK (trim(name) <> ''),
    CONSTRAINT users_age_in_range CHECK (age BETWEEN 0 AND 150)
) STRICT;

-- The order of the pages.
CREATE INDEX users_name_id_index ON users (name, id);
