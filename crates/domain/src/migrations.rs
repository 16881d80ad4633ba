//! The history of the tables, embedded in the program, one folder per database.
//!
//! Migrations run on a connection of their own, outside the pool and its limits, and under a lock,
//! so that several instances may start at once: PostgreSQL's advisory lock, SQLite's write lock.
//! Everything here works on any flavour of runtime.

use std::time::Duration;

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::sqlite::Sqlite;
use diesel_async::{AsyncMigrationHarness, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;

use crate::config::DatabaseConfig;
use crate::connection::postgres::{PostgresConnection, PostgresManager};
use crate::connection::{ConnectError, sqlite};
use crate::database_url::{DatabaseUrl, PostgresUrl, SqlitePath};
use crate::repo::QueryError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// What the lock is called among PostgreSQL's advisory locks; any number that is ours alone.
const ADVISORY_LOCK: i64 = 0x006c_7669_6577;

/// How long to wait for another instance's migrations.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// Why the migrations did not run, or could not be listed.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another instance is migrating and does not come to an end.
    #[error("another instance has been migrating for more than {LOCK_TIMEOUT:?}: {0}")]
    Locked(QueryError),
    /// A migration failed; it was rolled back.
    #[error("the migrations could not be run: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The thread that ran them ended early, because the program is stopping.
    #[error("the migrations were interrupted")]
    Interrupted,
}

/// What to do with the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    ListPending,
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
    perform(config, Action::ListPending).await
}

/// Runs what is pending, each migration in a transaction of its own, and returns the names.
///
/// # Errors
///
/// When the database cannot be reached, another instance holds the lock too long, or a migration
/// fails; those before it stay.
pub async fn run(config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
    perform(config, Action::RunPending).await
}

/// Takes all migrations back, newest first, **and with them all data**; returns the names.
///
/// # Errors
///
/// As for [`run`].
pub async fn revert_all(config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
    perform(config, Action::RevertAll).await
}

async fn perform(config: &DatabaseConfig, action: Action) -> Result<Vec<String>, MigrationError> {
    match &config.url {
        DatabaseUrl::Sqlite(path) => {
            sqlite::in_place(|| perform_sqlite(path, config.busy_timeout, action))
        }
        DatabaseUrl::Postgres(url) => perform_postgres(url, config, action).await,
    }
}

fn perform_sqlite(
    path: &SqlitePath,
    busy_timeout: Duration,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    if action == Action::ListPending && !path.as_path().exists() {
        return names::<Sqlite>(SQLITE);
    }
    sqlite::create_directory(path)?;
    let mut connection = sqlite::open(path, busy_timeout)?;
    if action == Action::ListPending {
        return act(&mut connection, SQLITE, action);
    }
    connection.immediate_transaction(|connection| act(connection, SQLITE, action))
}

impl From<diesel::result::Error> for MigrationError {
    /// Only beginning and committing SQLite's transaction fail in this way.
    fn from(error: diesel::result::Error) -> Self {
        Self::Locked(error.into())
    }
}

/// Migrations are synchronous in Diesel and its harness blocks its thread while the driver runs on
/// another, so they get a small runtime of their own; whatever runtime the caller has is free.
async fn perform_postgres(
    url: &PostgresUrl,
    config: &DatabaseConfig,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    let manager = PostgresManager::new(url.clone(), config)?;
    let connect_timeout = config.connect_timeout;
    let address = crate::connection::postgres::address(url);
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| MigrationError::Failed(error.into()))?;
        runtime.block_on(async move {
            let connected = tokio::time::timeout(connect_timeout, manager.connect()).await;
            let mut connection = connected
                .map_err(|_| ConnectError::TimedOut { address, waited: connect_timeout })??;
            if action != Action::ListPending {
                lock(&mut connection).await?;
            }
            act(&mut AsyncMigrationHarness::new(connection), POSTGRES, action)
        })
    })
    .await
    .map_err(|_| MigrationError::Interrupted)?
}

/// Waits for other instances; the lock ends with the connection.
async fn lock(connection: &mut PostgresConnection) -> Result<(), MigrationError> {
    let sql = format!(
        "SET lock_timeout = {}; SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = 0",
        LOCK_TIMEOUT.as_millis()
    );
    connection.batch_execute(&sql).await.map_err(|error| MigrationError::Locked(error.into()))
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
    match action {
        Action::ListPending => harness
            .pending_migrations(migrations)
            .map(|pending| pending.iter().map(|migration| migration.name().to_string()).collect()),
        Action::RunPending => harness
            .run_pending_migrations(migrations)
            .map(|versions| versions.iter().map(ToString::to_string).collect()),
        Action::RevertAll => harness
            .revert_all_migrations(migrations)
            .map(|versions| versions.iter().map(ToString::to_string).collect()),
    }
    .map_err(MigrationError::Failed)
}

fn names<DB>(migrations: EmbeddedMigrations) -> Result<Vec<String>, MigrationError>
where
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut names: Vec<String> = MigrationSource::<DB>::migrations(&migrations)
        .map_err(MigrationError::Failed)?
        .iter()
        .map(|migration| migration.name().to_string())
        .collect();
    names.sort_unstable();
    Ok(names)
}
