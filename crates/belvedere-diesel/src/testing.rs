//! A database of its own for each test: a SQLite file, or one on a PostgreSQL server that the test
//! process starts itself and that ends with it.
//!
//! ```
//! use belvedere_diesel::testing::on_each_database;
//! use belvedere_diesel::{DatabaseConfig, Migrations};
//! # use diesel_migrations::{EmbeddedMigrations, embed_migrations};
//! # const FOLDER: EmbeddedMigrations = embed_migrations!("tests/migrations");
//! # const MIGRATIONS: Migrations = Migrations::new().with_sqlite(&FOLDER).with_postgres(&FOLDER);
//! use diesel::prelude::*;
//!
//! diesel::table! { notes (id) { id -> Integer, text -> Text, topic -> Text, } }
//!
//! # #[tokio::main]
//! # async fn main() {
//! let test = "there_is_nothing_at_first";
//! on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database| {
//!     let count: i64 = database.repo.one(notes::table.count()).await.expect("a count");
//!     assert_eq!(count, 0);
//! })
//! .await;
//! # }
//! ```

#[cfg(feature = "postgres")]
mod pgbouncer;
#[cfg(feature = "postgres")]
mod postgres_server;
#[cfg(feature = "postgres")]
mod shared_server;

#[cfg(feature = "postgres")]
pub use pgbouncer::{PgBouncer, StartupOptions};
#[cfg(feature = "postgres")]
pub use postgres_server::{PostgresServer, ServerCertificate, StartError};
#[cfg(feature = "postgres")]
pub use shared_server::own_server;

use std::fmt;
use std::io::Write as _;

use tempfile::TempDir;

use crate::config::DatabaseConfig;
use crate::database_url::DatabaseUrl;
use crate::migrations::Migrations;
use crate::repo::Repo;

/// A migrated, empty database that one test has to itself.
pub struct TestDatabase {
    /// A way to it, with four connections at most.
    pub repo: Repo,
    /// Its settings, for tests that connect themselves.
    pub config: DatabaseConfig,
    /// Its URL, for tests that start a program.
    pub url: String,
    /// The directory of a SQLite file, removed on drop.
    directory: Option<TempDir>,
}

impl fmt::Debug for TestDatabase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestDatabase").field("url", &self.url).finish_non_exhaustive()
    }
}

impl TestDatabase {
    /// A SQLite file, removed with this value. Works on any flavour of runtime.
    ///
    /// `configure` is the application's own way from a URL to its settings, or
    /// [`DatabaseConfig::new`].
    ///
    /// # Panics
    ///
    /// When the file cannot be made.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(
        migrations: Migrations,
        configure: impl Fn(DatabaseUrl) -> DatabaseConfig,
    ) -> Self {
        let directory = TempDir::with_prefix("belvedere-sqlite-").expect("a temporary directory");
        let path = directory.path().join("test.sqlite3");
        let url = DatabaseUrl::sqlite(&path).expect("temporary paths are UTF-8");
        let config = small(configure(url));
        migrations.run(&config).await.expect("the migrations run on SQLite");
        Self::open(config, format!("sqlite://{}", path.display()), Some(directory)).await
    }

    /// A database on this process's PostgreSQL server; the first call starts it.
    ///
    /// None when PostgreSQL is not installed, after a line `SKIPPED <test>: postgres` on standard
    /// error. Needs a runtime with I/O and time running for real. The database stays until the
    /// process ends, unless [`close`](Self::close) drops it.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is installed and does not start, or is missing although the environment
    /// variable `CI` is set.
    #[cfg(feature = "postgres")]
    pub async fn postgres(
        test: &str,
        migrations: Migrations,
        configure: impl Fn(DatabaseUrl) -> DatabaseConfig,
    ) -> Option<Self> {
        let Some(url) = shared_server::new_database(migrations).await else {
            skipped(test, "postgres");
            return None;
        };
        let config = small(configure(url.parse().expect("the server's URL is valid")));
        Some(Self::open(config, url, None).await)
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    async fn open(config: DatabaseConfig, url: String, directory: Option<TempDir>) -> Self {
        let repo = Repo::connect(&config).await.expect("the test database accepts connections");
        Self { repo, config, url, directory }
    }

    /// Removes the database at once, whoever is still connected.
    pub async fn close(self) {
        let Self { repo, config, directory, .. } = self;
        drop((repo, directory));
        match config.url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => shared_server::drop_database(url.database()).await,
        }
    }
}

/// Runs one test on SQLite and then on PostgreSQL, each time on a database of its own; on one of
/// them alone where this crate was built for no other.
///
/// `test` names the test in the line that says it was skipped, see `TestDatabase::postgres`;
/// `configure` is the application's own way from a URL to its settings, or
/// [`DatabaseConfig::new`].
///
/// # Panics
///
/// When the body panics, or as for `TestDatabase::postgres`.
pub async fn on_each_database(
    test: &str,
    migrations: Migrations,
    configure: impl Fn(DatabaseUrl) -> DatabaseConfig,
    body: impl AsyncFn(&TestDatabase),
) {
    #[cfg(not(feature = "postgres"))]
    let _ = test;
    #[cfg(feature = "sqlite")]
    {
        let sqlite = TestDatabase::sqlite(migrations, &configure).await;
        body(&sqlite).await;
        sqlite.close().await;
    }
    #[cfg(feature = "postgres")]
    if let Some(postgres) = TestDatabase::postgres(test, migrations, &configure).await {
        body(&postgres).await;
        postgres.close().await;
    }
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    drop((test, migrations, configure, body));
}

/// Says that a test could not run for want of a tool, past the harness that hides output.
///
/// # Panics
///
/// When the environment variable `CI` is set: there, everything must be installed.
pub fn skipped(test: &str, tool: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test} needs {tool}, which CI must have");
    // A test that cannot say that it was skipped has nobody to say it to.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {tool}");
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn small(config: DatabaseConfig) -> DatabaseConfig {
    DatabaseConfig { max_connections: 4, warm_connections: 1, ..config }
}
