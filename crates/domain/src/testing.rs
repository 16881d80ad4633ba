//! A database of its own for each test: a SQLite file, or one on a PostgreSQL server that the test
//! process starts itself and that ends with it.
//!
//! ```
//! use domain::{testing, users};
//!
//! # #[tokio::main]
//! # async fn main() {
//! testing::on_each_database("nobody_is_there_at_first", async |database| {
//!     assert!(users::is_empty(&database.repo).await.expect("a query"));
//! })
//! .await;
//! # }
//! ```

mod pgbouncer;
mod postgres_server;

pub use pgbouncer::{PgBouncer, StartupOptions};
pub use postgres_server::{PostgresServer, ServerCertificate, StartError};

use std::fmt;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::config::DatabaseConfig;
use crate::connection::postgres::PostgresManager;
use crate::database_url::DatabaseUrl;
use crate::migrations;
use crate::repo::Repo;

/// The migrated database that every test's own is copied from.
const TEMPLATE: &str = "live_view_template";

/// The server of this process, or none where PostgreSQL is not installed.
static SERVER: OnceCell<Option<PostgresServer>> = OnceCell::const_new();

/// Numbers the databases of this process.
static NEXT_DATABASE: AtomicU64 = AtomicU64::new(0);

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
    /// # Panics
    ///
    /// When the file cannot be made.
    pub async fn sqlite() -> Self {
        let directory = TempDir::with_prefix("belvedere-sqlite-").expect("a temporary directory");
        let path = directory.path().join("test.sqlite3");
        let config = small(DatabaseUrl::sqlite(&path).expect("temporary paths are UTF-8"));
        migrations::run(&config).await.expect("the migrations run on SQLite");
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
    pub async fn postgres(test: &str) -> Option<Self> {
        let Some(server) = server().await else {
            skipped(test, "postgres");
            return None;
        };
        let name = format!("test_{}", NEXT_DATABASE.fetch_add(1, Ordering::Relaxed));
        execute(server, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        let url = server.url(&name);
        let config = small(url.parse().expect("the server's URL is valid"));
        Some(Self::open(config, url, None).await)
    }

    async fn open(config: DatabaseConfig, url: String, directory: Option<TempDir>) -> Self {
        let repo = Repo::connect(&config).await.expect("the test database accepts connections");
        Self { repo, config, url, directory }
    }

    /// Removes the database at once, whoever is still connected.
    pub async fn close(self) {
        let Self { repo, config, directory, .. } = self;
        drop((repo, directory));
        if let (DatabaseUrl::Postgres(url), Some(Some(server))) = (&config.url, SERVER.get()) {
            execute(server, &format!("DROP DATABASE {} WITH (FORCE)", url.database())).await;
        }
    }
}

/// Runs one test on SQLite and then on PostgreSQL, each time on a database of its own.
///
/// `test` names the test in the line that says it was skipped, see [`TestDatabase::postgres`].
///
/// # Panics
///
/// When the body panics, or as for [`TestDatabase::postgres`].
pub async fn on_each_database(test: &str, body: impl AsyncFn(&TestDatabase)) {
    let sqlite = TestDatabase::sqlite().await;
    body(&sqlite).await;
    sqlite.close().await;
    if let Some(postgres) = TestDatabase::postgres(test).await {
        body(&postgres).await;
        postgres.close().await;
    }
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

fn small(url: DatabaseUrl) -> DatabaseConfig {
    DatabaseConfig { max_connections: 4, warm_connections: 1, ..DatabaseConfig::new(url) }
}

/// A server that one test has to itself, with a migrated, empty database, to be stopped or frozen.
///
/// None as for [`TestDatabase::postgres`].
///
/// # Panics
///
/// As for [`TestDatabase::postgres`].
pub async fn own_server(test: &str) -> Option<(PostgresServer, DatabaseConfig)> {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(None)).await;
    match started.expect("starting the server does not panic") {
        Ok(server) => {
            let url = server.url("postgres").parse().expect("the server's URL is valid");
            let config = small(url);
            migrations::run(&config).await.expect("the migrations run on PostgreSQL");
            Some((server, config))
        }
        Err(StartError::NotInstalled) => {
            skipped(test, "postgres");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The server of this process with its migrated template.
async fn server() -> Option<&'static PostgresServer> {
    let server = SERVER.get_or_init(|| async {
        let started = tokio::task::spawn_blocking(|| PostgresServer::start(None)).await;
        let server = match started.expect("starting the server does not panic") {
            Ok(server) => server,
            Err(StartError::NotInstalled) => return None,
            Err(error) => panic!("{error}"),
        };
        execute(&server, &format!("CREATE DATABASE {TEMPLATE}")).await;
        let url = server.url(TEMPLATE).parse().expect("the server's URL is valid");
        migrations::run(&small(url)).await.expect("the migrations run on PostgreSQL");
        Some(server)
    });
    server.await.as_ref()
}

/// Runs one statement outside of any test's database.
async fn execute(server: &PostgresServer, sql: &str) {
    let Ok(DatabaseUrl::Postgres(url)) = server.url("postgres").parse() else {
        unreachable!("the server's URL is one of PostgreSQL");
    };
    let config = small(DatabaseUrl::Postgres(url.clone()));
    let manager = PostgresManager::new(url, &config).expect("no certificates are needed");
    let opened = manager.open(Duration::ZERO).await.expect("the test server accepts connections");
    opened.client.batch_execute(sql).await.expect("an administrator's statement");
}
