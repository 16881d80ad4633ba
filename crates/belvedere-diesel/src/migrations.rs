//! The history of an application's tables, embedded in its program, one folder per database.
//!
//! Migrations run on a connection of their own, outside the pool and its limits, and under a lock,
//! so that several instances may start at once: PostgreSQL's advisory lock, SQLite's write lock.
//! Everything here works on any flavour of runtime. The pool's limits on a statement's time do not
//! hold here.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel::result::Error as DieselError;
#[cfg(feature = "sqlite")]
use diesel::{QueryResult, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use thiserror::Error;

use crate::config::DatabaseConfig;
use crate::connection::ConnectError;
use crate::database_url::DatabaseUrl;
use crate::repo::{Database, QueryError};

/// The migrations of an application: a folder for each database that it runs on.
///
/// ```
/// use belvedere_diesel::Migrations;
/// use diesel_migrations::{EmbeddedMigrations, embed_migrations};
///
/// const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations");
/// const MIGRATIONS: Migrations = Migrations::new().with_sqlite(&SQLITE);
/// ```
#[derive(Clone, Copy, Default)]
pub struct Migrations {
    sqlite: Option<&'static EmbeddedMigrations>,
    postgres: Option<&'static EmbeddedMigrations>,
}

impl fmt::Debug for Migrations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Migrations")
            .field("sqlite", &self.sqlite.is_some())
            .field("postgres", &self.postgres.is_some())
            .finish()
    }
}

/// A folder of migrations as a source of them.
struct Folder(&'static EmbeddedMigrations);

impl<DB: Backend> MigrationSource<DB> for Folder {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        self.0.migrations()
    }
}

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
    /// The application has no migrations for this database.
    #[error("there are no migrations for {0}: add them with `Migrations::with_…`")]
    NoneFor(Database),
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

impl Migrations {
    /// None, to which folders are added.
    #[must_use]
    pub const fn new() -> Self {
        Self { sqlite: None, postgres: None }
    }

    /// These, for SQLite.
    #[must_use]
    pub const fn with_sqlite(self, migrations: &'static EmbeddedMigrations) -> Self {
        Self { sqlite: Some(migrations), ..self }
    }

    /// These, for PostgreSQL.
    #[must_use]
    pub const fn with_postgres(self, migrations: &'static EmbeddedMigrations) -> Self {
        Self { postgres: Some(migrations), ..self }
    }

    /// The names of the migrations that have not been run, oldest first. Changes nothing; a missing
    /// SQLite file stays missing.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or read.
    pub async fn pending(&self, config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
        match config.url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(ref path) => sqlite::pending(self.sqlite()?, path, config).await,
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(ref url) => {
                postgres::pending(self.postgres()?, url, config).await
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
    /// When the database cannot be reached, another instance holds the lock too long, or a
    /// migration fails; on PostgreSQL those before it stay. Also when PostgreSQL stops answering in the middle:
    /// three new connections in a row, each within [`connect_timeout`](DatabaseConfig::connect_timeout). Behind a
    /// pooler that is seen only past it, at [`direct_url`](DatabaseConfig::direct_url).
    pub async fn run(&self, config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
        match config.url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(ref path) => {
                let nothing = |_: &mut SqliteConnection| Ok(());
                Ok(sqlite::run(self.sqlite()?, path, config, nothing).await?.names)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(ref url) => {
                postgres::perform(self.postgres()?, url, config, Action::RunPending).await
            }
        }
    }

    /// Runs what is pending on a SQLite file and, when it is new, fills it: all in one transaction,
    /// so that a start that fails half-way leaves a file that the next start still takes for new.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run), or when filling fails; then nothing is left behind. On PostgreSQL
    /// nobody knows who else uses a database, so nothing is filled there.
    #[cfg(feature = "sqlite")]
    pub async fn run_and_fill(
        &self,
        config: &DatabaseConfig,
        fill: impl FnOnce(&mut SqliteConnection) -> QueryResult<()> + Send + 'static,
    ) -> Result<Migrated, MigrationError> {
        match config.url {
            DatabaseUrl::Sqlite(ref path) => sqlite::run(self.sqlite()?, path, config, fill).await,
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => {
                Ok(Migrated { names: self.run(config).await?, is_new: false })
            }
        }
    }

    /// Takes all migrations back, newest first, **and with them all data**; returns the names.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    pub async fn revert_all(&self, config: &DatabaseConfig) -> Result<Vec<String>, MigrationError> {
        match config.url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(ref path) => sqlite::revert_all(self.sqlite()?, path, config).await,
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(ref url) => {
                postgres::perform(self.postgres()?, url, config, Action::RevertAll).await
            }
        }
    }

    /// The names of all migrations for PostgreSQL.
    #[cfg(all(feature = "postgres", feature = "testing"))]
    pub(crate) fn names_on_postgres(&self) -> Result<Vec<String>, MigrationError> {
        without::<diesel::pg::Pg>(&self.postgres()?, &[])
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&self) -> Result<Folder, MigrationError> {
        self.sqlite.map(Folder).ok_or(MigrationError::NoneFor(Database::Sqlite))
    }

    #[cfg(feature = "postgres")]
    fn postgres(&self) -> Result<Folder, MigrationError> {
        self.postgres.map(Folder).ok_or(MigrationError::NoneFor(Database::Postgres))
    }
}

/// Runs blocking work on another thread.
async fn aside<R: Send + 'static>(
    task: impl FnOnce() -> Result<R, MigrationError> + Send + 'static,
) -> Result<R, MigrationError> {
    match tokio::task::spawn_blocking(task).await {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        done => done.map_err(|_| MigrationError::Interrupted)?,
    }
}

fn act<DB, H>(
    harness: &mut H,
    migrations: Folder,
    action: Action,
) -> Result<Vec<String>, MigrationError>
where
    DB: Backend,
    H: MigrationHarness<DB>,
{
    let versions = match action {
        Action::RunPending => harness.run_pending_migrations(migrations),
        Action::RevertAll => harness.revert_all_migrations(migrations),
    };
    let versions = versions.map_err(MigrationError::of_harness)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// The names of the migrations without those applied, oldest first.
fn without<DB: Backend>(
    migrations: &Folder,
    applied: &[String],
) -> Result<Vec<String>, MigrationError> {
    let all = MigrationSource::<DB>::migrations(migrations).map_err(MigrationError::Failed)?;
    let mut names: Vec<String> = all
        .iter()
        .filter(|migration| !applied.contains(&migration.name().version().to_string()))
        .map(|migration| migration.name().to_string())
        .collect();
    names.sort_unstable();
    Ok(names)
}
