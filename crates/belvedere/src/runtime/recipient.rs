//! [`Recipient`]: what a connection may do with a view that is joined on it, whatever its type.

use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::Ticket;

/// A view as its connection knows it.
pub(crate) trait Recipient: Send + Sync {
    /// Queues a client frame, which is dropped when the view has ended. Never refused for fullness: its
    /// connection counts what waits.
    fn post_frame(&self, frame: ClientFrame, ticket: Ticket);
    /// Queues the loss of the browser. Never refused for fullness.
    fn detach(&self, incarnation: u64, cause: Detached);
    /// Queues the question whether everything before it is answered; false when the view has ended.
    /// Never refused for fullness.
    fn drain(&self, incarnation: u64) -> bool;
    /// Whether the view has ended, or is to end as soon as its callback is done.
    fn is_ending(&self) -> bool;
    /// Queues that one of its uploads has failed. Never refused for fullness: each fails once.
    fn uploads_changed(&self);
    /// The socket has taken this view's last frame.
    fn frame_taken(&self);
}

/// Why a view has no browser any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detached {
    /// The connection broke or the topic was joined anew: keep the view for its grace period.
    Lost,
    /// The client has closed its socket for good, or has not waited for its join: the view ends, and may be
    /// asked for again with its snapshot.
    Left,
    /// The client has left the view: it ends.
    Quit,
}

/// The mailbox did not take the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The view has ended.
    Ended,
    /// It is at its bound.
    Full,
}
