//! The end of a server: its sockets are told to move to another one, some at a time.
//!
//! ```text
//! drain ─▶ not ready, no new sockets ─▶ a batch is told ─▶ … a pause … ─▶ the next ─▶ … ─▶ all have gone
//!                                           └─▶ each of its views answers what it was asked,
//!                                               hands over what is to outlive it, and the socket closes
//! ```
//!
//! What happens on one socket is in `runtime::connection::drain`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Runtime;
use super::outbox::Outgoing;

/// How often in a second some are told.
const BATCHES_PER_SECOND: u32 = 10;

/// The time between two batches.
const PAUSE: Duration = Duration::from_millis(1000 / BATCHES_PER_SECOND as u64);

impl Runtime {
    /// Asks every client to reconnect elsewhere, once it has its answers, and returns when all have
    /// gone, and their files with them.
    pub(crate) async fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.move_all().await;
        self.config.pub_sub.leave().await;
        // What an application's router holds may hold the runtime, which then is never dropped.
        self.uploads.leave();
    }

    async fn move_all(&self) {
        let told_by = Instant::now() + self.config.drain_within;
        while self.tell_some(told_by) {
            // Ends early when nobody is left.
            if timeout(PAUSE, self.all_gone()).await.is_ok() {
                return;
            }
        }
        self.all_gone().await;
    }

    /// Tells the next batch to move. False when that was the last.
    fn tell_some(&self, told_by: Instant) -> bool {
        let mut connections = self.connections();
        let mut waiting: Vec<_> =
            connections.values_mut().filter(|open| !open.is_told_to_move).collect();
        let left = told_by.duration_since(Instant::now());
        let n = batch(waiting.len(), left, self.config.drain_per_second);
        for open in waiting.iter_mut().take(n) {
            open.is_told_to_move = true;
            open.outbox.push(Outgoing::Drain);
        }
        n < waiting.len()
    }

    async fn all_gone(&self) {
        loop {
            let disconnected = self.disconnected.notified();
            if self.connections().is_empty() {
                return;
            }
            disconnected.await;
        }
    }
}

/// How many of `n_waiting` to tell now: at the set rate, or as many as it takes to have told all in the time
/// that is left.
fn batch(n_waiting: usize, left: Duration, per_second: u32) -> usize {
    let n_batches = usize::try_from(left.as_millis() / PAUSE.as_millis()).unwrap_or(usize::MAX);
    let at_rate = per_second.div_ceil(BATCHES_PER_SECOND) as usize;
    n_waiting.div_ceil(n_batches.max(1)).max(at_rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_the_rate_unless_time_runs_out() {
        let seconds = Duration::from_secs;
        assert_eq!(batch(10, seconds(10), 500), 50);
        assert_eq!(batch(2_000, seconds(10), 500), 50);
        assert_eq!(batch(20_000, seconds(10), 500), 200);
        assert_eq!(batch(300, Duration::ZERO, 500), 300, "the last one");
        assert_eq!(batch(300, seconds(10), 0), 3, "no rate is slower than the time");
    }
}
