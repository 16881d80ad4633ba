//! [`Ended`]: why a live view is no more, for those who clean up after it.

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
    /// No browser has joined the page that it was mounted for, in time or at all.
    NotJoined,
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
    /// The server had no room for it, or no room for a message to it.
    GivenUp,
    /// Its session was ended, by [`LiveRuntime::disconnect`](crate::LiveRuntime::disconnect).
    SessionEnded,
    /// The server goes away.
    ServerStopped,
}

/// Told when a nested view ends, as often as one is mounted in its place.
pub(crate) type OnEnd = Arc<dyn Fn(Ended) + Send + Sync>;

/// What is to happen when a view ends; dropping it does it.
pub(crate) struct Endings {
    /// Known before the end, so that whatever drops the view says it.
    pub(crate) why: Ended,
    guards: Vec<Box<dyn FnOnce(Ended) + Send>>,
}

impl Endings {
    pub(crate) fn add(&mut self, guard: impl FnOnce(Ended) + Send + 'static) {
        self.guards.push(Box::new(guard));
    }
}

impl Default for Endings {
    /// Of a view that is being mounted.
    fn default() -> Self {
        Self { why: Ended::NotMounted, guards: Vec::new() }
    }
}

impl Drop for Endings {
    fn drop(&mut self) {
        for guard in self.guards.drain(..) {
            if catch_unwind(AssertUnwindSafe(|| guard(self.why))).is_err() {
                tracing::error!(why = ?self.why, "cleaning up after a live view panicked");
            }
        }
    }
}

impl fmt::Debug for Endings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Endings").field("why", &self.why).finish_non_exhaustive()
    }
}
