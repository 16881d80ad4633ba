//! What the client of one connection has sent and nobody has handled yet, in frames and in bytes.
//!
//! A mailbox counts what the server side sends; this counts what the client does, over all views of the
//! connection, so that it fills memory neither with many frames nor with long ones. While it is full the
//! connection reads nothing more, and the network makes the client wait. What is more than a few clicks
//! counts in the client's [`Share`] as well, since many connections could each have as much as one may.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::runtime::shares::Share;

/// What may wait on each connection beside all shares. Clicks and keystrokes stay within it, and so touch no
/// counter that connections share.
const FREE_BYTES: usize = 16 * 1024;

/// What waits on one connection.
#[derive(Debug)]
pub(crate) struct Backlog {
    bytes: AtomicUsize,
    frames: AtomicUsize,
    max_bytes: usize,
    max_frames: usize,
    /// Of its client.
    share: Share,
    /// Told when something was handled while it was full, or may have been.
    handled: Notify,
}

/// A frame's part of a backlog, until it is dropped with the frame.
#[derive(Debug)]
pub(crate) struct Load {
    backlog: Arc<Backlog>,
    bytes: usize,
    /// It counts in the client's share.
    is_shared: bool,
}

impl Backlog {
    pub(crate) fn new(max_bytes: usize, max_frames: usize, share: Share) -> Arc<Self> {
        let (bytes, frames) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { bytes, frames, max_bytes, max_frames, share, handled: Notify::new() })
    }

    /// Of a client without bounds beside this one.
    #[cfg(test)]
    pub(crate) fn alone(max_bytes: usize) -> Arc<Self> {
        Self::new(max_bytes, usize::MAX, crate::runtime::shares::Shares::unbounded())
    }

    /// Takes `bytes` more. The connection asks [`is_full`](Self::is_full) before it reads, so that the
    /// bound is passed by one frame at most, which has a bound of its own.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Load {
        let before = self.bytes.fetch_add(bytes, Ordering::AcqRel);
        self.frames.fetch_add(1, Ordering::AcqRel);
        let is_shared = before + bytes > FREE_BYTES;
        if is_shared {
            self.share.wait(bytes);
        }
        Load { backlog: Arc::clone(self), bytes, is_shared }
    }

    /// Whether nothing more may be read. A frame alone never fills it, however long it is, nor however
    /// little others have left of the client's share.
    pub(crate) fn is_full(&self) -> bool {
        let (bytes, frames) = (self.bytes(), self.frames.load(Ordering::Acquire));
        let is_full = frames >= self.max_frames
            || bytes >= self.max_bytes
            || (bytes > FREE_BYTES && self.share.full().is_some());
        is_full && frames > 1
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
        let n_before = self.backlog.frames.fetch_sub(1, Ordering::AcqRel);
        let before = self.backlog.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        if self.is_shared {
            self.backlog.share.handled(self.bytes);
        }
        let is_room =
            n_before >= self.backlog.max_frames || before >= self.backlog.max_bytes.min(FREE_BYTES);
        if is_room {
            self.backlog.handled.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::config::{AddressLimit, AdmissionLimits};
    use crate::runtime::shares::Shares;

    #[test]
    fn a_client_whose_share_others_fill_goes_on_frame_by_frame() {
        let waiting_bytes = AddressLimit { total: 100_000, per_address: 0 };
        let shares = Shares::new(AdmissionLimits { waiting_bytes, ..AdmissionLimits::default() });
        let backlog = || Backlog::new(1 << 20, usize::MAX, shares.of(None));
        let (greedy, other) = (backlog(), backlog());
        let flood: Vec<_> = (0..4).map(|_| greedy.take(30_000)).collect();
        assert!(greedy.is_full(), "long before its own bound");
        let clicks: Vec<_> = (0..10).map(|_| other.take(500)).collect();
        assert!(!other.is_full(), "a few clicks are free");
        let form = other.take(20_000);
        assert!(other.is_full() && other.room().now_or_never().is_none());
        drop(clicks);
        assert!(!other.is_full() && other.room().now_or_never().is_some(), "it is alone");
        drop((flood, form));
        assert_eq!(shares.of(None).full(), None);
        let _flood: Vec<_> = (0..3).map(|_| greedy.take(30_000)).collect();
        assert!(!greedy.is_full(), "all was given back");
    }

    #[test]
    fn what_waits_has_a_bound_and_makes_room_when_it_is_handled() {
        let backlog = Backlog::alone(10);
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
    fn frames_that_wait_have_a_bound_however_short_they_are() {
        let backlog = Backlog::new(1 << 20, 3, Shares::unbounded());
        let mut waiting: Vec<_> = (0..3).map(|_| backlog.take(1)).collect();
        assert!(backlog.is_full() && backlog.room().now_or_never().is_none());
        waiting.pop();
        assert!(!backlog.is_full() && backlog.room().now_or_never().is_some());
    }

    #[test]
    fn a_frame_that_is_alone_leaves_room_for_another() {
        let backlog = Backlog::alone(10);
        let _large = backlog.take(100);
        assert!(!backlog.is_full());
        let _small = backlog.take(1);
        assert!(backlog.is_full());
    }

    #[test]
    fn a_frame_is_counted_where_its_view_has_gone() {
        let (old, new) = (Backlog::alone(10), Backlog::alone(10));
        let mut frame = old.take(9);
        let join = new.take(1);
        frame.move_to(&join);
        assert_eq!((old.bytes(), new.bytes(), new.is_full()), (0, 10, true));
    }
}
