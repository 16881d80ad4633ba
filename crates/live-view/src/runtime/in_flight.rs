//! How much work is under way, so that a test, or a server about to stop, can wait for its end.
//!
//! Whatever waits or is being worked on holds a [`Ticket`]: a frame on its way in, a mail in a
//! view's mailbox, a join, a frame on its way out. Passing work on means taking the next ticket
//! before the last is dropped, so the count reaches zero only when everything is quiet.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The counter; one per runtime.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    count: AtomicUsize,
    quiet: Notify,
}

/// One piece of work under way.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<InFlight>);

impl InFlight {
    pub(crate) fn ticket(self: &Arc<Self>) -> Ticket {
        self.count.fetch_add(1, Ordering::AcqRel);
        Ticket(Arc::clone(self))
    }

    /// Returns when no work is under way.
    pub(crate) async fn settled(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            quiet.await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.quiet.notify_waiters();
        }
    }
}
