-- Of users whose names differ at most in the case of A to Z, the oldest keeps the name; those of the
-- others are followed by the random end of their identifier, which no other name has.
UPDATE users
SET name = name || ' ' || right(id::text, 12), updated_at = now() AT TIME ZONE 'utc'
WHERE EXISTS (
    SELECT FROM users AS older WHERE lower(older.name) = lower(users.name) AND older.id < users.id
);

CREATE UNIQUE INDEX users_name_key ON users (lower(name));

-- What is longer already stays; the row can be changed again once it is shorter.
ALTER TABLE users
    ADD CONSTRAINT users_name_length CHECK (length(name) <= 100) NOT VALID;
ALTER TABLE todo_list_items
    ADD CONSTRAINT todo_list_items_task_length CHECK (length(task) <= 200) NOT VALID;

-- Items of one position are in the order of their identifiers: so all were until now.
ALTER TABLE todo_list_items
    ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
