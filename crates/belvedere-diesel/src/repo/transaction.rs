//! Several statements as one.

use std::fmt;
use std::panic::Location;

use diesel::QueryResult;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;

#[cfg(all(feature = "postgres", feature = "sqlite"))]
use crate::repo::Database;
#[cfg(feature = "postgres")]
use crate::repo::PooledPostgres;
#[cfg(feature = "sqlite")]
use crate::repo::PooledSqlite;
use crate::repo::pool::{Connection, Lease};
use crate::repo::{Command, QueryError, Rows};
use crate::trace::Control;

/// An open transaction, given to the body of [`Repo::transaction`](crate::Repo::transaction).
///
/// Invariant: while it lives its connection is inside a transaction. Dropped without an end, it
/// closes the connection, for only that is sure to roll back without waiting.
pub struct Transaction {
    lease: Lease,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transaction").finish_non_exhaustive()
    }
}

/// The body of a transaction, an async closure whose future is `Send`.
///
/// Implemented for all of them. The compiler cannot name an async closure's future yet, so that
/// it is `Send` has to be said through a trait.
pub trait TransactionBody<Argument, Output>:
    FnOnce(Argument) -> <Self as TransactionBody<Argument, Output>>::Future
{
    /// What the closure returns.
    type Future: Future<Output = Output>;
}

impl<F, Argument, Output, Running> TransactionBody<Argument, Output> for F
where
    F: FnOnce(Argument) -> Running,
    Running: Future<Output = Output>,
{
    type Future = Running;
}

impl Transaction {
    pub(super) async fn begin(mut lease: Lease) -> Result<Self, QueryError> {
        match *lease.connection() {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(ref mut connection) => {
                let begin = Control::BeginImmediate;
                connection.control(begin, begin.sql()).await?;
            }
            #[cfg(feature = "postgres")]
            Connection::Postgres(ref mut connection) => {
                let sql = connection.inner().begin_sql();
                connection.control(Control::Begin, &sql).await?;
            }
        }
        Ok(Self { lease })
    }

    /// All rows of a query.
    ///
    /// # Errors
    ///
    /// When the query failed. On PostgreSQL nothing of the transaction is saved then, also when its body goes on and
    /// returns `Ok` ([`QueryError::TransactionAborted`]).
    #[track_caller]
    pub fn all<'query, T, Q>(
        &mut self,
        query: Q,
    ) -> impl Future<Output = Result<Vec<T>, QueryError>> + Send + use<'query, '_, T, Q>
    where
        Q: Rows<'query, T>,
        T: Send + 'query,
    {
        let connection = self.connection(Location::caller());
        async move {
            Ok(match *connection {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(ref mut connection) => query.load(connection).await?,
                #[cfg(feature = "postgres")]
                Connection::Postgres(ref mut connection) => query.load(connection).await?,
            })
        }
    }

    /// The first row of a query, if it has any.
    ///
    /// # Errors
    ///
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn one_or_none<'query, T, Q>(
        &mut self,
        query: Q,
    ) -> impl Future<Output = Result<Option<T>, QueryError>> + Send + use<'query, '_, T, Q>
    where
        Q: Rows<'query, T>,
        T: Send + 'query,
    {
        self.all(query).map(|rows| Ok(rows?.into_iter().next()))
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    ///
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn run<'query, Q>(
        &mut self,
        command: Q,
    ) -> impl Future<Output = Result<usize, QueryError>> + Send + use<'query, '_, Q>
    where
        Q: Command<'query>,
    {
        let connection = self.connection(Location::caller());
        async move {
            Ok(match *connection {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(ref mut connection) => command.execute(connection).await?,
                #[cfg(feature = "postgres")]
                Connection::Postgres(ref mut connection) => command.execute(connection).await?,
            })
        }
    }

    /// The connection of a transaction on PostgreSQL, for statements that no other database can
    /// run, by diesel-async's own `RunQueryDsl`. They are traced and counted as all others.
    ///
    /// # Errors
    ///
    /// [`QueryError::WrongDatabase`] when the pool is of another database.
    #[cfg(feature = "postgres")]
    #[track_caller]
    pub fn postgres(&mut self) -> Result<&mut PooledPostgres, QueryError> {
        match *self.connection(Location::caller()) {
            Connection::Postgres(ref mut connection) => Ok(connection),
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => Err(QueryError::WrongDatabase {
                wanted: Database::Postgres,
                actual: Database::Sqlite,
            }),
        }
    }

    /// The connection of a transaction on SQLite, as [`postgres`](Self::postgres).
    ///
    /// # Errors
    ///
    /// [`QueryError::WrongDatabase`] when the pool is of another database.
    #[cfg(feature = "sqlite")]
    #[track_caller]
    pub fn sqlite(&mut self) -> Result<&mut PooledSqlite, QueryError> {
        match *self.connection(Location::caller()) {
            Connection::Sqlite(ref mut connection) => Ok(connection),
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => Err(QueryError::WrongDatabase {
                wanted: Database::Sqlite,
                actual: Database::Postgres,
            }),
        }
    }

    fn connection(&mut self, caller: &'static Location<'static>) -> &mut Connection {
        self.lease.set_caller(caller);
        self.lease.connection()
    }

    pub(super) async fn commit(mut self) -> Result<(), QueryError> {
        if let Err(error) = self.lease.check_place() {
            self.rollback().await;
            return Err(error.into());
        }
        match self.control(Control::Commit).await.map_err(QueryError::from) {
            Ok(()) => {
                self.lease.give_back();
                Ok(())
            }
            Err(error) => {
                if matches!(error, QueryError::TransactionAborted) {
                    self.rollback().await;
                }
                Err(error)
            }
        }
    }

    /// Rolls back; when even that fails, closing the connection does it.
    pub(super) async fn rollback(mut self) {
        match self.control(Control::Rollback).await.map_err(QueryError::from) {
            Ok(()) => self.lease.give_back(),
            Err(error) => {
                tracing::warn!(%error, "a transaction was rolled back by closing its connection");
            }
        }
    }

    /// Runs what ends the transaction. On an error its lease must be dropped, which closes the connection.
    async fn control(&mut self, control: Control) -> QueryResult<()> {
        match *self.lease.connection() {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(ref mut connection) => {
                connection.control(control, control.sql()).await
            }
            #[cfg(feature = "postgres")]
            Connection::Postgres(ref mut connection) => {
                let sql = match control {
                    Control::Commit => connection.inner().commit_sql(),
                    _ => control.sql(),
                };
                connection.control(control, sql).await
            }
        }
    }
}
