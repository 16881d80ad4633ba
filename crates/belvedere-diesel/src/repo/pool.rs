//! The two pools, behind one type.

mod checkout;

use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Object, PoolError, QueueMode, TimeoutType};
use diesel::QueryResult;
use futures_util::future::join_all;

use crate::config::DatabaseConfig;
use crate::connection::ConnectError;
#[cfg(feature = "postgres")]
use crate::connection::postgres::{self, PostgresManager};
#[cfg(feature = "sqlite")]
use crate::connection::sqlite::{self, SqliteManager};
use crate::database_url::DatabaseUrl;
use crate::repo::check::{self, Check};
use crate::repo::turns::Turn;
use crate::repo::{Database, QueryError};
use crate::trace::{self, Target, Traced};

pub(super) use checkout::Checkout;

/// A pooled SQLite connection whose queries are traced.
#[cfg(feature = "sqlite")]
pub type PooledSqlite = Traced<Object<SqliteManager>>;
/// A pooled PostgreSQL connection whose queries are traced.
#[cfg(feature = "postgres")]
pub type PooledPostgres = Traced<Object<PostgresManager>>;

/// A bounded set of connections to one database.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

/// What all clones of a pool share, and its metrics look at.
pub(super) struct Shared {
    pub(super) connections: Connections,
    limits: Limits,
    /// Asks whether the database is there.
    check: Check,
    /// The way past a pooler, for the check.
    #[cfg(feature = "postgres")]
    direct: Option<PostgresManager>,
}

pub(super) enum Connections {
    #[cfg(feature = "sqlite")]
    Sqlite(managed::Pool<SqliteManager>),
    #[cfg(feature = "postgres")]
    Postgres(managed::Pool<PostgresManager>),
}

/// What an error about the pool has to tell.
struct Limits {
    address: String,
    max_connections: usize,
    wait_timeout: Duration,
    connect_timeout: Duration,
    max_lifetime: Duration,
}

/// Makes the pool without connecting, and describes the database for its spans.
pub(super) fn open(config: &DatabaseConfig) -> Result<(Pool, Target), ConnectError> {
    let (connections, target, address) = match config.url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(ref path) => {
            sqlite::create_directory(path)?;
            let manager = SqliteManager::new(path.clone(), config.busy_timeout, config.pool_size());
            let target = Target {
                system: "sqlite",
                namespace: path.file_name().into(),
                server: None,
                tables: config.tables,
                duration: trace::duration_histogram(),
            };
            (Connections::Sqlite(build(manager, config)), target, path.as_str().to_owned())
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(ref url) => {
            let manager = PostgresManager::new(url.clone(), config)?;
            let target = Target {
                system: "postgresql",
                namespace: url.database().into(),
                server: Some((url.host().into(), url.port())),
                tables: config.tables,
                duration: trace::duration_histogram(),
            };
            (Connections::Postgres(build(manager, config)), target, postgres::address(url))
        }
    };
    let limits = Limits {
        address,
        max_connections: config.pool_size(),
        wait_timeout: config.wait_timeout,
        connect_timeout: config.connect_timeout,
        max_lifetime: config.max_lifetime,
    };
    #[cfg(feature = "postgres")]
    let direct = match config.direct_url {
        Some(DatabaseUrl::Postgres(ref url)) => Some(PostgresManager::new(url.clone(), config)?),
        #[cfg(feature = "sqlite")]
        Some(DatabaseUrl::Sqlite(_)) => None,
        None => None,
    };
    let shared = Shared {
        connections,
        limits,
        check: Check::default(),
        #[cfg(feature = "postgres")]
        direct,
    };
    Ok((Pool(Arc::new(shared)), target))
}

fn build<M: managed::Manager>(manager: M, config: &DatabaseConfig) -> managed::Pool<M> {
    managed::Pool::builder(manager)
        .max_size(config.pool_size())
        .wait_timeout(Some(config.wait_timeout))
        .create_timeout(Some(config.connect_timeout))
        // The connection used last knows the statements asked last.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()
        .expect("time-outs come with a runtime")
}

impl Pool {
    pub(super) async fn get(&self) -> Result<Checkout, ConnectError> {
        let checkout: Result<Checkout, PoolError<ConnectError>> = match self.0.connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => pool.get().await.map(Checkout::Sqlite),
            #[cfg(feature = "postgres")]
            Connections::Postgres(ref pool) => pool.get().await.map(Checkout::Postgres),
        };
        let checkout = checkout.map_err(|error| self.error(error))?;
        match self.check_place() {
            #[cfg(feature = "sqlite")]
            Err(error @ ConnectError::SqliteWalRemoved { .. }) => {
                Box::pin(checkout.write_back()).await;
                Err(error)
            }
            checked => checked.map(|()| checkout),
        }
    }

    /// Opens so many connections, at least one and at most all, and the one that checks. Pages can
    /// be served when there is one: a server may have no room for more while the instance before
    /// this one still holds its own.
    pub(super) async fn warm(&self, n_connections: usize) -> Result<(), ConnectError> {
        let n_connections = n_connections.clamp(1, self.0.limits.max_connections);
        // The first alone, so that a refusal is told once.
        let first = self.get().await?;
        let others = join_all((1..n_connections).map(|_| self.get())).await;
        let n_missing = others.iter().filter(|other| other.is_err()).count();
        if let Some(error) = others.iter().find_map(|other| other.as_ref().err()) {
            tracing::warn!(
                %error,
                n_missing,
                "not all connections could be opened at the start; the others come when they are \
                 needed"
            );
        }
        drop((first, others));
        // It is opened when it is asked; a server that has no room for it still serves pages.
        let _ = self.check(self.0.limits.connect_timeout).await;
        Ok(())
    }

    pub(super) fn database(&self) -> Database {
        match self.0.connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(_) => Database::Sqlite,
            #[cfg(feature = "postgres")]
            Connections::Postgres(_) => Database::Postgres,
        }
    }

    /// Whether the database answers, see [`Repo::check`](crate::Repo::check).
    pub(super) async fn check(&self, within: Duration) -> Result<(), QueryError> {
        match self.check_place() {
            #[cfg(feature = "sqlite")]
            Err(error @ ConnectError::SqliteWalRemoved { .. }) => {
                // A connection that is taken now writes back what it holds.
                let _ = tokio::time::timeout(within, Box::pin(self.get())).await;
                Err(error.into())
            }
            checked => {
                checked?;
                check::check(self, within).await
            }
        }
    }

    /// Whether open connections lead to where new ones would.
    fn check_place(&self) -> Result<(), ConnectError> {
        match self.0.connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => pool.manager().check_place(),
            #[cfg(feature = "postgres")]
            Connections::Postgres(_) => Ok(()),
        }
    }

    pub(super) fn check_state(&self) -> &Check {
        &self.0.check
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.0.connections
    }

    /// Whether statements go through a connection pooler.
    pub(super) fn meets_pooler(&self) -> bool {
        match self.0.connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Connections::Postgres(ref pool) => pool.manager().meets_pooler(),
        }
    }

    /// Whether both a pooler and the server behind it are heard, each asked by itself; what waits
    /// for an answer then waits for a connection of the pooler.
    #[cfg(feature = "postgres")]
    pub(super) async fn is_queued_at_pooler(&self) -> bool {
        let (Connections::Postgres(pool), Some(direct)) = (&self.0.connections, &self.0.direct)
        else {
            return false;
        };
        if !self.meets_pooler() {
            return false;
        }
        let (is_pooler_heard, server) =
            futures_util::future::join(pool.manager().is_heard(), direct.open(Duration::ZERO))
                .await;
        is_pooler_heard && server.is_ok()
    }

    /// How long a query waits for a connection.
    #[cfg(feature = "sqlite")]
    pub(super) fn wait_timeout(&self) -> Duration {
        self.0.limits.wait_timeout
    }

    /// How old a connection may become.
    pub(super) fn max_lifetime(&self) -> Duration {
        self.0.limits.max_lifetime
    }

    /// How many connections wait for a query.
    pub(super) fn n_idle(&self) -> usize {
        self.0.status().available
    }

    /// Whether a query may be under way.
    pub(super) fn is_used(&self) -> bool {
        let status = self.0.status();
        status.size > status.available
    }

    /// For those who look at the pool for as long as it is used.
    pub(super) fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.0)
    }

    fn error(&self, error: PoolError<ConnectError>) -> ConnectError {
        let limits = &self.0.limits;
        match error {
            PoolError::Backend(error) => error,
            // There is room for its thread when a query that was given up has ended.
            #[cfg(feature = "sqlite")]
            PoolError::Timeout(TimeoutType::Create) if self.database() == Database::Sqlite => {
                ConnectError::PoolExhausted {
                    waited: limits.connect_timeout,
                    max_connections: limits.max_connections,
                }
            }
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                ConnectError::TimedOut {
                    address: limits.address.clone(),
                    waited: limits.connect_timeout,
                }
            }
            // The pool is never closed, has its runtime, and no hooks.
            PoolError::Timeout(TimeoutType::Wait)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_) => ConnectError::PoolExhausted {
                waited: limits.wait_timeout,
                max_connections: limits.max_connections,
            },
        }
    }
}

/// A connection whose queries are traced.
pub(crate) enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(PooledSqlite),
    #[cfg(feature = "postgres")]
    Postgres(PooledPostgres),
}

/// A connection on loan.
///
/// Dropped, it closes the connection, for then a caller went away in the middle of something: a
/// query whose answer is still to come would delay the next one, an open transaction would hold
/// its locks. Whoever is done gives it back.
pub(super) struct Lease {
    /// Empty once it was given back.
    connection: Option<Connection>,
    pool: Pool,
    turn: Turn,
}

impl Lease {
    /// Whether what is written with it can be found, see [`ConnectError::SqliteMoved`].
    pub(super) fn check_place(&self) -> Result<(), ConnectError> {
        self.pool.check_place()
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("giving a lease back consumes it")
    }

    /// Who asks for the next queries.
    pub(super) fn set_caller(&mut self, caller: &'static Location<'static>) {
        match *self.connection() {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(ref mut connection) => connection.set_caller(caller),
            #[cfg(feature = "postgres")]
            Connection::Postgres(ref mut connection) => connection.set_caller(caller),
        }
    }

    /// Ends the loan with the outcome of the only query on it.
    pub(super) fn settle<T>(self, result: QueryResult<T>) -> Result<T, QueryError> {
        let result = result.map_err(QueryError::from);
        // The pool learns of a closed connection from the task that drives it, which may end a
        // moment after the query that noticed.
        if !matches!(result, Err(QueryError::ConnectionLost(_) | QueryError::Silent(_))) {
            self.give_back();
        }
        result
    }

    /// Returns the connection, whose last query was answered, to the pool.
    pub(super) fn give_back(mut self) {
        self.pool.0.check.note_answer();
        drop(self.connection.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let turn = self.turn.take();
        match self.connection.take() {
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(connection)) => {
                sqlite::close_when_done(Object::take(connection.into_inner()), turn);
            }
            #[cfg(feature = "postgres")]
            Some(Connection::Postgres(connection)) => {
                drop((Object::take(connection.into_inner()), turn));
            }
            None => {}
        }
    }
}
