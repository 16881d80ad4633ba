//! What this node has still to send.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Packet;

/// A queue with one reader, bounded in bytes: at the bound all of it goes, which leaves a gap in the
/// numbers that the others notice.
pub(in crate::pub_sub) struct Unsent {
    node: u64,
    max_bytes: usize,
    state: Mutex<State>,
    ready: Notify,
    #[cfg(feature = "testing")]
    sent: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<String>,
    n_bytes: usize,
    /// Of the last packet.
    number: u64,
    /// The connection has some that it has not sent yet.
    is_sending: bool,
}

impl Unsent {
    pub(super) fn new(node: u64, max_bytes: usize) -> Self {
        Self {
            node,
            max_bytes,
            state: Mutex::default(),
            ready: Notify::new(),
            #[cfg(feature = "testing")]
            sent: Notify::new(),
        }
    }

    /// Queues what is written as JSON; returns how many packets were dropped for want of room.
    pub(in crate::pub_sub) fn push(&self, what: &str) -> usize {
        let mut state = self.lock();
        state.number += 1;
        let packet = Packet::write(self.node, state.number, what);
        state.n_bytes += packet.len();
        state.queue.push_back(packet);
        let mut n_dropped = 0;
        if state.n_bytes > self.max_bytes {
            n_dropped = state.queue.len();
            state.queue = VecDeque::new();
            state.n_bytes = 0;
        }
        drop(state);
        self.ready.notify_one();
        n_dropped
    }

    /// Returns when there is something to send. Cancel safe.
    pub(super) async fn ready(&self) {
        while self.lock().queue.is_empty() {
            self.ready.notified().await;
        }
    }

    pub(super) fn take(&self) -> Vec<String> {
        let mut state = self.lock();
        state.n_bytes = 0;
        state.is_sending = true;
        std::mem::take(&mut state.queue).into()
    }

    /// What was taken is sent, or lost.
    pub(super) fn is_taken(&self) {
        self.lock().is_sending = false;
        #[cfg(feature = "testing")]
        self.sent.notify_waiters();
    }

    /// Returns when nothing waits to be sent.
    #[cfg(feature = "testing")]
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
