//! Connections to the embedded database.
//!
//! SQLite answers in microseconds, so a query runs on the thread of the task that asked. On a
//! multi-threaded runtime the thread is handed over first (`block_in_place`), which costs a
//! quarter of moving the query to another thread; on a current-thread runtime there is nobody to
//! hand it to. Either way a query has no await point, so it cannot be cancelled half-way.

use std::error::Error;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleResult};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::connection::ConnectError;
use crate::database_url::SqlitePath;

/// A SQLite connection that runs its queries in place.
pub(crate) type SqliteConnection = SyncConnectionWrapper<diesel::SqliteConnection, InPlace>;

/// Runs blocking work on the calling thread, after handing over the runtime's duties.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        // In an `async` block, so that the work starts at the first poll: under the caller's
        // span, and not at all when the future is dropped before.
        Box::pin(async move { Ok(in_place(task)) })
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Runs blocking work on the calling thread, on any flavour of runtime or on none.
pub(crate) fn in_place<R>(task: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(task),
        Ok(_) | Err(_) => task(),
    }
}

/// Opens connections to one file.
#[derive(Debug)]
pub struct SqliteManager {
    path: SqlitePath,
    busy_timeout: Duration,
}

impl SqliteManager {
    pub(crate) fn new(path: SqlitePath, busy_timeout: Duration) -> Self {
        Self { path, busy_timeout }
    }
}

impl Manager for SqliteManager {
    type Type = SqliteConnection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        let connection = in_place(|| open(&self.path, self.busy_timeout))?;
        Ok(SyncConnectionWrapper::with_runtime(connection, InPlace))
    }

    // A connection whose transaction was left open never comes back: see `Transaction`.
    async fn recycle(&self, _: &mut Self::Type, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}

/// Makes the directory of the file; the file itself is made by opening it.
pub(crate) fn create_directory(path: &SqlitePath) -> Result<(), ConnectError> {
    let Some(directory) = path.as_path().parent().filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(directory)
        .map_err(|source| ConnectError::SqliteDirectory { path: directory.to_owned(), source })
}

/// Opens the file, makes it when it is missing, and sets it up.
pub(crate) fn open(
    path: &SqlitePath,
    busy_timeout: Duration,
) -> Result<diesel::SqliteConnection, ConnectError> {
    let mut connection = diesel::SqliteConnection::establish(path.as_str())
        .map_err(|error| open_error(path, &error.to_string()))?;
    // The busy time-out comes first: switching to WAL takes a lock, and parallel openers would
    // get "database is locked" at once.
    let pragmas = format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
         PRAGMA foreign_keys = ON;",
        busy_timeout.as_millis()
    );
    connection.batch_execute(&pragmas).map_err(|error| open_error(path, &error.to_string()))?;
    Ok(connection)
}

fn open_error(path: &SqlitePath, reason: &str) -> ConnectError {
    let path = path.as_path().to_owned();
    if reason.contains("readonly database") {
        ConnectError::SqliteReadOnly { path }
    } else {
        ConnectError::SqliteOpen { path, reason: reason.to_owned() }
    }
}
