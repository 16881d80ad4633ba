//! [`MessageSender`]: how the rest of the server reaches a view, or one of its components.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::component::id::Name;
use crate::runtime::mailbox::{ComponentMessage, Inbox, Mailbox};
use crate::runtime::recipient::Refused;
use crate::telemetry::PageTrace;

/// Sends messages to one view, or to one component of it; each is handled by its `handle_message`,
/// in the order sent.
///
/// Cheap to clone, and harmless once the view has ended. A message for a component that the page no
/// longer shows is taken and dropped.
pub struct MessageSender<M> {
    target: Target<M>,
}

enum Target<M> {
    View(Arc<Mailbox<M>>),
    Component(Arc<dyn Inbox>, Name),
}

/// Why a message was not taken; it holds the message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError<M> {
    /// The view has ended.
    #[error("the view has ended")]
    Ended(M),
    /// The view's mailbox is at its bound ([`LiveConfig::mailbox_capacity`](crate::LiveConfig)). The
    /// view is given up: its state lacks this message, so its browser reconnects at once and finds
    /// one mounted anew.
    #[error("the view's mailbox is full")]
    Full(M),
}

impl<M> SendError<M> {
    pub(crate) fn new(refused: Refused, message: M) -> Self {
        match refused {
            Refused::Ended => Self::Ended(message),
            Refused::Full => Self::Full(message),
        }
    }
}

impl<M: Send + 'static> MessageSender<M> {
    pub(crate) fn to_view(mailbox: Arc<Mailbox<M>>) -> Self {
        Self { target: Target::View(mailbox) }
    }

    /// `M` is what the component's type takes.
    pub(crate) fn to_component(inbox: Arc<dyn Inbox>, name: Name) -> Self {
        Self { target: Target::Component(inbox, name) }
    }

    /// Puts `message` into the view's mailbox, without waiting. The act that handles it links to the
    /// work that is under way here.
    ///
    /// # Errors
    ///
    /// [`SendError`] when the view has ended or is too far behind; the message comes back.
    pub fn send(&self, message: M) -> Result<(), SendError<M>> {
        self.send_from(message, PageTrace::current())
    }

    /// Whether the view has ended: nothing that is sent will be handled. For lists of senders, which
    /// would otherwise notice it at the next message.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match &self.target {
            Target::View(mailbox) => mailbox.has_ended(),
            Target::Component(inbox, _) => inbox.has_ended(),
        }
    }

    /// [`send`](Self::send) in the name of earlier work.
    pub(super) fn send_from(&self, message: M, publisher: PageTrace) -> Result<(), SendError<M>> {
        match &self.target {
            Target::View(mailbox) => mailbox
                .post_message(message, publisher)
                .map_err(|(message, refused)| SendError::new(refused, message)),
            Target::Component(inbox, name) => {
                let message = ComponentMessage { name: *name, message: Box::new(message) };
                let posted = inbox.post_to_component(Box::new(message), publisher);
                posted.map_err(|(message, refused)| {
                    let message: Box<dyn Any> = message.message;
                    let message = message.downcast().expect("it comes back as it was sent");
                    SendError::new(refused, *message)
                })
            }
        }
    }
}

impl<M> Clone for MessageSender<M> {
    fn clone(&self) -> Self {
        let target = match &self.target {
            Target::View(mailbox) => Target::View(Arc::clone(mailbox)),
            Target::Component(inbox, name) => Target::Component(Arc::clone(inbox), *name),
        };
        Self { target }
    }
}

impl<M> fmt::Debug for MessageSender<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MessageSender").finish_non_exhaustive()
    }
}
