//! Turns to write, of which SQLite needs some: who waits for its lock keeps a connection.

use tokio::sync::OwnedSemaphorePermit;
#[cfg(feature = "sqlite")]
use tokio::time::timeout;

use crate::connection::ConnectError;
use crate::repo::pool::{Connections, Pool};

/// Given back when it is dropped; nothing where everybody may write at a time.
pub(super) type Turn = Option<OwnedSemaphorePermit>;

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Read,
    Write,
}

impl Pool {
    /// Waits for a turn as long as for a connection.
    pub(super) async fn turn(&self, purpose: Purpose) -> Result<Turn, ConnectError> {
        let Purpose::Write = purpose else { return Ok(None) };
        match *self.connections() {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => {
                let (manager, waited) = (pool.manager(), self.wait_timeout());
                let turn = timeout(waited, manager.turn_to_write()).await;
                let max_writers = manager.max_writers();
                turn.map(Some).map_err(|_| ConnectError::WritersExhausted { waited, max_writers })
            }
            #[cfg(feature = "postgres")]
            Connections::Postgres(_) => Ok(None),
        }
    }
}
