//! What carries frames: a WebSocket in production (`http::upgrade`), a pair of queues in tests.

use std::future::Future;

use crate::runtime::in_flight::Ticket;
use crate::runtime::outbox::CloseReason;

/// The text of one frame, shared rather than copied between the connection and a view.
pub(crate) type Text = tokio_tungstenite::tungstenite::Utf8Bytes;

/// What came from the client.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A text frame. Tests know by the ticket that it has not been handled yet.
    Text(Text, Option<Ticket>),
    /// A binary frame.
    Binary(Vec<u8>),
    /// A ping or pong: the client is alive and there is nothing to do.
    Alive,
    /// The client says goodbye.
    Closed,
    /// A frame above the size limit; nothing more can be read.
    TooBig,
}

/// Carries frames in both directions.
pub(crate) trait Transport: Send {
    /// The next frame; `None` when the client is gone. Cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Incoming>> + Send;

    /// Queues a text frame; `Err` when the client is gone.
    fn send(&mut self, text: String) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Writes what is queued.
    fn flush(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Says goodbye with a close frame.
    fn close(&mut self, reason: CloseReason) -> impl Future<Output = ()> + Send;
}

/// The client cannot be written to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;
