CREATE TABLE todo_list_items (
    id UUID NOT NULL,
    task TEXT NOT NULL,
    completed BOOLEAN NOT NULL,
    user_id UUID NOT NULL,
    inserted_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT todo_list_items_pkey PRIMARY KEY (id),
    CONSTRAINT todo_list_items_task_not_blank CHECK (trim(task) <> ''),
    CONSTRAINT todo_list_items_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX todo_list_items_user_id_index ON todo_list_items (user_id);
