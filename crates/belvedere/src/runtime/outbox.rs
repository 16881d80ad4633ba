//! The outbox of one connection: the closed list of what views and the runtime hand to it.
//!
//! Needs no numeric bound: each view has at most one frame waiting (`runtime::mailbox`), plus the
//! reply to its join, its end and the answer to a drain, and the number of views on a connection is
//! bounded.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::runtime::in_flight::Ticket;
use crate::runtime::reader::{self, Reader};
use crate::runtime::recipient::{Detached, Recipient};
use crate::runtime::transport::{CloseReason, Text};

/// One thing for a connection to carry out, in the order handed over.
pub(crate) enum Outgoing {
    /// Send this text; then tell `view` that its frame is gone.
    Frame { text: Text, view: Option<Arc<dyn Recipient>>, ticket: Ticket },
    /// The join with this number succeeded: frames of its topic go to `view` from now on.
    Joined { incarnation: u64, view: Arc<dyn Recipient> },
    /// The channel with this number is over: its topic is free.
    Ended { incarnation: u64 },
    /// The server goes away: close the socket when the views have answered what they were asked.
    Drain,
    /// The view of this channel has answered everything that it was asked before.
    Drained { incarnation: u64 },
    /// Close the socket.
    Close(CloseReason),
}

/// A queue with one reader, the connection.
#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Outgoing>,
    /// Of the connection task, while it waits.
    reader: Reader,
    /// The connection is over, and how its client went; what is handed in is dropped.
    closed: Option<Detached>,
}

impl Outbox {
    /// Hands `outgoing` over. When the connection is over, whoever waits for it is told.
    pub(crate) fn push(&self, outgoing: Outgoing) {
        let mut state = self.lock();
        if let Some(parting) = state.closed {
            drop(state);
            undelivered(outgoing, parting);
            return;
        }
        reader::append(&mut state.queue, outgoing);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The next item. Cancel safe.
    pub(crate) fn next(&self) -> impl Future<Output = Outgoing> {
        poll_fn(|context| {
            let mut state = self.lock();
            match reader::take_first(&mut state.queue) {
                Some(outgoing) => Poll::Ready(outgoing),
                None => {
                    state.reader.waits(context);
                    Poll::Pending
                }
            }
        })
    }

    /// The next item if one waits.
    pub(crate) fn try_next(&self) -> Option<Outgoing> {
        reader::take_first(&mut self.lock().queue)
    }

    /// Takes nothing more; whoever waits for what was queued is told, and why the connection ended.
    pub(crate) fn close(&self, parting: Detached) {
        let queued = {
            let mut state = self.lock();
            state.closed = Some(parting);
            std::mem::take(&mut state.queue)
        };
        queued.into_iter().for_each(|outgoing| undelivered(outgoing, parting));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a view what the connection can no longer do for it: a view must neither wait for a frame
/// that nobody will take, nor believe that it has a browser.
fn undelivered(outgoing: Outgoing, parting: Detached) {
    match outgoing {
        Outgoing::Frame { view: Some(view), .. } => view.frame_taken(),
        Outgoing::Joined { incarnation, view } => view.detach(incarnation, parting),
        Outgoing::Frame { view: None, .. }
        | Outgoing::Ended { .. }
        | Outgoing::Drain
        | Outgoing::Drained { .. }
        | Outgoing::Close(_) => {}
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outbox").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::mailbox::{Mail, Mailbox};

    #[tokio::test]
    async fn a_view_that_joins_too_late_learns_how_its_browser_went() {
        for parting in [Detached::Lost, Detached::Left] {
            let (outbox, mailbox) =
                (Outbox::default(), Arc::new(Mailbox::<()>::new(9, Arc::default())));
            let view = || Arc::clone(&mailbox) as Arc<dyn Recipient>;
            outbox.push(Outgoing::Joined { incarnation: 1, view: view() });
            outbox.close(parting);
            outbox.push(Outgoing::Joined { incarnation: 2, view: view() });
            for joined in [1, 2] {
                let (mail, _) = mailbox.next().await;
                let Mail::Detach { incarnation, cause } = mail else { panic!("it was joined") };
                assert_eq!((incarnation, cause), (joined, parting));
            }
        }
    }
}
