//! What people have to do: the table `todo_list_items`, its row, and its queries.
//!
//! Whoever changes an item names its owner too, so that nobody reaches another person's list by
//! guessing an identifier.

use belvedere_diesel::{QueryError, Repo, Transaction};
use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::id::binary_id;
use crate::schema::todo_list_items;
use crate::users::{UserId, now};

binary_id! {
    /// Identifies an item of a todo list.
    TodoListItemId
}

/// A row of `todo_list_items`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(
    table_name = todo_list_items,
    treat_none_as_default_value = false,
    check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg)
)]
pub struct TodoListItem {
    /// Identifier.
    pub id: TodoListItemId,
    /// What is to be done, not blank.
    pub task: String,
    /// Whether it has been done.
    pub completed: bool,
    /// Whose item it is.
    pub user_id: UserId,
    /// When the row was made, UTC, to the microsecond.
    pub inserted_at: NaiveDateTime,
    /// When the row last changed, UTC, to the microsecond.
    pub updated_at: NaiveDateTime,
}

/// What a new item needs; the database checks that the user exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTodoListItem {
    /// What is to be done, not blank.
    pub task: String,
    /// Whether it has been done already.
    pub completed: bool,
    /// Whose item it is.
    pub user_id: UserId,
}

impl NewTodoListItem {
    /// The row this will be, with an identifier and the time of now.
    pub(crate) fn into_row(self) -> TodoListItem {
        let now = now();
        TodoListItem {
            id: TodoListItemId::new(),
            task: self.task,
            completed: self.completed,
            user_id: self.user_id,
            inserted_at: now,
            updated_at: now,
        }
    }
}

/// The items of one user, oldest first. One query.
///
/// # Errors
///
/// When the query fails.
pub async fn list_of_user(repo: &Repo, user_id: UserId) -> Result<Vec<TodoListItem>, QueryError> {
    let items = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    repo.all(items.order(todo_list_items::id)).await
}

/// How many items one user has. One query, whose text is the same for every user.
///
/// # Errors
///
/// When the query fails.
pub async fn count_of_user(repo: &Repo, user_id: UserId) -> Result<i64, QueryError> {
    let items = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    repo.one(items.count()).await
}

/// How many items there are.
///
/// # Errors
///
/// When the query fails.
pub async fn count(repo: &Repo) -> Result<i64, QueryError> {
    repo.one(todo_list_items::table.count()).await
}

/// Adds an item.
///
/// # Errors
///
/// [`QueryError::ForeignKeyViolation`] when there is no such user,
/// [`QueryError::CheckViolation`] when the task is blank; else when the query fails.
pub async fn insert(repo: &Repo, item: NewTodoListItem) -> Result<TodoListItem, QueryError> {
    let item = item.into_row();
    repo.run(diesel::insert_into(todo_list_items::table).values(item.clone())).await?;
    Ok(item)
}

/// Marks an item of a user as done, or as not done.
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item; else when the query fails.
pub async fn set_completed(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
    completed: bool,
) -> Result<(), QueryError> {
    let item = todo_list_items::table.find(id).filter(todo_list_items::user_id.eq(user_id));
    let changes = (todo_list_items::completed.eq(completed), todo_list_items::updated_at.eq(now()));
    match repo.run(diesel::update(item).set(changes)).await? {
        0 => Err(QueryError::NotFound),
        _ => Ok(()),
    }
}

/// Deletes an item of a user.
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item; else when the query fails.
pub async fn delete(repo: &Repo, user_id: UserId, id: TodoListItemId) -> Result<(), QueryError> {
    let item = todo_list_items::table.find(id).filter(todo_list_items::user_id.eq(user_id));
    match repo.run(diesel::delete(item)).await? {
        0 => Err(QueryError::NotFound),
        _ => Ok(()),
    }
}

/// Adds many items, see [`users::insert_all`](crate::users::insert_all).
pub(crate) async fn insert_all(
    transaction: &mut Transaction,
    rows: &[TodoListItem],
) -> Result<(), QueryError> {
    if let Ok(connection) = transaction.postgres() {
        let statement = diesel::insert_into(todo_list_items::table).values(rows);
        diesel_async::RunQueryDsl::execute(statement, connection).await?;
        return Ok(());
    }
    for row in rows {
        transaction.run(diesel::insert_into(todo_list_items::table).values(row)).await?;
    }
    Ok(())
}
