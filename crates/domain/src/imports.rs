//! Imports of many users: the tables `imports` and `import_lines`.
//!
//! An import reads its lines part by part into a table that no page reads, so that others can write in between.
//! When all of them are there, one transaction moves them to the tables of the pages: all is saved, or nothing. What
//! an import leaves behind whose server is gone is found by another, which [gives it up](Import::give_up).

mod reason;

use std::time::Duration;

use belvedere_diesel::{Database, QueryError, Repo, Transaction};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use serde_json::{Value, json};

use crate::bulk::{Item, Row};
use crate::id::binary_id;
use crate::schema::{import_lines as lines, imports, lower, todo_list_items as items, users};
use crate::users::{ROWS_PER_STATEMENT, found, now};
use crate::{TodoListItemId, UserId};

pub use reason::Reason;

/// Lines that PostgreSQL moves with one statement, far from the time that one may take.
const LINES_MOVED: i64 = 10_000;

/// How long an import that has ended is told of.
const TOLD_FOR: Duration = Duration::from_secs(60 * 60);

/// Most imports that are told of.
const MAX_TOLD: i64 = 8;

binary_id! {
    /// Identifies an import.
    ImportId
}

/// A row of `imports`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(
    table_name = imports,
    treat_none_as_default_value = false,
    check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg)
)]
pub struct Import {
    /// Identifier.
    pub id: ImportId,
    /// The name of who has begun it.
    pub begun_by: String,
    /// When it was begun, UTC, to the microsecond.
    pub begun_at: NaiveDateTime,
    /// Name of the file.
    pub file: String,
    /// Lines that are to be saved.
    pub n_lines: i64,
    /// Users in them.
    pub n_users: i64,
    /// Lines that were read; grows as long as somebody goes on with it.
    pub n_done: i64,
    /// Whether all of it was saved, or nothing; neither before it has ended.
    pub is_saved: Option<bool>,
    /// Why nothing was saved.
    pub reason: Option<Reason>,
}

impl Import {
    /// One that begins now.
    #[must_use]
    pub fn new(begun_by: String, file: String, n_lines: i64, n_users: i64) -> Self {
        let (id, begun_at) = (ImportId::new(), now());
        let (n_done, is_saved, reason) = (0, None, None);
        Self { id, begun_by, begun_at, file, n_lines, n_users, n_done, is_saved, reason }
    }

    /// One by its identifier, if it is told of.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn find(repo: &Repo, id: ImportId) -> Result<Option<Self>, QueryError> {
        repo.one_or_none(imports::table.find(id)).await
    }

    /// Imports under way on any server, and those begun in the last hour that have ended; the oldest first, eight at
    /// most. One query.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn recent(repo: &Repo) -> Result<Vec<Self>, QueryError> {
        let is_told = imports::is_saved.is_null().or(imports::begun_at.gt(now() - TOLD_FOR));
        let first = (imports::is_saved.is_not_null(), imports::id.desc());
        let recent = imports::table.filter(is_told).order(first).limit(MAX_TOLD);
        let mut recent: Vec<Self> = repo.all(recent).await?;
        recent.sort_by_key(|import| import.id);
        Ok(recent)
    }

    /// Ends one that has gone no further than this, and says whether that was so. Who goes on with it nevertheless is
    /// told that it is not there. One transaction.
    ///
    /// # Errors
    ///
    /// When a query fails.
    pub async fn give_up(&self, repo: &Repo) -> Result<bool, QueryError> {
        let (id, n_done) = (self.id, self.n_done);
        repo.transaction(async move |transaction| {
            let found = imports::table.filter(imports::id.eq(id));
            let found =
                found.filter(imports::n_done.eq(n_done)).filter(imports::is_saved.is_null());
            let given_up = diesel::update(found).set(unsaved(Reason::GivenUp));
            let is_given_up = transaction.run(given_up).await? > 0;
            if is_given_up {
                transaction.run(diesel::delete(lines_of(id))).await?;
            }
            Ok(is_given_up)
        })
        .await
    }

    /// Ends one under way, whoever goes on with it, and says whether it was. Its lines go when the next one begins. One
    /// query, which waits for whoever saves it just now.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn cancel(repo: &Repo, id: ImportId) -> Result<bool, QueryError> {
        let cancelled = diesel::update(under_way(id)).set(unsaved(Reason::Cancelled));
        Ok(repo.run(cancelled).await? > 0)
    }
}

/// Adds the lines of an import in parts. Users are told apart by their names: a row of the name that the last one
/// had, also in the part before, is another item of the same user.
#[derive(Debug)]
pub struct Additions {
    repo: Repo,
    import: Import,
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    id: UserId,
    name: String,
    position: i64,
}

/// A row of `import_lines`.
#[derive(Debug, Insertable)]
#[diesel(table_name = lines, treat_none_as_default_value = false)]
struct Line {
    import_id: ImportId,
    number: i64,
    user_id: UserId,
    name: Option<String>,
    age: Option<i32>,
    item_id: Option<TodoListItemId>,
    task: Option<String>,
    completed: Option<bool>,
    position: Option<i64>,
}

impl Additions {
    /// Begins an import, and forgets those that have ended and are not told of any more. One transaction.
    ///
    /// # Errors
    ///
    /// When a query fails.
    pub async fn begin(repo: &Repo, import: Import) -> Result<Self, QueryError> {
        let row = import.clone();
        repo.transaction(async move |transaction| {
            let ended = imports::table.filter(imports::is_saved.is_not_null());
            let ended = ended.order(imports::id.desc()).select(imports::id);
            let mut ended: Vec<ImportId> = transaction.all(ended).await?;
            let cleared = lines::table.filter(lines::import_id.eq_any(ended.clone()));
            transaction.run(diesel::delete(cleared)).await?;
            let past = ended.split_off(ended.len().min(MAX_TOLD as usize));
            let past = imports::table.filter(imports::id.eq_any(past));
            transaction.run(diesel::delete(past)).await?;
            transaction.run(diesel::insert_into(imports::table).values(row)).await
        })
        .await?;
        Ok(Self { repo: repo.clone(), import, last: None })
    }

    /// Takes some more rows, which nobody sees yet. One transaction.
    ///
    /// # Errors
    ///
    /// [`QueryError::NotFound`] when the import was given up; else when a query fails.
    pub async fn add(&mut self, rows: Vec<Row>) -> Result<(), QueryError> {
        let (id, lines) = (self.import.id, self.lines(rows));
        self.import.n_done += lines.len() as i64;
        let n_done = self.import.n_done;
        // One text for SQLite: Diesel makes a statement of each row, and each of them waits for its thread.
        let text = match self.repo.database() {
            Database::Sqlite => {
                Some(lines.iter().map(Line::to_json).collect::<Value>().to_string())
            }
            Database::Postgres => None,
        };
        self.repo
            .transaction(async move |transaction| {
                let goes_on = diesel::update(under_way(id)).set(imports::n_done.eq(n_done));
                found(transaction.run(goes_on).await?)?;
                insert(transaction, lines, text).await
            })
            .await
    }

    fn lines(&mut self, rows: Vec<Row>) -> Vec<Line> {
        let numbered = (self.import.n_done..).zip(rows);
        let lines = numbered.map(|(number, Row { name, age, item })| {
            let is_another = self.last.as_ref().is_some_and(|last| last.name == name);
            let user = (!is_another).then(|| (name.clone(), age));
            let last = match self.last.take() {
                Some(last) if is_another => last,
                _ => Last { id: UserId::new(), name, position: 0 },
            };
            let last = self.last.insert(last);
            last.position += i64::from(item.is_some());
            let (name, age) = user.unzip();
            let (item_id, position) =
                item.is_some().then(|| (TodoListItemId::new(), last.position)).unzip();
            let (task, completed) = item.map(|Item { task, completed }| (task, completed)).unzip();
            let (import_id, user_id) = (self.import.id, last.id);
            Line { import_id, number, user_id, name, age, item_id, task, completed, position }
        });
        lines.collect()
    }

    /// Saves all that was added, or nothing. One transaction, in which others cannot write to SQLite.
    ///
    /// # Errors
    ///
    /// [`QueryError::UniqueViolation`] with [`NAME_KEY`](crate::users::NAME_KEY) when somebody has a name already,
    /// [`QueryError::CheckViolation`] for what does not do, [`QueryError::NotFound`] when the import was given up; else
    /// when a query fails.
    pub async fn save(&self) -> Result<(), QueryError> {
        let (id, n_lines, is_sqlite) =
            (self.import.id, self.import.n_done, self.repo.database() == Database::Sqlite);
        self.repo
            .transaction(async move |transaction| {
                let saved = diesel::update(under_way(id)).set(imports::is_saved.eq(true));
                found(transaction.run(saved).await?)?;
                if is_sqlite {
                    keep_pages(transaction, 16_000).await?;
                    let saved = save_lines(transaction, id, 0, n_lines).await;
                    keep_pages(transaction, 2_000).await?;
                    saved?;
                } else {
                    for first in (0..n_lines).step_by(LINES_MOVED as usize) {
                        save_lines(transaction, id, first, first + LINES_MOVED).await?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Clears away the lines of an import that was saved. Where that fails they go when the next one begins.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn clear_away(self) -> Result<(), QueryError> {
        self.repo.run(diesel::delete(lines_of(self.import.id))).await?;
        Ok(())
    }

    /// Leaves nothing of an import but why it was not saved. One transaction.
    ///
    /// # Errors
    ///
    /// When a query fails. Then another server gives it up after a while.
    pub async fn end(self, reason: Reason) -> Result<(), QueryError> {
        let id = self.import.id;
        self.repo
            .transaction(async move |transaction| {
                transaction.run(diesel::update(under_way(id)).set(unsaved(reason))).await?;
                transaction.run(diesel::delete(lines_of(id))).await
            })
            .await?;
        Ok(())
    }
}

impl Line {
    fn to_json(&self) -> Value {
        let Self { number, name, age, task, completed, position, .. } = self;
        let (import, user) = (self.import_id.to_string(), self.user_id.to_string());
        let item = self.item_id.map(|id| id.to_string());
        json!([import, number, user, name, age, item, task, completed, position])
    }
}

async fn insert(
    transaction: &mut Transaction,
    lines: Vec<Line>,
    text: Option<String>,
) -> Result<(), QueryError> {
    if let Some(text) = text {
        let statement = diesel::sql_query(
            "INSERT INTO import_lines \
             (import_id, number, user_id, name, age, item_id, task, completed, position) \
             SELECT unhex(value ->> 0, '-'), value ->> 1, unhex(value ->> 2, '-'), value ->> 3, \
             value ->> 4, unhex(value ->> 5, '-'), value ->> 6, value ->> 7, value ->> 8 \
             FROM json_each(?)",
        );
        transaction.run(statement.bind::<Text, _>(text)).await?;
        return Ok(());
    }
    for lines in lines.chunks(ROWS_PER_STATEMENT) {
        let statement = diesel::insert_into(lines::table).values(lines);
        diesel_async::RunQueryDsl::execute(statement, transaction.postgres()?).await?;
    }
    Ok(())
}

/// Moves the lines from `first` to before `end` to the tables of the pages.
async fn save_lines(
    transaction: &mut Transaction,
    id: ImportId,
    first: i64,
    end: i64,
) -> Result<(), QueryError> {
    let now = now();
    let own = lines_of(id).filter(lines::number.ge(first)).filter(lines::number.lt(end));
    let time = || now.into_sql::<Timestamp>();

    let name = lines::name.assume_not_null();
    let new_users = own.filter(lines::name.is_not_null());
    // In the order of two indexes, each of whose pages is written once.
    let new_users = new_users.order(lower(name)).select((
        lines::user_id,
        name,
        lines::age.assume_not_null(),
        time(),
        time(),
    ));
    let columns = (users::id, users::name, users::age, users::inserted_at, users::updated_at);
    transaction.run(new_users.insert_into(users::table).into_columns(columns)).await?;

    let new_items = own.filter(lines::item_id.is_not_null()).order(lines::number).select((
        lines::item_id.assume_not_null(),
        lines::task.assume_not_null(),
        lines::completed.assume_not_null(),
        lines::user_id,
        time(),
        time(),
        lines::position.assume_not_null(),
    ));
    let columns = items::all_columns;
    transaction.run(new_items.insert_into(items::table).into_columns(columns)).await?;
    Ok(())
}

/// How much of the file SQLite keeps in memory on this connection, in KiB: with the 2 MB that are its default it writes
/// pages of large indexes again and again.
async fn keep_pages(transaction: &mut Transaction, kib: u32) -> Result<(), QueryError> {
    transaction.run(diesel::sql_query(format!("PRAGMA cache_size = -{kib}"))).await?;
    Ok(())
}

/// How an import ends of which nothing is saved.
#[diesel::dsl::auto_type]
fn unsaved(reason: Reason) -> _ {
    (imports::is_saved.eq(false), imports::reason.eq(reason))
}

/// An import that has not ended.
#[diesel::dsl::auto_type]
fn under_way(id: ImportId) -> _ {
    imports::table.filter(imports::id.eq(id)).filter(imports::is_saved.is_null())
}

#[diesel::dsl::auto_type]
fn lines_of(id: ImportId) -> _ {
    lines::table.filter(lines::import_id.eq(id))
}
