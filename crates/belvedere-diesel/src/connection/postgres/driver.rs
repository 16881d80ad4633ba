//! The task that moves a connection's bytes, and who ends it.

use std::error::Error as _;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

/// The task that drives a connection. It ends with this, whatever the server still works on, so
/// that nothing that was given up keeps a connection open.
pub(crate) struct Driver {
    /// None once it was let go.
    task: Option<JoinHandle<()>>,
}

impl Driver {
    /// Starts to move the bytes of this connection.
    pub(super) fn start<S, T>(connection: tokio_postgres::Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self { task: Some(tokio::spawn(drive(connection))) }
    }

    /// Whether the server hung up.
    pub(super) fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Lets it say goodbye to the server, which it does when its client is dropped. Only for a
    /// connection on which every query was answered: it would wait for the others.
    pub(super) fn let_go(&mut self) {
        self.task = None;
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Moves bytes until the client is dropped or the server hangs up.
async fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if let Err(error) = connection.await {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!(reason, "a PostgreSQL connection ended; the pool opens another");
    }
}
