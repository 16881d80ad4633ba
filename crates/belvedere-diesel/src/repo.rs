//! The way to the database: [`Repo`] runs queries, on whichever database was chosen.
//!
//! A query is written once, in plain Diesel, and must be valid on both databases; a query that is
//! not does not compile. Which of the two runs is decided when the application starts. Queries
//! themselves live beside their tables, in the application.

mod backends;
mod busy;
mod check;
mod count;
mod error;
pub mod metrics;
mod pool;
mod transaction;
mod turns;

pub use busy::{is_busy, is_full};
pub use count::QueryCount;
#[cfg(feature = "postgres")]
pub(crate) use error::SQL_STATE;
#[cfg(feature = "postgres")]
pub(crate) use error::is_lock_timeout;
pub use error::{QueryError, Violation};
pub(crate) use error::{describe, error_type, status_code};
#[cfg(feature = "postgres")]
pub use pool::PooledPostgres;
#[cfg(feature = "sqlite")]
pub use pool::PooledSqlite;
pub use transaction::{Transaction, TransactionBody};

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;

use crate::config::DatabaseConfig;
use crate::connection::ConnectError;
use crate::trace::{self, Probe, Target};
use metrics::PoolMetrics;
pub(crate) use pool::Connection;
use pool::{Lease, Pool};
use turns::Purpose;

/// A database that a [`Repo`] may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded database in one file.
    Sqlite,
    /// A server.
    Postgres,
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A query that gives rows of `T` on every database that this crate was built for. Implemented for
/// every such Diesel query.
pub trait Rows<'query, T>: OnSqlite<'query, T> + OnPostgres<'query, T> + Send + 'query {}

impl<'query, T, Q> Rows<'query, T> for Q where
    Q: OnSqlite<'query, T> + OnPostgres<'query, T> + Send + 'query
{
}

/// A statement that changes rows on every database that this crate was built for. Implemented for
/// every such Diesel statement.
pub trait Command<'query>: ChangesSqlite + ChangesPostgres + Send + 'query {}

impl<'query, Q> Command<'query> for Q where Q: ChangesSqlite + ChangesPostgres + Send + 'query {}

pub use backends::{ChangesPostgres, ChangesSqlite, OnPostgres, OnSqlite};

/// A handle to the database, cheap to clone; all clones share one pool of connections.
///
/// Methods are named as in Ecto rather than Diesel (`all`, not `load`), because diesel-async
/// implements its own for every type. They are functions that return futures rather than
/// `async fn`, which the compiler would fail to prove `Send` in a caller's task.
#[derive(Clone)]
pub struct Repo {
    pool: Pool,
    target: Arc<Target>,
    metrics: Arc<PoolMetrics>,
    count: Option<Arc<QueryCount>>,
    /// Waited before each query.
    round_trip: Option<Duration>,
}

impl fmt::Debug for Repo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Repo").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Repo {
    /// Opens the database: a missing SQLite file and its directory are made, a PostgreSQL server
    /// is reached, so that a mistake shows at the start and not on the first page. So many
    /// connections as [`DatabaseConfig::warm_connections`] says wait for the first visitors.
    ///
    /// Migrations are not run; see [`Migrations`](crate::Migrations).
    ///
    /// # Errors
    ///
    /// When no connection can be had; each variant of [`ConnectError`] says what to do.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, ConnectError> {
        let (pool, target) = pool::open(config)?;
        let metrics = Arc::new(PoolMetrics::new(&pool, &target));
        let repo = Self { pool, target: Arc::new(target), metrics, count: None, round_trip: None };
        repo.pool.warm(config.warm_connections).await?;
        Ok(repo)
    }

    /// Which database this leads to.
    #[must_use]
    pub fn database(&self) -> Database {
        self.pool.database()
    }

    /// Whether the database answers, asked on a connection of its own, so that a pool whose
    /// connections are all busy is not taken for a database that is gone. All who ask at the same
    /// time share one question, so a crowd costs no more than one of them. A server that has no
    /// room for that connection is asked on one of the pool's, or by the pages' own queries. For
    /// readiness checks; neither traced nor counted.
    ///
    /// # Errors
    ///
    /// [`QueryError::Silent`] when there was no answer within the time, not to this question and
    /// to no query either; else what the database or the network said.
    pub async fn check(&self, within: Duration) -> Result<(), QueryError> {
        self.pool.check(within).await
    }

    /// Runs these queries once on every connection that is open, so that the first visitors' are
    /// parsed already, whichever connections they get. For the start, when nobody else asks.
    ///
    /// # Errors
    ///
    /// The first error of the queries; those connections that were not reached stay as they are.
    pub async fn warm_up(
        &self,
        queries: impl AsyncFn(&Self) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        // The pool gives the connection used last, so one that knows the queries is held until
        // all do.
        let n_open = self.pool.n_idle();
        let mut warm = Vec::with_capacity(n_open);
        for _ in 0..n_open {
            queries(self).await?;
            warm.push(self.pool.get().await?);
        }
        Ok(())
    }

    /// A clone whose queries are also counted, beside the count itself.
    ///
    /// The count is right whether or not anything is traced; queries that fail count too.
    #[must_use]
    pub fn counted(&self) -> (Self, Arc<QueryCount>) {
        let count = Arc::new(QueryCount::default());
        (Self { count: Some(Arc::clone(&count)), ..self.clone() }, count)
    }

    /// A clone whose queries take this much longer each, as if the database were so far away: for pages
    /// that show what a number of queries costs over a network.
    ///
    /// The wait is part of the query in its span, its metrics and its [count](Self::counted), as a
    /// network's would be; the span says how much of it was simulated
    /// ([`SIMULATED_TIME`](trace::attributes::SIMULATED_TIME)). No connection is held meanwhile. Of a
    /// transaction only the first statement waits.
    ///
    /// ```no_run
    /// # async fn example(repo: &belvedere_diesel::Repo) {
    /// use std::time::Duration;
    ///
    /// let far = repo.with_round_trip(Duration::from_millis(5));
    /// # }
    /// ```
    #[must_use]
    pub fn with_round_trip(&self, round_trip: Duration) -> Self {
        Self { round_trip: Some(round_trip).filter(|time| !time.is_zero()), ..self.clone() }
    }

    /// All rows of a query.
    ///
    /// # Errors
    ///
    /// When no connection could be had or the query failed.
    #[track_caller]
    pub fn all<'query, T, Q>(
        &self,
        query: Q,
    ) -> impl Future<Output = Result<Vec<T>, QueryError>> + Send + use<'query, '_, T, Q>
    where
        Q: Rows<'query, T>,
        T: Send + 'query,
    {
        let caller = Location::caller();
        async move {
            let mut lease = self.check_out(caller, Purpose::Read).await?;
            let result = match *lease.connection() {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(ref mut connection) => query.load(connection).await,
                #[cfg(feature = "postgres")]
                Connection::Postgres(ref mut connection) => query.load(connection).await,
            };
            lease.settle(result)
        }
    }

    /// The first row of a query that must have one.
    ///
    /// # Errors
    ///
    /// [`QueryError::NotFound`] when there is no row; else as for [`all`](Self::all).
    #[track_caller]
    pub fn one<'query, T, Q>(
        &self,
        query: Q,
    ) -> impl Future<Output = Result<T, QueryError>> + Send + use<'query, '_, T, Q>
    where
        Q: Rows<'query, T>,
        T: Send + 'query,
    {
        // Mapped rather than awaited: a future that awaits another holds it twice.
        self.one_or_none(query).map(|row| row?.ok_or(QueryError::NotFound))
    }

    /// The first row of a query, if it has any.
    ///
    /// # Errors
    ///
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn one_or_none<'query, T, Q>(
        &self,
        query: Q,
    ) -> impl Future<Output = Result<Option<T>, QueryError>> + Send + use<'query, '_, T, Q>
    where
        Q: Rows<'query, T>,
        T: Send + 'query,
    {
        // Reading to the end keeps the connection clean; queries for one row have one.
        self.all(query).map(|rows| Ok(rows?.into_iter().next()))
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    ///
    /// When no connection could be had or the statement failed.
    #[track_caller]
    pub fn run<'query, Q>(
        &self,
        command: Q,
    ) -> impl Future<Output = Result<usize, QueryError>> + Send + use<'query, '_, Q>
    where
        Q: Command<'query>,
    {
        let caller = Location::caller();
        async move {
            let mut lease = self.check_out(caller, Purpose::Write).await?;
            let result = match *lease.connection() {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(ref mut connection) => command.execute(connection).await,
                #[cfg(feature = "postgres")]
                Connection::Postgres(ref mut connection) => command.execute(connection).await,
            };
            lease.settle(result)
        }
    }

    /// Runs several statements as one: all of them happen, or none.
    ///
    /// The transaction is committed when the body returns `Ok` and rolled back when it returns
    /// `Err`. SQLite takes the write lock at once (`BEGIN IMMEDIATE`), since a transaction that
    /// read before it writes could not wait for it.
    ///
    /// # Errors
    ///
    /// The body's error, or that of beginning or committing: [`QueryError::TransactionAborted`] where a statement has
    /// failed on PostgreSQL and the body has returned `Ok` nevertheless. SQLite saves what did not fail then.
    ///
    /// # Cancel safety
    ///
    /// A transaction whose future is dropped is rolled back by closing its connection.
    ///
    /// ```no_run
    /// use belvedere_diesel::{QueryError, Repo};
    /// use diesel::prelude::*;
    ///
    /// diesel::table! { users (id) { id -> Integer, age -> Integer, } }
    ///
    /// # async fn example(repo: &Repo) -> Result<(), QueryError> {
    /// repo.transaction(async |transaction| {
    ///     transaction.run(diesel::update(users::table).set(users::age.eq(users::age + 1))).await?;
    ///     transaction.run(diesel::delete(users::table.filter(users::age.gt(120)))).await
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn transaction<'a, R, E, F>(
        &'a self,
        body: F,
    ) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        F: for<'t> AsyncFnOnce(&'t mut Transaction) -> Result<R, E>
            + for<'t> TransactionBody<&'t mut Transaction, Result<R, E>, Future: Send>
            + Send
            + 'a,
        R: Send + 'a,
        E: From<QueryError> + Send + 'a,
    {
        let caller = Location::caller();
        async move {
            let lease = self.check_out(caller, Purpose::Write).await.map_err(E::from)?;
            let mut transaction = Transaction::begin(lease).await?;
            match body(&mut transaction).await {
                Ok(value) => {
                    transaction.commit().await?;
                    Ok(value)
                }
                Err(error) => {
                    transaction.rollback().await;
                    Err(error)
                }
            }
        }
    }

    /// A connection with everything its queries need to be told apart in a trace.
    async fn check_out(
        &self,
        caller: &'static Location<'static>,
        purpose: Purpose,
    ) -> Result<Lease, QueryError> {
        if let Some(round_trip) = self.round_trip {
            tokio::time::sleep(round_trip).await;
        }
        let started = Instant::now();
        let turn_and_checkout = async {
            let turn = self.pool.turn(purpose).await?;
            Ok((turn, self.pool.get().await?))
        };
        let (turn, checkout) = turn_and_checkout.await.inspect_err(|error| {
            trace::record_no_connection(error);
            self.metrics.refused(error);
        })?;
        let queue_time = started.elapsed();
        self.metrics.waited(queue_time);
        let probe = Probe {
            target: Arc::clone(&self.target),
            count: self.count.clone(),
            caller,
            queue_time: Some(queue_time),
            simulated: self.round_trip,
            peer: None,
        };
        Ok(checkout.traced(probe, self.pool.clone(), turn))
    }
}
