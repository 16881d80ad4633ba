//! The closed list of what can wake a view's task.

use std::any::Any;
use std::time::Instant;

use crate::component::registry::Name;
use crate::ended::Ended;
use crate::runtime::attachment::Attachment;
use crate::runtime::client_frame::ClientFrame;
use crate::telemetry::PageTrace;

/// One thing for a view to handle.
pub(crate) enum Mail<M> {
    /// A frame of the joined client on this view's topic.
    Frame { frame: ClientFrame, queued: Instant },
    /// Sent by the server side.
    Message(Envelope<M>),
    /// A browser joins, for the first time or again.
    Attach(Box<Attachment>),
    /// The incarnation with this number lost its browser.
    Detach { incarnation: u64, cause: Detached },
    /// The server goes away: say so when everything before this is answered.
    Drain { incarnation: u64 },
    /// The view is given up: others need the room or the topic, the session ended, or a message was
    /// lost.
    Evict(Ended),
    /// The view that placed this one has ended or places it no more.
    End,
}

/// A message and where it comes from.
pub(crate) struct Envelope<M> {
    pub(crate) message: Message<M>,
    /// The work that sent it.
    pub(crate) publisher: PageTrace,
    /// When it was sent, or when there was first a task to handle it.
    pub(crate) queued: Instant,
}

/// For whom a message is.
pub(crate) enum Message<M> {
    View(M),
    /// Boxed, so that the mailbox of a view without components has no room for it.
    Component(Box<ComponentMessage>),
}

/// A message for one of the view's components, if it is still there.
pub(crate) struct ComponentMessage {
    pub(crate) name: Name,
    /// Of the type that the component's type declares.
    pub(crate) message: Box<dyn Any + Send>,
}

/// Why a view has no browser any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detached {
    /// The connection broke or the topic was joined anew: keep the view for its grace period.
    Lost,
    /// The client has left the view, or closed its socket for good: the view ends.
    Left,
}

/// The mailbox did not take the frame or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The view has ended.
    Ended,
    /// At its bound.
    Full,
}
