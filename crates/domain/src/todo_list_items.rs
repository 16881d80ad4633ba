//! What people have to do: the table `todo_list_items`, its row, and its queries.
//!
//! Whoever changes an item names its owner too, so that nobody reaches another person's list by
//! guessing an identifier.

use belvedere_diesel::{QueryError, Repo, Transaction};
use chrono::NaiveDateTime;
use diesel::dsl::{case_when, max};
use diesel::prelude::*;

use crate::id::binary_id;
use crate::schema::todo_list_items;
use crate::users::{ROWS_PER_STATEMENT, UserId, now};

/// Most characters of a task.
pub const MAX_TASK_CHARS: usize = 200;

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
    /// What is to be done, not blank, at most [`MAX_TASK_CHARS`] long.
    pub task: String,
    /// Whether it has been done.
    pub completed: bool,
    /// Whose item it is.
    pub user_id: UserId,
    /// When the row was made, UTC, to the microsecond.
    pub inserted_at: NaiveDateTime,
    /// When the row last changed, UTC, to the microsecond.
    pub updated_at: NaiveDateTime,
    /// Where it stands on the list: by this, then by identifier. Positions need not be dense.
    pub position: i64,
}

/// What a new item needs; the database checks that the user exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTodoListItem {
    /// What is to be done, not blank, at most [`MAX_TASK_CHARS`] long.
    pub task: String,
    /// Whether it has been done already.
    pub completed: bool,
    /// Whose item it is.
    pub user_id: UserId,
}

impl NewTodoListItem {
    /// The row this will be at a position, with an identifier and the time of now.
    pub(crate) fn into_row(self, position: i64) -> TodoListItem {
        let now = now();
        TodoListItem {
            id: TodoListItemId::new(),
            task: self.task,
            completed: self.completed,
            user_id: self.user_id,
            inserted_at: now,
            updated_at: now,
            position,
        }
    }
}

/// The items of one user, in the order of the list. One query.
///
/// # Errors
///
/// When the query fails.
pub async fn list_of_user(repo: &Repo, user_id: UserId) -> Result<Vec<TodoListItem>, QueryError> {
    repo.all(of_user(user_id)).await
}

/// The query for the items of one user, in the order of the list.
#[diesel::dsl::auto_type]
pub(crate) fn of_user(user_id: UserId) -> _ {
    let items = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    items.order((todo_list_items::position, todo_list_items::id))
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

/// Adds an item at the end of its list. Two queries.
///
/// # Errors
///
/// [`QueryError::ForeignKeyViolation`] when there is no such user,
/// [`QueryError::CheckViolation`] when the task is blank or too long; else when a query fails.
pub async fn insert(repo: &Repo, item: NewTodoListItem) -> Result<TodoListItem, QueryError> {
    let last = last_position(repo, item.user_id).await?;
    let item = item.into_row(last + 1);
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

/// Gives an item of a user another task.
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item, [`QueryError::CheckViolation`] when the
/// task is blank or too long; else when the query fails.
pub async fn rename(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
    task: String,
) -> Result<(), QueryError> {
    let item = todo_list_items::table.find(id).filter(todo_list_items::user_id.eq(user_id));
    let changes = (todo_list_items::task.eq(task), todo_list_items::updated_at.eq(now()));
    match repo.run(diesel::update(item).set(changes)).await? {
        0 => Err(QueryError::NotFound),
        _ => Ok(()),
    }
}

/// Where an item is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before another one of the same list.
    Before(TodoListItemId),
    /// At the end of the list.
    Last,
}

/// Puts an item of a user at another place of the list. Two queries, however long the list is.
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item, or not the one that it is put before;
/// else when a query fails.
pub async fn put(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
    place: Place,
) -> Result<(), QueryError> {
    let list = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    let position = todo_list_items::position;
    let n_changed = match place {
        Place::Last => {
            let last = last_position(repo, user_id).await?;
            repo.run(diesel::update(list.find(id)).set(position.eq(last + 1))).await?
        }
        Place::Before(other) => {
            let both = list.filter(todo_list_items::id.eq_any([id, other]));
            let both = both.select((todo_list_items::id, position));
            let both: Vec<(TodoListItemId, i64)> = repo.all(both).await?;
            let of = |wanted| both.iter().find(|(id, _)| *id == wanted).map(|(_, at)| *at);
            let (Some(_), Some(at)) = (of(id), of(other)) else {
                return Err(QueryError::NotFound);
            };
            // What follows makes room for it. Items of one position, as two people make them who move
            // items at a time, are parted by the same statement.
            let follows = position.gt(at).or(position.eq(at).and(todo_list_items::id.ge(other)));
            let is_moved = list.filter(todo_list_items::id.eq(id).or(follows));
            let moved = case_when(todo_list_items::id.ne(id), position + 2).otherwise(at + 1);
            repo.run(diesel::update(is_moved).set(position.eq(moved))).await?
        }
    };
    if n_changed == 0 { Err(QueryError::NotFound) } else { Ok(()) }
}

/// Deletes an item of a user, and returns it for [`restore`].
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item; else when a query fails.
pub async fn delete(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
) -> Result<TodoListItem, QueryError> {
    let item = todo_list_items::table.find(id).filter(todo_list_items::user_id.eq(user_id));
    let deleted = repo.one(item).await?;
    match repo.run(diesel::delete(item)).await? {
        0 => Err(QueryError::NotFound),
        _ => Ok(deleted),
    }
}

/// Brings back an item that was deleted, where it stood.
///
/// # Errors
///
/// [`QueryError::ForeignKeyViolation`] when the user is gone, [`QueryError::UniqueViolation`] when the
/// item is back already; else when the query fails.
pub async fn restore(repo: &Repo, item: TodoListItem) -> Result<(), QueryError> {
    repo.run(diesel::insert_into(todo_list_items::table).values(item)).await?;
    Ok(())
}

/// The last position on a user's list; 0 when it is empty.
async fn last_position(repo: &Repo, user_id: UserId) -> Result<i64, QueryError> {
    let items = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    let last: Option<i64> = repo.one(items.select(max(todo_list_items::position))).await?;
    Ok(last.unwrap_or_default())
}

/// Adds many items, see [`users::insert_all`](crate::users::insert_all).
pub(crate) async fn insert_all(
    transaction: &mut Transaction,
    rows: &[TodoListItem],
) -> Result<(), QueryError> {
    if let Ok(connection) = transaction.postgres() {
        for rows in rows.chunks(ROWS_PER_STATEMENT) {
            let statement = diesel::insert_into(todo_list_items::table).values(rows);
            diesel_async::RunQueryDsl::execute(statement, connection).await?;
        }
        return Ok(());
    }
    for row in rows {
        transaction.run(diesel::insert_into(todo_list_items::table).values(row)).await?;
    }
    Ok(())
}
