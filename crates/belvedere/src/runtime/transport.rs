//! What carries frames: a WebSocket (`http::websocket`), requests that poll (`http::long_poll`), in tests a
//! pair of queues.

use std::cell::Cell;
use std::future::Future;

use bytes::Bytes;

use crate::runtime::in_flight::Ticket;
use crate::runtime::recipient::Detached;

/// The text of one frame.
pub(crate) type Text = tokio_tungstenite::tungstenite::Utf8Bytes;

/// Capacity that a thread keeps between frames; larger ones, which are rare, pay for themselves.
const KEPT_BYTES: usize = 64 * 1024;

thread_local! {
    /// What this thread writes frames into. A frame written within another, or after a panic in
    /// one, finds an empty one.
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

/// The text that `write` appends to a string: written where it need not grow, kept at its size.
pub(crate) fn text(write: impl FnOnce(&mut String)) -> Text {
    let mut scratch = SCRATCH.take();
    write(&mut scratch);
    let text = Text::from(scratch.as_str());
    scratch.clear();
    scratch.shrink_to(KEPT_BYTES);
    SCRATCH.set(scratch);
    text
}

/// What came from the client.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A text frame. Tests know by the ticket that it has not been handled yet.
    Text(Text, Option<Ticket>),
    /// A binary frame, and whether only its beginning was read.
    Binary { bytes: Bytes, is_cut: bool, ticket: Option<Ticket> },
    /// A ping or pong: the client is alive and there is nothing to do.
    Alive,
    /// A browser that polls has asked again; it sends no heartbeats.
    Polled,
    /// The client says goodbye, and how it means it.
    Closed(Detached),
    /// The beginning of a text frame above the size limit, whose rest was dropped.
    TooLong { head: Text, n_bytes: usize },
    /// Something that no client may send, and why: nothing more can be read.
    Unreadable(CloseReason),
}

/// Carries frames in both directions.
pub(crate) trait Transport: Send {
    /// The next frame; `None` when the client is gone, and after [`Incoming::Unreadable`]. Cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Incoming>> + Send;

    /// Queues a text frame; `Err` when the client is gone.
    fn send(&mut self, text: Text) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Writes what is queued.
    fn flush(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Says goodbye with a close frame.
    fn close(&mut self, reason: CloseReason) -> impl Future<Output = ()> + Send;
}

/// The client cannot be written to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

/// Why the server closes a socket. Never 1000, which makes the client load the page anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// 1012: this server goes away; the client reconnects at once.
    Restart,
    /// 1001: the session ended or nothing was heard for too long; the client reconnects.
    GoingAway,
    /// 1001: nothing was joined for too long; a client that has something to join reconnects.
    Unused,
    /// 1002: a frame that no client may send.
    Malformed,
    /// 1007: a text that is none.
    NoText,
    /// 1009: a message above all limits.
    TooBig,
    /// 1013: a view cannot keep up with its client.
    Overload,
}

impl CloseReason {
    /// The close code of RFC 6455.
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::GoingAway | Self::Unused => 1001,
            Self::Malformed => 1002,
            Self::NoText => 1007,
            Self::TooBig => 1009,
            Self::Restart => 1012,
            Self::Overload => 1013,
        }
    }

    /// The words beside the code.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::GoingAway => "going away",
            Self::Unused => "nothing joined",
            Self::Malformed => "malformed frame",
            Self::NoText => "text is not UTF-8",
            Self::TooBig => "frame too large",
            Self::Restart => "server restart",
            Self::Overload => "overloaded",
        }
    }
}
