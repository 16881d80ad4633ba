//! How much work is under way, so that a test can wait for its end.
//!
//! Whatever waits or is being worked on holds a [`Ticket`]: a frame on its way in, a mail in a
//! view's mailbox, a join, a frame on its way out. Passing work on means taking the next ticket
//! before the last is dropped, so the count reaches zero only when everything is quiet.
//!
//! Only tests ask, so without feature `testing` nothing is counted and a ticket is nothing at all:
//! a counter written by every core for every frame would be what all connections contend for.

use std::sync::Arc;
#[cfg(feature = "testing")]
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "testing")]
use tokio::sync::Notify;

mod admission;

pub(crate) use admission::Admission;

/// The counter; one per runtime.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    #[cfg(feature = "testing")]
    count: AtomicUsize,
    #[cfg(feature = "testing")]
    quiet: Notify,
    #[cfg(feature = "testing")]
    held: admission::Held,
}

/// One piece of work under way.
#[derive(Debug)]
pub(crate) struct Ticket {
    #[cfg(feature = "testing")]
    in_flight: Arc<InFlight>,
}

impl InFlight {
    pub(crate) fn ticket(self: &Arc<Self>) -> Ticket {
        #[cfg(feature = "testing")]
        self.count.fetch_add(1, Ordering::AcqRel);
        Ticket {
            #[cfg(feature = "testing")]
            in_flight: Arc::clone(self),
        }
    }

    /// Returns when no work is under way.
    #[cfg(feature = "testing")]
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

#[cfg(feature = "testing")]
impl Drop for Ticket {
    fn drop(&mut self) {
        if self.in_flight.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.in_flight.quiet.notify_waiters();
        }
    }
}
