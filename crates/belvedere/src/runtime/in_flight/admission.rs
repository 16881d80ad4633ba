//! When a piece of work may begin: at once, unless a test holds pieces of its name.

use std::sync::Arc;
#[cfg(feature = "testing")]
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

#[cfg(feature = "testing")]
use tokio::sync::oneshot;

use super::{InFlight, Ticket};

/// Lets a piece of work begin.
#[derive(Debug)]
pub(crate) enum Admission {
    Now(Ticket),
    /// When the test lets it go; until then it is no work under way.
    #[cfg(feature = "testing")]
    Later(oneshot::Receiver<Ticket>),
}

impl Admission {
    /// Returns when the piece may begin, with what stands for it.
    #[cfg_attr(
        not(feature = "testing"),
        expect(clippy::unused_async, reason = "only a test has pieces wait")
    )]
    pub(crate) async fn begin(self) -> Ticket {
        match self {
            Self::Now(ticket) => ticket,
            #[cfg(feature = "testing")]
            Self::Later(ticket) => match ticket.await {
                Ok(ticket) => ticket,
                // Whoever held it is gone with the runtime.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

/// Names of pieces that a test holds, and those that wait.
#[cfg(feature = "testing")]
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<BTreeMap<Box<str>, Vec<oneshot::Sender<Ticket>>>>);

#[cfg(feature = "testing")]
impl Held {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Box<str>, Vec<oneshot::Sender<Ticket>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InFlight {
    /// Lets a piece of work of this name begin.
    pub(crate) fn admission(self: &Arc<Self>, name: &str) -> Admission {
        #[cfg(feature = "testing")]
        if let Some(waiting) = self.held.lock().get_mut(name) {
            let (sender, receiver) = oneshot::channel();
            waiting.push(sender);
            return Admission::Later(receiver);
        }
        let _ = name;
        Admission::Now(self.ticket())
    }

    /// Keeps pieces of this name from beginning.
    #[cfg(feature = "testing")]
    pub(crate) fn hold(&self, name: &str) {
        self.held.lock().entry(name.into()).or_default();
    }

    /// Lets them begin, and those that come.
    #[cfg(feature = "testing")]
    pub(crate) fn release(self: &Arc<Self>, name: &str) {
        let waiting = self.held.lock().remove(name).unwrap_or_default();
        for piece in waiting {
            // One that was ended meanwhile needs none.
            let _ = piece.send(self.ticket());
        }
    }
}
