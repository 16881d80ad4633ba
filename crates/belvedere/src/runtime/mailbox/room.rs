//! Who waits until something can go on: subscriptions for room in the mailbox, nested views for a seat
//! on the page.

use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};

use super::{Mail, Mailbox, State};
use crate::runtime::in_flight::Ticket;
use crate::runtime::seats::Waiter;

/// Subscriptions that wait for room.
#[derive(Default)]
pub(super) struct Room(Vec<Waker>);

impl Room {
    /// Lets them try again. None of them takes the lock before it is polled.
    pub(super) fn free(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

impl<M> Mailbox<M> {
    /// Whether at most half of the mailbox is taken, or it is closed; the rest of it is for those who
    /// do not wait.
    pub(crate) fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.closed || state.queue.len() <= self.capacity / 2 {
            return Poll::Ready(());
        }
        if !state.room.0.iter().any(|waker| waker.will_wake(context.waker())) {
            state.room.0.push(context.waker().clone());
        }
        Poll::Pending
    }

    pub(super) fn take_first(
        &self,
        state: &mut MutexGuard<'_, State<M>>,
    ) -> Option<(Mail<M>, Option<Ticket>)> {
        let first = state.queue.pop_front();
        if state.queue.len() <= self.capacity / 2 {
            state.room.free();
        }
        first
    }
}

impl<M: Send> Waiter for Mailbox<M> {
    fn seat_freed(&self) {
        self.post(Mail::SeatFreed);
    }
}
