//! Is the database there? Asked on a connection that no page uses.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use deadpool::managed::Manager as _;
use diesel_async::SimpleAsyncConnection as _;
use tokio::sync::Mutex;

#[cfg(feature = "postgres")]
use crate::connection::postgres::PostgresConnection;
#[cfg(feature = "sqlite")]
use crate::connection::sqlite::SqliteConnection;
use crate::repo::QueryError;
use crate::repo::pool::Connections;

/// Reads from the file.
#[cfg(feature = "sqlite")]
const SQLITE_QUESTION: &str = "SELECT 1 FROM sqlite_master LIMIT 1";
/// Asks for nothing but an answer.
#[cfg(feature = "postgres")]
const POSTGRES_QUESTION: &str = "SELECT 1";

/// A connection beside the pool, opened when it is first needed.
#[derive(Default)]
pub(super) struct Check(Mutex<Option<Asked>>);

enum Asked {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresConnection>),
}

impl Check {
    /// Asks the database. The caller sets the limit: dropped before the answer came, the
    /// connection is closed, and the next question opens another.
    pub(super) async fn ask(&self, connections: &Connections) -> Result<(), QueryError> {
        let mut kept = self.0.lock().await;
        // Taken, so that whatever happens from here on leaves no doubtful connection behind.
        let mut asked = match kept.take() {
            Some(asked) if !asked.is_lost() => asked,
            _ => Asked::open(connections).await?,
        };
        match asked {
            #[cfg(feature = "sqlite")]
            Asked::Sqlite(ref mut connection) => connection.batch_execute(SQLITE_QUESTION).await?,
            #[cfg(feature = "postgres")]
            Asked::Postgres(ref mut connection) => {
                connection.batch_execute(POSTGRES_QUESTION).await?
            }
        }
        *kept = Some(asked);
        Ok(())
    }
}

impl Asked {
    async fn open(connections: &Connections) -> Result<Self, QueryError> {
        Ok(match *connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => Self::Sqlite(pool.manager().create().await?),
            #[cfg(feature = "postgres")]
            Connections::Postgres(ref pool) => Self::Postgres(pool.manager().create().await?),
        })
    }

    fn is_lost(&self) -> bool {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(ref connection) => connection.is_lost(),
        }
    }
}

/// When the database last answered a query of a page.
#[derive(Default)]
pub(super) struct Answered {
    since: OnceLock<Instant>,
    milliseconds: AtomicU64,
}

impl Answered {
    /// An answer has come just now.
    pub(super) fn note(&self) {
        let since = self.since.get_or_init(Instant::now);
        let now = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.milliseconds.store(now, Ordering::Relaxed);
    }

    /// Whether an answer has come after this moment.
    pub(super) fn is_after(&self, moment: Instant) -> bool {
        let Some(since) = self.since.get() else { return false };
        let last = std::time::Duration::from_millis(self.milliseconds.load(Ordering::Relaxed));
        *since + last > moment
    }
}
