//! What people have to do: the table `todo_list_items`, its row, and its queries.
//!
//! Whoever changes an item names its owner too, so that nobody reaches another person's list by
//! guessing an identifier.

use belvedere_diesel::{QueryError, Repo, Transaction};
use chrono::NaiveDateTime;
use chrono::naive::serde::ts_microseconds;
use diesel::dsl::{case_when, count_star, max};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::binary_id;
use crate::schema::todo_list_items;
use crate::users::{ROWS_PER_STATEMENT, UserId, found, now, sqlite_time};

/// Most items of a user. Several who add one at the same moment may go beyond it by as many.
pub const MAX_ITEMS: usize = 1_000;

/// Most characters of a task.
pub const MAX_TASK_CHARS: usize = 200;

binary_id! {
    /// Identifies an item of a todo list.
    TodoListItemId
}

/// A row of `todo_list_items`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, Serialize, Deserialize)]
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
    #[serde(with = "ts_microseconds")]
    pub inserted_at: NaiveDateTime,
    /// When its task, or whether it is done, last changed, UTC, to the microsecond. Its place is no change of
    /// its own: it moves whenever another one does.
    #[serde(with = "ts_microseconds")]
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

/// The first items of one user, in the order of the list; one more than [`MAX_ITEMS`] where there are more, as
/// from a time without that rule. One query.
///
/// # Errors
///
/// When the query fails.
pub async fn list_of_user(repo: &Repo, user_id: UserId) -> Result<Vec<TodoListItem>, QueryError> {
    repo.all(of_user(user_id).limit(MAX_ITEMS as i64 + 1)).await
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

/// Why an item was not added.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AddError {
    /// The user has as many as anybody may have.
    #[error("the list is full")]
    Full,
    /// A query has failed.
    #[error("the item was not added")]
    Query(#[from] QueryError),
}

/// Adds an item at the end of its list. Two queries.
///
/// # Errors
///
/// [`AddError::Full`] when the user has [`MAX_ITEMS`]; of a query [`QueryError::ForeignKeyViolation`] when
/// there is no such user, [`QueryError::CheckViolation`] when the task is blank or too long; else when a query
/// fails.
pub async fn insert(repo: &Repo, item: NewTodoListItem) -> Result<TodoListItem, AddError> {
    let list = todo_list_items::table.filter(todo_list_items::user_id.eq(item.user_id));
    let extent = list.select((count_star(), max(todo_list_items::position)));
    let (n_items, last) = repo.one(extent).await?;
    let item = item.into_row(room_after(n_items, last)?);
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
    found(repo.run(diesel::update(item).set(changes)).await?)
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
    found(repo.run(diesel::update(item).set(changes)).await?)
}

/// Where an item is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
            let last = repo.one_or_none(last_positions(user_id).limit(1)).await?;
            repo.run(diesel::update(list.find(id)).set(position.eq(after(last)))).await?
        }
        Place::Before(other) => {
            let both = list.filter(todo_list_items::id.eq_any([id, other]));
            let both = both.select((todo_list_items::id, position));
            let both: Vec<(TodoListItemId, i64)> = repo.all(both).await?;
            let of = |wanted| both.iter().find(|(id, _)| *id == wanted).map(|(_, at)| *at);
            let (Some(_), Some(at)) = (of(id), of(other)) else {
                return Err(QueryError::NotFound);
            };
            // What follows makes room for it.
            let is_moved = list.filter(todo_list_items::id.eq(id).or(stands_from(at, other)));
            let moved = case_when(todo_list_items::id.ne(id), position + 2).otherwise(at + 1);
            repo.run(diesel::update(is_moved).set(position.eq(moved))).await?
        }
    };
    found(n_changed)
}

/// What was deleted, by which [`restore`] undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedItem {
    /// The item.
    pub item: TodoListItem,
    /// Where it stood: before the one that followed it, or at the end.
    pub place: Place,
}

/// Deletes an item of a user.
///
/// # Errors
///
/// [`QueryError::NotFound`] when the user has no such item; else when a query fails.
pub async fn delete(
    repo: &Repo,
    user_id: UserId,
    id: TodoListItemId,
) -> Result<DeletedItem, QueryError> {
    repo.transaction(async move |transaction| {
        let item = lock(transaction, user_id, id).await?.ok_or(QueryError::NotFound)?;
        let list = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
        let follows = stands_from(item.position, id).and(todo_list_items::id.ne(id));
        let follows = list.filter(follows).order((todo_list_items::position, todo_list_items::id));
        let next = transaction.one_or_none(follows.select(todo_list_items::id).limit(1)).await?;
        transaction.run(diesel::delete(list.find(id))).await?;
        Ok(DeletedItem { item, place: next.map_or(Place::Last, Place::Before) })
    })
    .await
}

/// Brings back an item that was deleted, before the one that followed it, wherever that is by now; at its
/// old position when that one is gone too.
///
/// # Errors
///
/// [`AddError::Full`] when others have filled the list meanwhile; of a query
/// [`QueryError::ForeignKeyViolation`] when the user is gone, [`QueryError::UniqueViolation`] when the item is
/// back already; else when a query fails. Then nothing is changed.
pub async fn restore(repo: &Repo, deleted: DeletedItem) -> Result<(), AddError> {
    let DeletedItem { mut item, place } = deleted;
    repo.transaction(async move |transaction| {
        let list = todo_list_items::table.filter(todo_list_items::user_id.eq(item.user_id));
        let position = todo_list_items::position;
        let next = match place {
            Place::Last => TodoListItemId::NIL,
            Place::Before(next) => next,
        };
        let of_next = case_when(todo_list_items::id.eq(next), position);
        let extent = list.select((count_star(), max(position), max(of_next)));
        let extent: Option<(i64, _, Option<i64>)> = transaction.one_or_none(extent).await?;
        let (n_items, last, at) = extent.unwrap_or_default();
        let end = room_after(n_items, last)?;
        if place == Place::Last {
            item.position = end;
        } else if let Some(at) = at {
            let follows = list.filter(stands_from(at, next));
            transaction.run(diesel::update(follows).set(position.eq(position + 2))).await?;
            item.position = at + 1;
        }
        transaction.run(diesel::insert_into(todo_list_items::table).values(item)).await?;
        Ok(())
    })
    .await
}

/// An item of a user, which nobody else changes until the transaction ends: on SQLite one writes at a
/// time, PostgreSQL locks the row.
async fn lock(
    transaction: &mut Transaction,
    user_id: UserId,
    id: TodoListItemId,
) -> Result<Option<TodoListItem>, QueryError> {
    let item = todo_list_items::table.find(id).filter(todo_list_items::user_id.eq(user_id));
    if let Ok(connection) = transaction.postgres() {
        let locked = diesel_async::RunQueryDsl::first(item.for_update(), connection).await;
        return Ok(locked.optional()?);
    }
    transaction.one_or_none(item).await
}

/// The first items of one user, as [`list_of_user`], locked as by [`lock`].
pub(crate) async fn lock_of_user(
    transaction: &mut Transaction,
    user_id: UserId,
) -> Result<Vec<TodoListItem>, QueryError> {
    if let Ok(connection) = transaction.postgres() {
        let items = of_user(user_id).limit(MAX_ITEMS as i64 + 1).for_update();
        return Ok(diesel_async::RunQueryDsl::load(items, connection).await?);
    }
    transaction.all(of_user(user_id).limit(MAX_ITEMS as i64 + 1)).await
}

/// Whether an item is the one at a position, or follows it. Of one position can be several: two people
/// who move items at the same time make them.
#[diesel::dsl::auto_type]
fn stands_from(at: i64, id: TodoListItemId) -> _ {
    let position = todo_list_items::position;
    position.gt(at).or(position.eq(at).and(todo_list_items::id.ge(id)))
}

/// The query for the positions on a user's list, the last one first.
#[diesel::dsl::auto_type]
fn last_positions(user_id: UserId) -> _ {
    let items = todo_list_items::table.filter(todo_list_items::user_id.eq(user_id));
    items.select(todo_list_items::position).order(todo_list_items::position.desc())
}

/// Where an item comes that is added at the end of a list of so many, if there is room.
fn room_after(n_items: i64, last: Option<i64>) -> Result<i64, AddError> {
    match n_items < MAX_ITEMS as i64 {
        true => Ok(after(last)),
        false => Err(AddError::Full),
    }
}

/// The position after the last one of a list.
fn after(last: Option<i64>) -> i64 {
    last.map_or(1, |last| last + 1)
}

/// Adds many items, see [`users::insert_all`](crate::users::insert_all).
pub(crate) async fn insert_all(
    transaction: &mut Transaction,
    rows: &[TodoListItem],
) -> Result<(), QueryError> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        if let Ok(connection) = transaction.postgres() {
            let statement = diesel::insert_into(todo_list_items::table).values(rows);
            diesel_async::RunQueryDsl::execute(statement, connection).await?;
            continue;
        }
        let rows = rows.iter().map(|item| {
            let ids = (item.id.to_string(), item.user_id.to_string());
            let [inserted_at, updated_at] = [item.inserted_at, item.updated_at].map(sqlite_time);
            let TodoListItem { task, completed, position, .. } = item;
            json!([ids.0, task, completed, ids.1, inserted_at, updated_at, position])
        });
        let statement = diesel::sql_query(
            "INSERT INTO todo_list_items \
             (id, task, completed, user_id, inserted_at, updated_at, position) \
             SELECT unhex(value ->> 0, '-'), value ->> 1, value ->> 2, unhex(value ->> 3, '-'), \
             value ->> 4, value ->> 5, value ->> 6 FROM json_each(?)",
        );
        transaction.run(statement.bind::<Text, _>(rows.collect::<Value>().to_string())).await?;
    }
    Ok(())
}
