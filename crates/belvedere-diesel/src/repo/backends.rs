//! What a query must be able to do on each database, as far as this crate was built for it.
//!
//! Without a database's feature its trait asks nothing and holds for everything.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use diesel_async::methods::{ExecuteDsl, LoadQuery};

#[cfg(feature = "postgres")]
use crate::repo::PooledPostgres;
#[cfg(feature = "sqlite")]
use crate::repo::PooledSqlite;

/// A query that gives rows of `T` on SQLite.
#[cfg(feature = "sqlite")]
pub trait OnSqlite<'query, T>: LoadQuery<'query, PooledSqlite, T> {}
#[cfg(feature = "sqlite")]
impl<'query, T, Q: LoadQuery<'query, PooledSqlite, T>> OnSqlite<'query, T> for Q {}

/// A query that gives rows of `T` on SQLite.
#[cfg(not(feature = "sqlite"))]
pub trait OnSqlite<'query, T> {}
#[cfg(not(feature = "sqlite"))]
impl<T, Q> OnSqlite<'_, T> for Q {}

/// A query that gives rows of `T` on PostgreSQL.
#[cfg(feature = "postgres")]
pub trait OnPostgres<'query, T>: LoadQuery<'query, PooledPostgres, T> {}
#[cfg(feature = "postgres")]
impl<'query, T, Q: LoadQuery<'query, PooledPostgres, T>> OnPostgres<'query, T> for Q {}

/// A query that gives rows of `T` on PostgreSQL.
#[cfg(not(feature = "postgres"))]
pub trait OnPostgres<'query, T> {}
#[cfg(not(feature = "postgres"))]
impl<T, Q> OnPostgres<'_, T> for Q {}

/// A statement that changes rows on SQLite.
#[cfg(feature = "sqlite")]
pub trait ChangesSqlite: ExecuteDsl<PooledSqlite> {}
#[cfg(feature = "sqlite")]
impl<Q: ExecuteDsl<PooledSqlite>> ChangesSqlite for Q {}

/// A statement that changes rows on SQLite.
#[cfg(not(feature = "sqlite"))]
pub trait ChangesSqlite {}
#[cfg(not(feature = "sqlite"))]
impl<Q> ChangesSqlite for Q {}

/// A statement that changes rows on PostgreSQL.
#[cfg(feature = "postgres")]
pub trait ChangesPostgres: ExecuteDsl<PooledPostgres> {}
#[cfg(feature = "postgres")]
impl<Q: ExecuteDsl<PooledPostgres>> ChangesPostgres for Q {}

/// A statement that changes rows on PostgreSQL.
#[cfg(not(feature = "postgres"))]
pub trait ChangesPostgres {}
#[cfg(not(feature = "postgres"))]
impl<Q> ChangesPostgres for Q {}
