//! Test databases with this application's tables.
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

use belvedere_diesel::DatabaseConfig;
use belvedere_diesel::testing::{self, PostgresServer, TestDatabase};

use crate::{MIGRATIONS, database};

/// A SQLite file, see [`TestDatabase::sqlite`].
///
/// # Panics
///
/// When the file cannot be made.
pub async fn sqlite() -> TestDatabase {
    TestDatabase::sqlite(MIGRATIONS, database).await
}

/// A database on this process's PostgreSQL server, see [`TestDatabase::postgres`].
///
/// # Panics
///
/// When PostgreSQL does not start, or is missing in CI.
pub async fn postgres(test: &str) -> Option<TestDatabase> {
    TestDatabase::postgres(test, MIGRATIONS, database).await
}

/// A server that one test has to itself, see [`testing::own_server`].
///
/// # Panics
///
/// As for [`postgres`].
pub async fn own_server(test: &str) -> Option<(PostgresServer, DatabaseConfig)> {
    testing::own_server(test, MIGRATIONS, database).await
}

/// Runs one test on SQLite and then on PostgreSQL, see [`testing::on_each_database`].
///
/// # Panics
///
/// When the body panics, or as for [`postgres`].
pub async fn on_each_database(test: &str, body: impl AsyncFn(&TestDatabase)) {
    testing::on_each_database(test, MIGRATIONS, database, body).await;
}

/// Takes the table of todo items away: whatever asks for it fails, and nothing else.
///
/// # Panics
///
/// When that fails.
pub async fn drop_items(database: &TestDatabase) {
    let dropped = database.repo.run(diesel::sql_query("DROP TABLE todo_list_items")).await;
    dropped.expect("the table can be dropped");
}
