//! A connection as it comes from the pool, before its queries are traced.

use deadpool::managed::Object;

#[cfg(feature = "postgres")]
use crate::connection::postgres::PostgresManager;
#[cfg(feature = "sqlite")]
use crate::connection::sqlite::SqliteManager;
use crate::repo::turns::Turn;
use crate::trace::{Probe, Traced};

use super::{Connection, Lease, Pool};

/// A connection as it comes from the pool.
pub(in crate::repo) enum Checkout {
    #[cfg(feature = "sqlite")]
    Sqlite(Object<SqliteManager>),
    #[cfg(feature = "postgres")]
    Postgres(Object<PostgresManager>),
}

impl Checkout {
    /// Writes what is in a removed `-wal` of SQLite to the file itself.
    #[cfg(feature = "sqlite")]
    pub(super) async fn write_back(self) {
        match self {
            Self::Sqlite(mut connection) => SqliteManager::write_back(&mut connection).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
        }
    }

    /// Closes the connection instead of giving it back.
    pub(in crate::repo) fn close(self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => drop(Object::take(connection)),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => drop(Object::take(connection)),
        }
    }

    pub(in crate::repo) fn traced(self, probe: Probe, pool: Pool, turn: Turn) -> Lease {
        let probe = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => probe,
            #[cfg(feature = "postgres")]
            Self::Postgres(ref connection) => Probe { peer: connection.peer(), ..probe },
        };
        Lease {
            pool,
            connection: Some(match self {
                #[cfg(feature = "sqlite")]
                Self::Sqlite(connection) => Connection::Sqlite(Traced::new(connection, probe)),
                #[cfg(feature = "postgres")]
                Self::Postgres(connection) => Connection::Postgres(Traced::new(connection, probe)),
            }),
            turn,
        }
    }
}
