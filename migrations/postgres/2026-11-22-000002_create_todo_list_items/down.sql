DROP TABLE todo_list_items;
