-- What is longer than the rules below allow is cut, and says so by its end.
UPDATE users
SET name = substr(name, 1, 99) || '…', updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
WHERE length(name) > 100;
UPDATE todo_list_items
SET task = substr(task, 1, 199) || '…', updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
WHERE length(task) > 200;

-- Of users whose names differ at most in the case of A to Z, the oldest keeps the name; those of the
-- others are followed by the random end of their identifier, which no other name has.
-- The index goes with the table below.
CREATE INDEX old_users_lower_name_index ON users (lower(name));
UPDATE users
SET name = substr(name, 1, 87) || ' ' || lower(substr(hex(id), -12)),
    updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
WHERE EXISTS (
    SELECT 1 FROM users AS older WHERE lower(older.name) = lower(users.name) AND older.id < users.id
);

-- SQLite adds no rule to a table that is there, so both are made anew.
CREATE TABLE new_users (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    age INTEGER NOT NULL,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_id_is_uuid CHECK (length(id) = 16),
    CONSTRAINT users_name_not_blank CHECK (trim(name) <> ''),
    CONSTRAINT users_name_length CHECK (length(name) <= 100),
    CONSTRAINT users_age_in_range CHECK (age BETWEEN 0 AND 150)
) STRICT;

-- Items of one position are in the order of their identifiers: so all were until now.
CREATE TABLE new_todo_list_items (
    id BLOB NOT NULL,
    task TEXT NOT NULL,
    completed INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT todo_list_items_pkey PRIMARY KEY (id),
    CONSTRAINT todo_list_items_id_is_uuid CHECK (length(id) = 16),
    CONSTRAINT todo_list_items_task_not_blank CHECK (trim(task) <> ''),
    CONSTRAINT todo_list_items_task_length CHECK (length(task) <= 200),
    CONSTRAINT todo_list_items_completed_is_boolean CHECK (completed IN (0, 1)),
    CONSTRAINT todo_list_items_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES new_users (id) ON DELETE CASCADE
) STRICT;

INSERT INTO new_users (id, name, age, inserted_at, updated_at)
SELECT id, name, age, inserted_at, updated_at FROM users;
INSERT INTO new_todo_list_items (id, task, completed, user_id, inserted_at, updated_at)
SELECT id, task, completed, user_id, inserted_at, updated_at FROM todo_list_items;

-- The items go first: dropping `users` would delete them by their own rule.
DROP TABLE todo_list_items;
DROP TABLE users;
-- The reference from one table to the other follows its name.
ALTER TABLE new_users RENAME TO users;
ALTER TABLE new_todo_list_items RENAME TO todo_list_items;

CREATE INDEX users_name_id_index ON users (name, id);
CREATE INDEX todo_list_items_user_id_index ON todo_list_items (user_id);
CREATE UNIQUE INDEX users_name_key ON users (lower(name));
