CREATE TABLE users (
    id UUID NOT NULL,
    -- Byte order, as in SQLite, so that both databases sort alike whatever their locale.
    name TEXT COLLATE "C" NOT NULL,
    age INTEGER NOT NULL,
    inserted_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_name_not_blank CHECK (trim(name) <> ''),
    CONSTRAINT users_age_in_range CHECK (age BETWEEN 0 AND 150)
);

-- The order of the pages.
CREATE INDEX users_name_id_index ON users (name, id);
