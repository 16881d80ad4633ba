//! The PostgreSQL server that all tests of a process share, and one that a test has to itself.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

use super::{PostgresServer, StartError, skipped, small};
use crate::config::DatabaseConfig;
use crate::connection::postgres::PostgresManager;
use crate::database_url::DatabaseUrl;
use crate::migrations::Migrations;

/// The server of this process, or none where PostgreSQL is not installed.
static SERVER: OnceCell<Option<PostgresServer>> = OnceCell::const_new();

/// Migrated databases on it, that those of the tests are copied from: one for each set of
/// migrations.
static TEMPLATES: Mutex<Option<HashSet<String>>> = Mutex::const_new(None);

/// Numbers the databases of this process.
static NEXT_DATABASE: AtomicU64 = AtomicU64::new(0);

/// A server that one test has to itself, with a migrated, empty database, to be stopped or frozen.
///
/// None as for `TestDatabase::postgres`.
///
/// # Panics
///
/// As for `TestDatabase::postgres`.
pub async fn own_server(
    test: &str,
    migrations: Migrations,
    configure: impl Fn(DatabaseUrl) -> DatabaseConfig,
) -> Option<(PostgresServer, DatabaseConfig)> {
    let Some(server) = start().await else {
        skipped(test, "postgres");
        return None;
    };
    let url = server.url("postgres").parse().expect("the server's URL is valid");
    let config = small(configure(url));
    migrations.run(&config).await.expect("the migrations run on PostgreSQL");
    Some((server, config))
}

/// The URL of a new database with these migrations on the server of this process.
pub(super) async fn new_database(migrations: Migrations) -> Option<String> {
    let server = SERVER.get_or_init(start).await.as_ref()?;
    let template = template(server, migrations).await;
    let name = format!("test_{}", NEXT_DATABASE.fetch_add(1, Ordering::Relaxed));
    execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    Some(server.url(&name))
}

/// Removes a database, whoever is still connected.
pub(super) async fn drop_database(name: &str) {
    if let Some(Some(server)) = SERVER.get() {
        execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

async fn start() -> Option<PostgresServer> {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(None)).await;
    match started.expect("starting the server does not panic") {
        Ok(server) => Some(server),
        Err(StartError::NotInstalled) => None,
        Err(error) => panic!("{error}"),
    }
}

/// The name of the template with these migrations, which the first test that asks makes.
async fn template(server: &PostgresServer, migrations: Migrations) -> String {
    let mut hasher = DefaultHasher::new();
    migrations.names_on_postgres().expect("the migrations can be read").hash(&mut hasher);
    let name = format!("template_{:x}", hasher.finish());
    let mut templates = TEMPLATES.lock().await;
    if templates.get_or_insert_default().insert(name.clone()) {
        execute(server, &format!("CREATE DATABASE {name}")).await;
        let url = server.url(&name).parse().expect("the server's URL is valid");
        let migrated = migrations.run(&DatabaseConfig::new(url)).await;
        migrated.expect("the migrations run on PostgreSQL");
    }
    name
}

/// Runs one statement outside of any test's database.
async fn execute(server: &PostgresServer, sql: &str) {
    let Ok(DatabaseUrl::Postgres(url)) = server.url("postgres").parse() else {
        unreachable!("the server's URL is one of PostgreSQL");
    };
    let config = DatabaseConfig::new(DatabaseUrl::Postgres(url.clone()));
    let manager = PostgresManager::new(url, &config).expect("no certificates are needed");
    let opened = manager.open(Duration::ZERO).await.expect("the test server accepts connections");
    opened.client.batch_execute(sql).await.expect("an administrator's statement");
}
