//! What this node has still to send.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Packet;

/// A queue with one reader, bounded in bytes.
///
/// At the bound of what is published all of it goes, which leaves a gap in the numbers that the others
/// notice. What can be said again has less room, and is refused where there is none: it never pushes out
/// what was published.
pub(in crate::pub_sub) struct Unsent {
    node: u64,
    max_bytes: usize,
    state: Mutex<State>,
    ready: Notify,
    sent: Notify,
}

#[derive(Default)]
struct State {
    queue: Vec<String>,
    /// Of that, what was published.
    published_bytes: usize,
    /// Of that, what can be said again.
    repeatable_bytes: usize,
    /// Of the last packet that was taken, or dropped.
    number: u64,
    /// The connection has some that it has not sent yet.
    is_sending: bool,
}

/// Which part of the queue may be taken by what can be said again.
#[derive(Clone, Copy, Debug)]
pub(in crate::pub_sub) enum Share {
    /// For what is told of all people, one after another: a sixteenth of the bound.
    Telling,
    /// For anything else, so that what happens meanwhile has room: a quarter of the bound.
    News,
}

impl Share {
    fn of(self, max_bytes: usize) -> usize {
        match self {
            Self::Telling => max_bytes / 16,
            Self::News => max_bytes / 4,
        }
    }
}

impl Unsent {
    pub(super) fn new(node: u64, max_bytes: usize) -> Self {
        Self { node, max_bytes, state: Mutex::default(), ready: Notify::new(), sent: Notify::new() }
    }

    /// Queues what was published, written as JSON; returns how many packets were dropped for want of room.
    pub(in crate::pub_sub) fn push(&self, what: String) -> usize {
        let mut state = self.lock();
        state.published_bytes += what.len() + Packet::MAX_HEAD_BYTES;
        state.queue.push(what);
        let mut n_dropped = 0;
        if state.published_bytes > self.max_bytes {
            n_dropped = state.take().len();
            state.number += 1;
        }
        drop(state);
        self.ready.notify_one();
        n_dropped
    }

    /// Queues what can be said again, written as JSON, if there is room for it; an empty queue has some
    /// for anything.
    #[must_use]
    pub(in crate::pub_sub) fn offer(&self, what: String, share: Share) -> bool {
        let mut state = self.lock();
        let bytes = state.repeatable_bytes + what.len() + Packet::MAX_HEAD_BYTES;
        if state.repeatable_bytes > 0 && bytes > share.of(self.max_bytes) {
            return false;
        }
        state.repeatable_bytes = bytes;
        state.queue.push(what);
        drop(state);
        self.ready.notify_one();
        true
    }

    /// Returns when there is something to send. Cancel safe.
    pub(super) async fn ready(&self) {
        while self.lock().queue.is_empty() {
            self.ready.notified().await;
        }
    }

    /// All packets that wait, with their numbers.
    pub(super) fn take(&self) -> Vec<String> {
        let mut state = self.lock();
        state.is_sending = true;
        let first = state.number + 1;
        let taken = state.take();
        state.number += taken.len() as u64;
        drop(state);
        let numbered = (first..).zip(taken);
        numbered.map(|(number, what)| Packet::write(self.node, number, &what)).collect()
    }

    /// What was taken is sent, or lost.
    pub(super) fn is_taken(&self) {
        self.lock().is_sending = false;
        self.sent.notify_waiters();
    }

    /// Returns when nothing waits to be sent.
    pub(in crate::pub_sub) async fn settled(&self) {
        loop {
            let sent = self.sent.notified();
            {
                let state = self.lock();
                if state.queue.is_empty() && !state.is_sending {
                    return;
                }
            }
            sent.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Vec<String> {
        (self.published_bytes, self.repeatable_bytes) = (0, 0);
        std::mem::take(&mut self.queue)
    }
}
