//! What the client of one connection has sent and nobody has handled yet, in bytes.
//!
//! A mailbox counts its mails; this counts what they weigh, over all views of the connection, so that
//! a client cannot fill memory with a few hundred frames of the largest size. While it is full the
//! connection reads nothing more, and the network makes the client wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The bytes that wait on one connection.
#[derive(Debug)]
pub(crate) struct Backlog {
    bytes: AtomicUsize,
    frames: AtomicUsize,
    max_bytes: usize,
    /// Told when something was handled while it was full.
    handled: Notify,
}

/// A frame's part of a backlog, until it is dropped with the frame.
#[derive(Debug)]
pub(crate) struct Load {
    backlog: Arc<Backlog>,
    bytes: usize,
}

impl Backlog {
    pub(crate) fn new(max_bytes: usize) -> Arc<Self> {
        let (bytes, frames) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { bytes, frames, max_bytes, handled: Notify::new() })
    }

    /// Takes `bytes` more. The connection asks [`is_full`](Self::is_full) before it reads, so that the
    /// bound is passed by one frame at most, which has a bound of its own.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Load {
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        self.frames.fetch_add(1, Ordering::AcqRel);
        Load { backlog: Arc::clone(self), bytes }
    }

    /// Whether nothing more may be read. A frame alone never fills it, however long it is.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes() >= self.max_bytes && self.frames.load(Ordering::Acquire) > 1
    }

    /// Returns when there is room. Cancel safe.
    pub(crate) async fn room(&self) {
        while self.is_full() {
            self.handled.notified().await;
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }
}

impl Load {
    /// Counts the frame where `other` is counted: its view has come to that connection.
    pub(crate) fn move_to(&mut self, other: &Self) {
        *self = other.backlog.take(self.bytes);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.backlog.frames.fetch_sub(1, Ordering::AcqRel);
        let before = self.backlog.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        if before >= self.backlog.max_bytes {
            self.backlog.handled.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_waits_has_a_bound_and_makes_room_when_it_is_handled() {
        let backlog = Backlog::new(10);
        let first = backlog.take(6);
        assert!(!backlog.is_full());
        let second = backlog.take(4);
        assert!(backlog.is_full() && backlog.room().now_or_never().is_none());
        drop(first);
        assert!(!backlog.is_full() && backlog.room().now_or_never().is_some());
        let third = backlog.take(60);
        assert!(backlog.is_full());
        drop((second, third));
        assert_eq!(backlog.bytes(), 0);
    }

    #[test]
    fn a_frame_that_is_alone_leaves_room_for_another() {
        let backlog = Backlog::new(10);
        let _large = backlog.take(100);
        assert!(!backlog.is_full());
        let _small = backlog.take(1);
        assert!(backlog.is_full());
    }

    #[test]
    fn a_frame_is_counted_where_its_view_has_gone() {
        let (old, new) = (Backlog::new(10), Backlog::new(10));
        let mut frame = old.take(9);
        let join = new.take(1);
        frame.move_to(&join);
        assert_eq!((old.bytes(), new.bytes(), new.is_full()), (0, 10, true));
    }
}
