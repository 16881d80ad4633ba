//! What pieces of work have come to, taken before the mail in front of it: by the first response that
//! waits for it, and by a join, which shows all that is known.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

use super::{Arrival, Envelope, Mail, Mailbox, Message};
use crate::telemetry::PageTrace;

/// Which outcomes are taken.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    /// Of pieces with a number up to this.
    UpTo(u64),
    /// Of any piece, unless a message waits before it.
    First,
}

impl<M> Mailbox<M> {
    /// The first that waits, whatever else waits before it.
    pub(crate) fn take_arrival(&self, which: Which) -> Option<Box<Arrival>> {
        let mut state = self.lock();
        if state.n_arrivals == 0 {
            return None;
        }
        let mut messages =
            state.queue.iter().enumerate().filter_map(|(at, (mail, _))| match mail {
                Mail::Message(Envelope { message, .. }) => Some((at, message)),
                _ => None,
            });
        let is_it = |message: &Message<M>| match (message, which) {
            (Message::Arrival(arrival), Which::UpTo(number)) => arrival.number <= number,
            (message, _) => matches!(message, Message::Arrival(_)),
        };
        let (at, _) = match which {
            Which::UpTo(_) => messages.find(|(_, message)| is_it(message)),
            Which::First => messages.next().filter(|(_, message)| is_it(message)),
        }?;
        let (mail, _) = state.queue.remove(at)?;
        state.is_taken(&mail);
        self.free_room(&mut state);
        match mail {
            Mail::Message(Envelope { message: Message::Arrival(arrival), .. }) => Some(arrival),
            _ => None,
        }
    }

    /// The next of a piece with a number up to this, when it comes. Cancel safe: nothing is taken until it
    /// is returned.
    pub(crate) async fn next_arrival(&self, number: u64) -> Box<Arrival> {
        poll_fn(|context| {
            // Before the look, so that none slips in between.
            self.lock().reader.waits(context);
            self.take_arrival(Which::UpTo(number)).map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Queues one.
    pub(super) fn push_arrival(&self, arrival: Box<Arrival>, publisher: PageTrace) {
        let mut state = self.lock();
        if !state.closed {
            state.n_arrivals += 1;
            self.push_message(state, Message::Arrival(arrival), publisher, None);
        }
    }

    /// Drops those of pieces that nobody waits for any more.
    pub(super) fn drop_arrivals(&self, is_expected: &dyn Fn(u64) -> bool) {
        let mut state = self.lock();
        if state.n_arrivals == 0 {
            return;
        }
        let is_kept = |mail: &Mail<M>| match mail {
            Mail::Message(Envelope { message: Message::Arrival(arrival), .. }) => {
                is_expected(arrival.number)
            }
            _ => true,
        };
        let (kept, dropped): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut state.queue).into_iter().partition(|(mail, _)| is_kept(mail));
        state.queue = kept;
        state.n_arrivals -= dropped.len();
        drop(state);
        // What the work has come to is the author's, and is dropped without the lock.
        drop(dropped);
    }
}
