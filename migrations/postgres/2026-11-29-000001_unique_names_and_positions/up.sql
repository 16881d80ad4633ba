-- All that is locked below, at once and in the order of the application: nobody adds a name between the
-- update and the index, and nobody waits for a row of one who waits for the table.
LOCK TABLE users, todo_list_items IN ACCESS EXCLUSIVE MODE;

-- What is longer than the rules below allow is cut, and says so by its end.
UPDATE users
SET name = left(name, 99) || '…', updated_at = now() AT TIME ZONE 'utc'
WHERE length(name) > 100;
UPDATE todo_list_items
SET task = left(task, 199) || '…', updated_at = now() AT TIME ZONE 'utc'
WHERE length(task) > 200;

-- Of users whose names differ at most in the case of A to Z, the oldest keeps the name; those of the
-- others are followed by the random end of their identifier, which no other name has.
UPDATE users
SET name = left(name, 87) || ' ' || right(id::text, 12), updated_at = now() AT TIME ZONE 'utc'
WHERE EXISTS (
    SELECT FROM users AS older WHERE lower(older.name) = lower(users.name) AND older.id < users.id
);

CREATE UNIQUE INDEX users_name_key ON users (lower(name));

ALTER TABLE users
    ADD CONSTRAINT users_name_length CHECK (length(name) <= 100);
ALTER TABLE todo_list_items
    ADD CONSTRAINT todo_list_items_task_length CHECK (length(task) <= 200);

-- Items of one position are in the order of their identifiers: so all were until now.
ALTER TABLE todo_list_items
    ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
