//! The closed list of what can wake a view's task.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Backlog, Wrap};
use crate::component::id::Name;
use crate::ended::Ended;
use crate::navigation::{History, LocalPath};
use crate::runtime::attachment::Attachment;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::recipient::Detached;
use crate::telemetry::{EventOutcome, PageTrace};

/// One thing for a view to handle.
pub(crate) enum Mail<M> {
    /// A frame of the joined client on this view's topic.
    Frame(ClientFrame),
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
    /// A view nested in this one asks for another URL of the page.
    Patch { to: LocalPath, history: History, queued: Instant },
    /// One of the view's uploads has failed.
    Uploads,
    /// Nested views that found no seat on the page may ask again.
    SeatFreed,
}

/// A message and where it comes from.
pub(crate) struct Envelope<M> {
    pub(crate) message: Message<M>,
    /// The work that sent it.
    pub(crate) publisher: PageTrace,
    /// When it was sent, or when there was first a task to handle it.
    pub(crate) queued: Instant,
    /// Where it counts, if it was heard on a topic.
    pub(crate) heard: Option<Arc<Backlog>>,
}

/// For whom a message is.
pub(crate) enum Message<M> {
    View(M),
    /// For the view, heard on a topic.
    Heard(Wrap<M>),
    /// Boxed, so that the mailbox of a view without components has no room for it.
    Component(Box<ComponentMessage>),
    /// For whichever of the two has started the piece.
    Arrival(Box<Arrival>),
}

/// A message for one of the view's components, if it is still there.
pub(crate) struct ComponentMessage {
    pub(crate) name: Name,
    /// Of the type that the component's type declares.
    pub(crate) message: Box<dyn Any + Send>,
}

/// What a piece of work has come to.
pub(crate) struct Arrival {
    /// Of the piece.
    pub(crate) number: u64,
    /// The component that has started it; none for the view itself.
    pub(crate) owner: Option<Name>,
    /// What that is called.
    pub(crate) component: Option<&'static str>,
    /// Of the piece.
    pub(crate) name: &'static str,
    pub(crate) outcome: EventOutcome,
    pub(crate) took: Duration,
    /// What the view's task does with it, of the type that the starter's type asks for.
    pub(crate) settle: Box<dyn Any + Send>,
}
