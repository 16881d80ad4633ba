ALTER TABLE todo_list_items DROP COLUMN position;
ALTER TABLE todo_list_items DROP CONSTRAINT todo_list_items_task_length;
ALTER TABLE users DROP CONSTRAINT users_name_length;
DROP INDEX users_name_key;
