//! Users and their todo lists, on SQLite or PostgreSQL, with every query visible in a trace.
//!
//! From the outside in:
//!
//! 1. [`DatabaseUrl`] and [`DatabaseConfig`] say which database and with what limits.
//! 2. [`migrations`] bring its tables up to date, [`seed`] fills them with people.
//! 3. [`Repo`] is the way to it: cheap to clone, bounded, the same for both databases.
//! 4. [`users`] and [`todo_list_items`] hold the queries, one file per table.
//! 5. [`trace`] writes each query as a span below the caller's.
//!
//! No HTTP and no HTML live here, and SQL lives nowhere else.
//!
//! ```no_run
//! use domain::{DatabaseConfig, Repo, migrations, users};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = DatabaseConfig::new("sqlite://data/app.sqlite3".parse()?);
//! migrations::run(&config).await?;
//! let repo = Repo::connect(&config).await?;
//!
//! let (repo, count) = repo.counted();
//! let table = users::list_with_todo_counts(&repo).await?;
//! println!("{} users with {} query", table.len(), count.queries());
//! # Ok(())
//! # }
//! ```
//!
//! | Feature | Gives |
//! |---|---|
//! | `testing` | `domain::testing`: an own SQLite or PostgreSQL database per test |

mod config;
mod database_url;
mod id;

pub mod migrations;
pub mod schema;
pub mod seed;
pub mod todo_list_items;
pub mod users;

mod connection;
mod repo;
pub mod trace;

#[cfg(feature = "testing")]
pub mod testing;

pub use config::DatabaseConfig;
pub use connection::ConnectError;
pub use database_url::{
    DatabaseUrl, DatabaseUrlError, PostgresUrl, PostgresUrlError, RootCertificates, SqlitePath,
    TlsMode,
};
pub use id::ParseIdError;
pub use migrations::MigrationError;
pub use repo::metrics;
pub use repo::{
    Command, PooledPostgres, PooledSqlite, QueryCount, QueryError, Repo, Rows, Transaction,
    TransactionBody, Violation,
};
pub use todo_list_items::TodoListItemId;
pub use users::UserId;
