//! Who waits until something can go on: subscriptions for room in the mailbox, nested views for a seat
//! on the page.

use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};

use super::{Mail, Mailbox, Message, State};
use crate::runtime::in_flight::Ticket;
use crate::runtime::reader;
use crate::runtime::seats::Waiter;
use crate::telemetry::PageTrace;

/// Subscriptions that wait for room.
#[derive(Default)]
pub(super) struct Room(Vec<Waker>);

impl Room {
    /// Lets them try again. None of them takes the lock before it is polled.
    pub(super) fn free(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }

    fn wait(&mut self, context: &Context<'_>) {
        if !self.0.iter().any(|waker| waker.will_wake(context.waker())) {
            self.0.push(context.waker().clone());
        }
    }
}

/// Why a message of a subscription is not queued.
pub(crate) enum Unposted<M> {
    /// The subscription is woken when it may try again.
    NoRoom(M),
    /// The reader is gone.
    Ended,
}

impl<M> Mailbox<M> {
    /// Whether at most half of the mailbox is taken, or it is closed; the rest of it is for those who
    /// do not wait.
    pub(crate) fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.closed || state.n_counted() <= self.capacity / 2 {
            return Poll::Ready(());
        }
        state.room.wait(context);
        Poll::Pending
    }

    /// Queues a message of a subscription, if there is still as much room.
    pub(crate) fn post_if_room(
        &self,
        message: M,
        context: &Context<'_>,
    ) -> Result<(), Unposted<M>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Unposted::Ended);
        }
        if state.n_counted() > self.capacity / 2 {
            state.room.wait(context);
            return Err(Unposted::NoRoom(message));
        }
        self.push_message(state, Message::View(message), PageTrace::NONE, None);
        Ok(())
    }

    pub(super) fn take_first(
        &self,
        state: &mut MutexGuard<'_, State<M>>,
    ) -> Option<(Mail<M>, Option<Ticket>)> {
        let (mail, ticket) = reader::take_first(&mut state.queue)?;
        state.is_taken(&mail);
        self.free_room(state);
        Some((mail, ticket))
    }

    /// Lets those try again that wait for room, if there is some.
    pub(super) fn free_room(&self, state: &mut MutexGuard<'_, State<M>>) {
        if state.n_counted() <= self.capacity / 2 {
            state.room.free();
        }
    }
}

impl<M: Send> Waiter for Mailbox<M> {
    fn seat_freed(&self) {
        self.post(Mail::SeatFreed);
    }
}
