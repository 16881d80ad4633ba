#![doc = include_str!("docs/guide.md")]
#![cfg_attr(
    not(any(feature = "postgres", feature = "sqlite")),
    expect(unused, unreachable_code, reason = "without a database there is nothing to do")
)]

mod config;
mod database_url;

mod migrations;

#[cfg(feature = "bus")]
mod bus;
mod connection;
mod repo;
#[cfg(feature = "snapshots")]
mod snapshots;
pub mod trace;

#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "bus")]
pub use bus::{PostgresBus, PostgresBusConnection};
pub use config::DatabaseConfig;
pub use connection::ConnectError;
#[cfg(feature = "sqlite")]
pub use database_url::SqlitePath;
pub use database_url::{DatabaseUrl, DatabaseUrlError};
#[cfg(feature = "postgres")]
pub use database_url::{PostgresUrl, PostgresUrlError, RootCertificates, TlsMode};
pub use migrations::{Migrated, MigrationError, Migrations};
#[cfg(feature = "postgres")]
pub use repo::PooledPostgres;
#[cfg(feature = "sqlite")]
pub use repo::PooledSqlite;
pub use repo::metrics;
pub use repo::{
    ChangesPostgres, ChangesSqlite, Command, Database, OnPostgres, OnSqlite, QueryCount,
    QueryError, Repo, Rows, Transaction, TransactionBody, Violation, is_busy, is_full,
};
#[cfg(feature = "snapshots")]
pub use snapshots::{DatabaseSnapshots, SnapshotBounds};
