CREATE TABLE todo_list_items (
    id BLOB NOT NULL,
    task TEXT NOT NULL,
    completed INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT todo_list_items_pkey PRIMARY KEY (id),
    CONSTRAINT todo_list_items_id_is_uuid CHECK (length(id) = 16),
    CONSTRAINT todo_list_items_task_not_blank CHECK (trim(task) <> ''),
    CONSTRAINT todo_list_items_completed_is_boolean CHECK (completed IN (0, 1)),
    CONSTRAINT todo_list_items_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX todo_list_items_user_id_index ON todo_list_items (user_id);
