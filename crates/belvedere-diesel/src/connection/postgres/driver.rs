//! The task that moves a connection's bytes, and who ends it.

use std::error::Error as _;
use std::fmt;
use std::future::poll_fn;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;

/// The task that drives a connection. It ends with this, whatever the server still works on, so
/// that nothing that was given up keeps a connection open.
pub(crate) struct Driver {
    /// None once it was let go.
    task: Option<JoinHandle<()>>,
}

impl Driver {
    /// Starts to move the bytes of this connection, and hands on what it is notified of.
    pub(super) fn start<S, T>(
        connection: tokio_postgres::Connection<S, T>,
        hears: Option<mpsc::Sender<String>>,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self { task: Some(tokio::spawn(drive(connection, hears))) }
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

impl fmt::Debug for Driver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Moves bytes until the client is dropped, the server hangs up, or nobody listens to what is heard any more.
async fn drive<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    hears: Option<mpsc::Sender<String>>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                let payload = notification.payload().to_owned();
                if let Some(hears) = &hears
                    && hears.send(payload).await.is_err()
                {
                    return;
                }
            }
            Some(Ok(AsyncMessage::Notice(notice))) => {
                tracing::info!(message = notice.message(), "PostgreSQL has a word");
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                tracing::warn!(reason, "a PostgreSQL connection ended; another is opened");
                return;
            }
            None => return,
        }
    }
}
