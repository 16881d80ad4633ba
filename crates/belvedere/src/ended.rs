//! [`Ended`]: why a live view is no more, for those who clean up after it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why a live view has ended; what [`Socket::on_end`](crate::Socket::on_end) and
/// [`NestedView::on_end`](crate::NestedView::on_end) are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// Its `mount` has failed, or panicked.
    NotMounted,
    /// No browser has joined the page that it was mounted for, in time or at all, or it has left before
    /// `mount` was done.
    NotJoined,
    /// The page shows it as it was, without events: it has more nested views than its socket may join,
    /// see [`LiveConfig::max_joins_per_socket`](crate::LiveConfig).
    Inert,
    /// The browser has left the page, or dropped the view from it.
    Left,
    /// It has sent the browser to another page.
    Navigated,
    /// A callback or a render of it panicked.
    Crashed,
    /// The browser has lost its connection and did not come back in time.
    NotReturned,
    /// The view around this nested one places it no more, or has ended itself.
    Removed,
    /// Another has been mounted in its place, because it could not tell its streams' items again.
    Replaced,
    /// The server had no room for it, or no room for a message to it; also before a browser has joined.
    GivenUp,
    /// Its session was ended or disconnected: its visitor has signed in or out, or
    /// [`LiveRuntime::end_session`](crate::LiveRuntime::end_session) or
    /// [`LiveRuntime::disconnect`](crate::LiveRuntime::disconnect) was called.
    SessionEnded,
    /// The server goes away.
    ServerStopped,
}

/// A mounted view that waits for its first browser, whatever its type.
pub(crate) trait Held: Any + Send {
    /// Its type's name, as in the log.
    fn name(&self) -> &'static str;

    /// It ends for this reason, and what stands in it, if it is dropped from here on.
    fn give_up(&mut self, why: Ended);
}

/// A view that waits, and whose author's destructors harm nobody who drops it: a task that looks after all
/// views, the request of another visitor.
pub(crate) struct HeldView(Option<Box<dyn Held>>);

impl HeldView {
    pub(crate) fn new(view: impl Held) -> Self {
        Self(Some(Box::new(view)))
    }

    /// It ends for this reason, if it is dropped from here on.
    pub(crate) fn give_up(&mut self, why: Ended) {
        if let Some(view) = &mut self.0 {
            view.give_up(why);
        }
    }

    /// What it takes in place.
    pub(crate) fn n_bytes(&self) -> usize {
        self.0.as_deref().map_or(0, size_of_val)
    }

    /// The view, if it is of this type.
    pub(crate) fn into_view<T: Held>(mut self) -> Option<T> {
        let view: Box<dyn Any> = self.0.take()?;
        view.downcast().ok().map(|view| *view)
    }
}

impl Drop for HeldView {
    fn drop(&mut self) {
        if let Some(view) = self.0.take() {
            let name = view.name();
            let_go(name, || drop(view));
        }
    }
}

/// Drops what is a view's, and goes on should a destructor panic.
pub(crate) fn let_go(view: &'static str, drops: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(drops)).is_err() {
        tracing::error!(view, callback = "drop", "a live view panicked; it had ended already");
    }
}

type Guard = Box<dyn FnOnce(Ended) + Send>;

/// Told when a nested view ends, as often as one is mounted in its place.
pub(crate) type OnEnd = Arc<dyn Fn(Ended) + Send + Sync>;

/// What is to happen when a view ends; dropping it does it.
pub(crate) struct Endings {
    /// Known before the end, so that whatever drops the view says it.
    pub(crate) why: Ended,
    /// With the name of the view.
    guards: Vec<(&'static str, Guard)>,
}

impl Endings {
    pub(crate) fn add(&mut self, view: &'static str, guard: impl FnOnce(Ended) + Send + 'static) {
        self.guards.push((view, Box::new(guard)));
    }
}

impl Default for Endings {
    /// Of a view that no browser has joined yet.
    fn default() -> Self {
        Self { why: Ended::NotJoined, guards: Vec::new() }
    }
}

impl Drop for Endings {
    fn drop(&mut self) {
        for (view, guard) in self.guards.drain(..) {
            if catch_unwind(AssertUnwindSafe(|| guard(self.why))).is_err() {
                let (callback, why) = ("on_end", self.why);
                tracing::error!(view, callback, ?why, "cleaning up after a live view panicked");
            }
        }
    }
}

impl fmt::Debug for Endings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Endings").field("why", &self.why).finish_non_exhaustive()
    }
}
