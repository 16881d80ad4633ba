//! What the client of one connection has sent and nobody has handled yet, in bytes.
//!
//! A mailbox counts its mails; this counts what they weigh, over all views of the connection, so that
//! a client cannot fill memory with a few hundred frames of the largest size.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes that wait on one connection.
#[derive(Debug)]
pub(crate) struct Backlog {
    bytes: AtomicUsize,
    max_bytes: usize,
}

/// A frame's part of a backlog, until it is dropped with the frame.
#[derive(Debug)]
pub(crate) struct Load {
    backlog: Arc<Backlog>,
    bytes: usize,
}

/// A frame is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overloaded;

impl Backlog {
    pub(crate) fn new(max_bytes: usize) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicUsize::new(0), max_bytes })
    }

    /// Takes `bytes` more, unless others wait and the bound would be passed: a frame that comes alone
    /// has a bound of its own. Only the connection adds, so nothing comes between.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Result<Load, Overloaded> {
        let waiting = self.bytes.load(Ordering::Acquire);
        if waiting > 0 && waiting.saturating_add(bytes) > self.max_bytes {
            return Err(Overloaded);
        }
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        Ok(Load { backlog: Arc::clone(self), bytes })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.backlog.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_has_a_bound_and_makes_room_when_it_is_handled() {
        let backlog = Backlog::new(10);
        let first = backlog.take(6).unwrap();
        let second = backlog.take(4).unwrap();
        assert_eq!(backlog.take(1).unwrap_err(), Overloaded);
        drop(first);
        assert_eq!(backlog.take(7).unwrap_err(), Overloaded);
        let third = backlog.take(6).unwrap();
        drop((second, third));
        assert_eq!(backlog.bytes(), 0);
    }

    #[test]
    fn a_frame_that_comes_alone_is_taken_at_any_size() {
        let backlog = Backlog::new(10);
        let large = backlog.take(100).unwrap();
        assert_eq!(backlog.take(1).unwrap_err(), Overloaded);
        drop(large);
    }
}
