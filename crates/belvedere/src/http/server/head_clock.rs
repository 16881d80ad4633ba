//! How long a connection may wait for the head of a request.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

use super::ServerLimits;
use super::connections::Slot;

/// The head that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AwaitedHead {
    /// Of which request of the connection, counted from 0.
    pub(super) number: u64,
    /// Whether some of it is here, or it is the first, which a client has no reason to withhold.
    pub(super) is_begun: bool,
}

/// The clock of one connection. It is looked at whenever the connection's task was woken, since
/// nothing else makes a connection wait for a head or receive some of it.
pub(super) struct HeadClock {
    head_timeout: Duration,
    idle_timeout: Duration,
    running: Option<(AwaitedHead, Pin<Box<Sleep>>)>,
}

impl HeadClock {
    pub(super) fn new(limits: &ServerLimits) -> Self {
        let ServerLimits { head_timeout, idle_timeout, .. } = *limits;
        Self { head_timeout, idle_timeout, running: None }
    }

    /// Ready when the head that the connection waits for is late.
    pub(super) fn poll_late(&mut self, slot: &Slot, context: &mut Context<'_>) -> Poll<()> {
        let Some(awaited) = slot.awaited_head() else {
            self.running = None;
            return Poll::Pending;
        };
        let running = self.running.take().filter(|(head, _)| *head == awaited);
        let (_, deadline) = self.running.insert(running.unwrap_or_else(|| {
            let timeout = if awaited.is_begun { self.head_timeout } else { self.idle_timeout };
            (awaited, Box::pin(tokio::time::sleep(timeout)))
        }));
        deadline.as_mut().poll(context)
    }
}
