//! People: the table `users`, its row, and its queries.

mod page;

pub use page::{Direction, PAGE_ROWS, Page, Sort, page};

use belvedere_diesel::{QueryError, Repo, Transaction};
use chrono::naive::serde::ts_microseconds;
use chrono::{NaiveDateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::binary_id;
use crate::schema::{todo_list_items, users};
use crate::todo_list_items::{self as items, TodoListItem};

/// Most characters of a name.
pub const MAX_NAME_CHARS: usize = 100;

/// The name of the constraint that no two names may differ only in the case of A to Z.
pub const NAME_KEY: &str = "users_name_key";

/// Rows per statement: on PostgreSQL far below its 65,535 values at seven values a row.
pub(crate) const ROWS_PER_STATEMENT: usize = 1_000;

binary_id! {
    /// Identifies a user.
    UserId
}

/// A row of `users`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, Serialize, Deserialize)]
#[diesel(
    table_name = users,
    treat_none_as_default_value = false,
    check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg)
)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Full name, not blank, at most [`MAX_NAME_CHARS`] long.
    pub name: String,
    /// Age in years, 0 to 150.
    pub age: i32,
    /// When the row was made, UTC, to the microsecond.
    #[serde(with = "ts_microseconds")]
    pub inserted_at: NaiveDateTime,
    /// When the row last changed, UTC, to the microsecond.
    #[serde(with = "ts_microseconds")]
    pub updated_at: NaiveDateTime,
}

/// What a new user needs; the database checks the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Full name, not blank, at most [`MAX_NAME_CHARS`] long.
    pub name: String,
    /// Age in years, 0 to 150.
    pub age: i32,
}

impl NewUser {
    /// The row this will be, with an identifier and the time of now.
    pub(crate) fn into_row(self) -> User {
        let now = now();
        User {
            id: UserId::new(),
            name: self.name,
            age: self.age,
            inserted_at: now,
            updated_at: now,
        }
    }
}

/// The current time in the precision that both databases keep.
pub(crate) fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}

/// What a change of one row comes to that has met so many.
pub(crate) fn found(n_rows: usize) -> Result<(), QueryError> {
    match n_rows {
        0 => Err(QueryError::NotFound),
        _ => Ok(()),
    }
}

/// The first users, at most `n_users`, ordered by name in byte order, then by identifier. One query.
///
/// # Errors
///
/// When the query fails.
pub async fn list(repo: &Repo, n_users: u32) -> Result<Vec<User>, QueryError> {
    repo.all(users::table.order((users::name, users::id)).limit(n_users.into())).await
}

/// The users of [`list`] with the number of items on their list. One query, however many users there are.
///
/// # Errors
///
/// When the query fails.
pub async fn list_with_todo_counts(
    repo: &Repo,
    n_users: u32,
) -> Result<Vec<(User, i64)>, QueryError> {
    // They are chosen first: the items of these alone are counted, however many users there are.
    let chosen = diesel::alias!(users as chosen);
    let (id, name) = (chosen.field(users::id), chosen.field(users::name));
    let first = chosen.order((name, id)).limit(n_users.into()).select(id);
    repo.all(
        users::table
            .left_join(todo_list_items::table)
            .filter(users::id.eq_any(first))
            .group_by(users::id)
            .select((users::all_columns, diesel::dsl::count(todo_list_items::id.nullable())))
            .order((users::name, users::id)),
    )
    .await
}

/// One user, if there is one with this identifier.
///
/// # Errors
///
/// When the query fails.
pub async fn find(repo: &Repo, id: UserId) -> Result<Option<User>, QueryError> {
    repo.one_or_none(users::table.find(id)).await
}

/// How many users there are.
///
/// # Errors
///
/// When the query fails.
pub async fn count(repo: &Repo) -> Result<i64, QueryError> {
    repo.one(users::table.count()).await
}

/// Whether there is no user at all, as on the first start.
///
/// # Errors
///
/// When the query fails.
pub async fn is_empty(repo: &Repo) -> Result<bool, QueryError> {
    let first: Option<UserId> = repo.one_or_none(users::table.select(users::id).limit(1)).await?;
    Ok(first.is_none())
}

/// Adds a user.
///
/// # Errors
///
/// [`QueryError::UniqueViolation`] of [`NAME_KEY`] when somebody has that name, be it in another case
/// of A to Z, [`QueryError::CheckViolation`] when the name is blank or too long or the age out of
/// range; else when the query fails.
pub async fn insert(repo: &Repo, user: NewUser) -> Result<User, QueryError> {
    let user = user.into_row();
    repo.run(diesel::insert_into(users::table).values(user.clone())).await?;
    Ok(user)
}

/// Gives a user another name and age.
///
/// # Errors
///
/// [`QueryError::NotFound`] when there is no such user; else as for [`insert`].
pub async fn update(repo: &Repo, id: UserId, user: NewUser) -> Result<(), QueryError> {
    let changes = (users::name.eq(user.name), users::age.eq(user.age), users::updated_at.eq(now()));
    found(repo.run(diesel::update(users::table.find(id)).set(changes)).await?)
}

/// What was deleted with a user, by which [`restore`] undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedUser {
    /// The user.
    pub user: User,
    /// The items of the list, in its order, at most [`MAX_ITEMS`](items::MAX_ITEMS). None of a list that was
    /// longer, as one from a time without that rule may be: it cannot be brought back.
    pub items: Option<Vec<TodoListItem>>,
}

/// Deletes a user and, by the database's rule, the items of the user's list. What others are about to
/// change or add is in what is returned, or comes too late.
///
/// # Errors
///
/// [`QueryError::NotFound`] when there is no such user; else when the query fails.
pub async fn delete(repo: &Repo, id: UserId) -> Result<DeletedUser, QueryError> {
    repo.transaction(async move |transaction| {
        let user = lock(transaction, id).await?.ok_or(QueryError::NotFound)?;
        let items = items::lock_of_user(transaction, id).await?;
        let items = Some(items).filter(|items| items.len() <= items::MAX_ITEMS);
        transaction.run(diesel::delete(users::table.find(id))).await?;
        Ok(DeletedUser { user, items })
    })
    .await
}

/// A user, whom nobody else changes or gives an item until the transaction ends: on SQLite one writes at a
/// time, PostgreSQL locks the row.
async fn lock(transaction: &mut Transaction, id: UserId) -> Result<Option<User>, QueryError> {
    let user = users::table.find(id);
    if let Ok(connection) = transaction.postgres() {
        let locked = diesel_async::RunQueryDsl::first(user.for_update(), connection).await;
        return Ok(locked.optional()?);
    }
    transaction.one_or_none(user).await
}

/// Brings back a user who was deleted, with the list as it was.
///
/// # Errors
///
/// [`QueryError::UniqueViolation`] when the user is back already or, with [`NAME_KEY`], when somebody
/// else has the name by now, [`QueryError::NotFound`] when the list was too long to be kept; else when the
/// query fails. Then nothing is changed.
pub async fn restore(repo: &Repo, deleted: DeletedUser) -> Result<(), QueryError> {
    let DeletedUser { user, items } = deleted;
    let items = items.ok_or(QueryError::NotFound)?;
    repo.transaction(async move |transaction| {
        insert_all(transaction, &[user]).await?;
        items::insert_all(transaction, &items).await
    })
    .await
}

/// Adds many users in few statements.
pub(crate) async fn insert_all(
    transaction: &mut Transaction,
    rows: &[User],
) -> Result<(), QueryError> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        if let Ok(connection) = transaction.postgres() {
            let statement = diesel::insert_into(users::table).values(rows);
            diesel_async::RunQueryDsl::execute(statement, connection).await?;
            continue;
        }
        // Diesel makes a statement of each row for SQLite, and each of them waits for its thread.
        let rows = rows.iter().map(|user| {
            let (id, times) = (user.id.to_string(), [user.inserted_at, user.updated_at]);
            let [inserted_at, updated_at] = times.map(sqlite_time);
            json!([id, user.name, user.age, inserted_at, updated_at])
        });
        let statement = diesel::sql_query(
            "INSERT INTO users (id, name, age, inserted_at, updated_at) \
             SELECT unhex(value ->> 0, '-'), value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
             FROM json_each(?)",
        );
        transaction.run(statement.bind::<Text, _>(rows.collect::<Value>().to_string())).await?;
    }
    Ok(())
}

/// A time as Diesel writes it into a text of SQLite.
pub(crate) fn sqlite_time(time: NaiveDateTime) -> String {
    time.format("%F %T%.f").to_string()
}
