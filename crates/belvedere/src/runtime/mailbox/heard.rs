//! What a view hears on topics: as many messages of each as may wait, and no more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Mail, Mailbox, Message, State};
use crate::pub_sub::Delivered;
use crate::runtime::in_flight::Ticket;
use crate::telemetry::PageTrace;

/// Of all topics of a view together, as many messages wait as of so many topics.
const MAX_FULL_TOPICS: usize = 4;

/// The messages of one topic that wait in a mailbox. Read and written under the mailbox's lock alone.
#[derive(Debug)]
pub(crate) struct Backlog {
    max_waiting: usize,
    n_waiting: AtomicUsize,
    /// The one that waits says that messages were missed.
    has_missed: AtomicBool,
}

/// Makes the view's message of what was heard: run by the view's own task, for it is the author's code.
pub(crate) type Wrap<M> = Box<dyn FnOnce() -> M + Send>;

impl Backlog {
    pub(crate) fn new(max_waiting: usize) -> Self {
        Self { max_waiting, n_waiting: AtomicUsize::new(0), has_missed: AtomicBool::new(false) }
    }

    fn n_waiting(&self) -> usize {
        self.n_waiting.load(Ordering::Relaxed)
    }

    fn has_missed(&self) -> bool {
        self.has_missed.load(Ordering::Relaxed)
    }

    fn waits(&self, n_waiting: usize, has_missed: bool) {
        self.n_waiting.store(n_waiting, Ordering::Relaxed);
        self.has_missed.store(has_missed, Ordering::Relaxed);
    }
}

impl<M> Mailbox<M> {
    /// Queues what was heard on a topic. When as much waits as may, all of it is missed instead.
    pub(crate) fn post_heard(
        &self,
        backlog: &Arc<Backlog>,
        message: impl FnOnce() -> Wrap<M>,
        missed: impl FnOnce() -> Wrap<M>,
        publisher: PageTrace,
    ) -> Delivered {
        let mut state = self.lock();
        let n_waiting = backlog.n_waiting();
        let is_full = n_waiting >= backlog.max_waiting
            || state.n_heard >= backlog.max_waiting.saturating_mul(MAX_FULL_TOPICS);
        if state.closed || backlog.has_missed() || is_full {
            drop(state);
            return self.post_missed(backlog, missed, publisher);
        }
        backlog.waits(n_waiting + 1, false);
        state.n_heard += 1;
        self.push_message(state, Message::Heard(message()), publisher, Some(backlog));
        Delivered::Waits
    }

    /// Drops all that waits of a topic, and queues in its place what `missed` returns; until that is
    /// handled, which is followed by reading anew, nothing more is queued.
    pub(crate) fn post_missed(
        &self,
        backlog: &Arc<Backlog>,
        missed: impl FnOnce() -> Wrap<M>,
        publisher: PageTrace,
    ) -> Delivered {
        let mut state = self.lock();
        if state.closed {
            return Delivered::Gone;
        }
        if backlog.has_missed() {
            return Delivered::Missed(1);
        }
        let lost = state.take_heard(backlog);
        backlog.waits(1, true);
        state.n_heard += 1;
        self.push_message(state, Message::Heard(missed()), publisher, Some(backlog));
        Delivered::Missed(lost.len() + 1)
    }

    /// Drops all that waits of a topic that the view listens to no more.
    pub(crate) fn forget_heard(&self, backlog: &Arc<Backlog>) {
        let lost = self.lock().take_heard(backlog);
        drop(lost);
    }
}

impl<M> State<M> {
    /// Mail that counts toward the mailbox's capacity: frames, what was heard and what work has come to
    /// have bounds of their own.
    pub(super) fn n_counted(&self) -> usize {
        self.queue.len() - self.n_frames - self.n_heard - self.n_arrivals
    }

    /// A mail has been taken out.
    pub(super) fn is_taken(&mut self, mail: &Mail<M>) {
        let envelope = match mail {
            Mail::Frame(_) => return self.n_frames -= 1,
            Mail::Message(envelope) => envelope,
            _ => return,
        };
        if let Some(backlog) = &envelope.heard {
            self.n_heard -= 1;
            backlog.waits(backlog.n_waiting() - 1, false);
        }
        if let Message::Arrival(_) = envelope.message {
            self.n_arrivals -= 1;
        }
    }

    /// Takes out all that waits of a topic, to be dropped when the lock is released.
    fn take_heard(&mut self, backlog: &Arc<Backlog>) -> VecDeque<(Mail<M>, Option<Ticket>)> {
        if backlog.n_waiting() == 0 {
            return VecDeque::new();
        }
        let is_of_it = |mail: &Mail<M>| match mail {
            Mail::Message(envelope) => {
                envelope.heard.as_ref().is_some_and(|own| Arc::ptr_eq(own, backlog))
            }
            _ => false,
        };
        let (lost, kept): (VecDeque<_>, _) =
            std::mem::take(&mut self.queue).into_iter().partition(|(mail, _)| is_of_it(mail));
        self.queue = kept;
        self.n_heard -= lost.len();
        backlog.waits(0, false);
        lost
    }
}
