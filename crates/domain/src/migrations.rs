//! The history of the tables, embedded in the program, one folder per database.
//!
//! Migrations run on a connection of their own, outside the pool and its limits, and under a lock,
//! so that several instances may start at once: PostgreSQL's advisory lock, SQLite's write lock.
//! Everything here works on any flavour of runtime. The pool's limits on a statement's time do not
//! hold here.

use std::time::Duration;

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl as _, SqliteConnection};
use diesel_async::{
    AnsiTransactionManager, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::config::DatabaseConfig;
use crate::connection::postgres::{self, Opened, PostgresManager, Route};
use crate::connection::{ConnectError, sqlite};
use crate::database_url::{DatabaseUrl, PostgresUrl, SqlitePath};
use crate::repo::QueryError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// What the lock is called among PostgreSQL's advisory locks; any number that is ours alone.
const ADVISORY_LOCK: i64 = 0x006c_7669_6577;

/// How long to wait for another instance's migrations.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// Which migrations have been run, in the table that Diesel keeps of them.
const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations";

/// Why the migrations did not run, or could not be listed.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another instance is migrating and does not come to an end.
    #[error("another instance is migrating and does not come to an end: {0}")]
    Locked(#[source] QueryError),
    /// The database could not do what was asked for a reason of its own, such as a full disk;
    /// nothing was changed.
    #[error("the migrations could not be run: {0}")]
    Database(#[source] QueryError),
    /// A migration failed; it was rolled back.
    #[error("the migrations could not be run: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The thread that ran them ended early, because the program is stopping.
    #[error("the migrations were interrupted")]
    Interrupted,
}

impl From<DieselError> for MigrationError {
    fn from(error: DieselError) -> Self {
        match QueryError::from(error) {
            error @ QueryError::Locked => Self::Locked(error),
            error => Self::Database(error),
        }
    }
}

impl MigrationError {
    /// What a migration failed of: a matter of the database, or of the migration. Its harness
    /// passes on nothing but words.
    fn of_harness(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        match QueryError::of_words(error.to_string()) {
            cause @ QueryError::Locked => Self::Locked(cause),
            cause @ (QueryError::DiskFull | QueryError::Disk(_) | QueryError::ReadOnly) => {
                Self::Database(cause)
            }
            _ => Self::Failed(error),
        }
    }
}

/// What migrating did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The names of the migrations that were run, oldest first.
    pub names: Vec<String>,
    /// Whether none had been run before.
    pub is_new: bool,
}

/// What to do with the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    RunPending,
    RevertAll,
}

/// The names of the migrations that have not been run, oldest first. Changes nothing; a missing
/// SQLite file stays missing.
///
/// # Errors
///
/// When the database cannot be reached or read.
pub async fn pending(config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
    match &config.url {
        DatabaseUrl::Sqlite(path) => {
            let (path, busy_timeout) = (path.clone(), config.busy_timeout);
            aside(move || {
                if !path.as_path().exists() {
                    return without::<Sqlite>(SQLITE, &[]);
                }
                let mut connection = sqlite::open(&path, busy_timeout)?;
                without::<Sqlite>(SQLITE, &applied_sqlite(&mut connection)?)
            })
            .await
        }
        DatabaseUrl::Postgres(url) => {
            let opened = open_postgres(url, config).await?;
            let applied = within(config, url, applied_postgres(&opened.client)).await??;
            without::<Pg>(POSTGRES, &applied)
        }
    }
}

/// Runs what is pending and returns the names.
///
/// On PostgreSQL each migration has a transaction of its own. On SQLite and behind a connection
/// pooler all are one, so there a migration that must run outside of transactions cannot.
///
/// # Errors
///
/// When the database cannot be reached, another instance holds the lock too long, or a migration
/// fails; on PostgreSQL those before it stay.
pub async fn run(config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
    match &config.url {
        DatabaseUrl::Sqlite(path) => Ok(run_sqlite(path, config, |_| Ok(())).await?.names),
        DatabaseUrl::Postgres(url) => perform_postgres(url, config, Action::RunPending).await,
    }
}

/// Runs what is pending on a SQLite file and, when it is new, fills it: all in one transaction, so
/// that a start that fails half-way leaves a file that the next start still takes for new.
///
/// # Errors
///
/// As for [`run`], or when filling fails; then nothing is left behind. On PostgreSQL nobody knows
/// who else uses a database, so nothing is filled there.
pub async fn run_and_fill(
    config: &DatabaseConfig,
    fill: impl FnOnce(&mut SqliteConnection) -> QueryResult<()> + Send + 'static,
) -> Result<Migrated, MigrationError> {
    match &config.url {
        DatabaseUrl::Sqlite(path) => run_sqlite(path, config, fill).await,
        DatabaseUrl::Postgres(_) => Ok(Migrated { names: run(config).await?, is_new: false }),
    }
}

async fn run_sqlite(
    path: &SqlitePath,
    config: &DatabaseConfig,
    fill: impl FnOnce(&mut SqliteConnection) -> QueryResult<()> + Send + 'static,
) -> Result<Migrated, MigrationError> {
    let (path, busy_timeout) = (path.clone(), config.busy_timeout);
    aside(move || {
        change_sqlite(&path, busy_timeout, |connection| {
            let is_new = applied_sqlite(connection)?.is_empty();
            let names = act(connection, SQLITE, Action::RunPending)?;
            if is_new && !names.is_empty() {
                fill(connection)?;
            }
            Ok(Migrated { names, is_new })
        })
    })
    .await
}

/// Takes all migrations back, newest first, **and with them all data**; returns the names.
///
/// # Errors
///
/// As for [`run`].
pub async fn revert_all(config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
    match &config.url {
        DatabaseUrl::Sqlite(path) => {
            let (path, busy_timeout) = (path.clone(), config.busy_timeout);
            let revert = |connection: &mut _| act(connection, SQLITE, Action::RevertAll);
            aside(move || change_sqlite(&path, busy_timeout, revert)).await
        }
        DatabaseUrl::Postgres(url) => perform_postgres(url, config, Action::RevertAll).await,
    }
}

async fn aside<R: Send + 'static>(
    task: impl FnOnce() -> Result<R, MigrationError> + Send + 'static,
) -> Result<R, MigrationError> {
    match tokio::task::spawn_blocking(task).await {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        done => done.map_err(|_| MigrationError::Interrupted)?,
    }
}

fn change_sqlite<R>(
    path: &SqlitePath,
    busy_timeout: Duration,
    change: impl FnOnce(&mut SqliteConnection) -> Result<R, MigrationError>,
) -> Result<R, MigrationError> {
    sqlite::create_directory(path)?;
    let mut connection = sqlite::open(path, busy_timeout)?;
    // Kept aside: SQLite rolls back by itself when the disk is full, and Diesel would tell that
    // there was nothing left to roll back.
    let mut failure = None;
    let changed = connection.immediate_transaction(|connection| {
        change(connection).map_err(|error| {
            failure = Some(error);
            DieselError::RollbackTransaction
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(changed?),
    }
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

fn applied_sqlite(connection: &mut SqliteConnection) -> Result<Vec<String>, MigrationError> {
    match diesel::sql_query(APPLIED).load::<Applied>(connection) {
        Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
        Err(error) => match QueryError::of(&error) {
            QueryError::SchemaOutdated(_) => Ok(Vec::new()),
            _ => Err(error.into()),
        },
    }
}

/// Migrations are synchronous in Diesel and its harness blocks its thread while the driver runs on
/// another, so they get a small runtime of their own; whatever runtime the caller has is free.
async fn perform_postgres(
    url: &PostgresUrl,
    config: &DatabaseConfig,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    let (url, config) = (url.clone(), config.clone());
    aside(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| MigrationError::Failed(error.into()))?;
        runtime.block_on(async move {
            let Opened { client, route, .. } = open_postgres(&url, &config).await?;
            match route {
                Route::Direct => {
                    lock(&client).await?;
                    let connection = session(client).await?;
                    act(&mut AsyncMigrationHarness::new(connection), POSTGRES, action)
                }
                Route::Pooler => behind_pooler(client, action).await,
            }
        })
    })
    .await
}

/// All migrations in one transaction, which a pooler leaves on one session, and the lock with it.
async fn behind_pooler(client: Client, action: Action) -> Result<Vec<String>, MigrationError> {
    let mut connection = session(client).await?;
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({ADVISORY_LOCK}); \
         SET LOCAL lock_timeout = 0",
        LOCK_TIMEOUT.as_millis()
    );
    let begun = AnsiTransactionManager::begin_transaction_sql(&mut connection, &begin).await;
    begun.map_err(|error| MigrationError::Locked(error.into()))?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let names = act(&mut harness, POSTGRES, action)?;
    let mut connection = harness.into_inner();
    // Named statements would stay with the session, where the pooler's next client trips over them.
    connection.batch_execute("DEALLOCATE ALL").await?;
    AnsiTransactionManager::commit_transaction(&mut connection).await?;
    Ok(names)
}

async fn session(client: Client) -> Result<AsyncPgConnection, MigrationError> {
    let connection = AsyncPgConnection::try_from(client).await;
    connection.map_err(|error| MigrationError::Failed(error.into()))
}

/// A connection on which a statement may take as long as the server allows.
async fn open_postgres(
    url: &PostgresUrl,
    config: &DatabaseConfig,
) -> Result<Opened, MigrationError> {
    let manager = PostgresManager::new(url.clone(), config)?;
    Ok(within(config, url, manager.open(Duration::ZERO)).await??)
}

async fn within<T>(
    config: &DatabaseConfig,
    url: &PostgresUrl,
    answer: impl Future<Output = T>,
) -> Result<T, ConnectError> {
    let waited = config.connect_timeout;
    let timed_out = |_| ConnectError::TimedOut { address: postgres::address(url), waited };
    tokio::time::timeout(waited, answer).await.map_err(timed_out)
}

async fn applied_postgres(client: &Client) -> Result<Vec<String>, MigrationError> {
    let messages = match client.simple_query(APPLIED).await {
        Ok(messages) => messages,
        Err(error) => {
            let error = postgres::from_driver(&error);
            return match QueryError::of(&error) {
                QueryError::SchemaOutdated(_) => Ok(Vec::new()),
                _ => Err(error.into()),
            };
        }
    };
    let version = |message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(version).collect())
}

/// Waits for other instances; the lock ends with the connection.
async fn lock(client: &Client) -> Result<(), MigrationError> {
    let sql = format!(
        "SET lock_timeout = {}; SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = 0",
        LOCK_TIMEOUT.as_millis()
    );
    let locked = client.batch_execute(&sql).await.map_err(|error| postgres::from_driver(&error));
    locked.map_err(|error| MigrationError::Locked(error.into()))
}

fn act<DB, H>(
    harness: &mut H,
    migrations: EmbeddedMigrations,
    action: Action,
) -> Result<Vec<String>, MigrationError>
where
    DB: Backend,
    H: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let versions = match action {
        Action::RunPending => harness.run_pending_migrations(migrations),
        Action::RevertAll => harness.revert_all_migrations(migrations),
    };
    let versions = versions.map_err(MigrationError::of_harness)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// The names of the migrations without those applied, oldest first.
fn without<DB>(
    migrations: EmbeddedMigrations,
    applied: &[String],
) -> Result<Vec<String>, MigrationError>
where
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all = MigrationSource::<DB>::migrations(&migrations).map_err(MigrationError::Failed)?;
    let mut names: Vec<String> = all
        .iter()
        .filter(|migration| !applied.contains(&migration.name().version().to_string()))
        .map(|migration| migration.name().to_string())
        .collect();
    names.sort_unstable();
    Ok(names)
}
