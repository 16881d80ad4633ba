//! What pieces of work have come to, taken before the mail in front of it: by the first response that
//! waits for it, and by a join, which shows all that is known.

use std::future::poll_fn;
use std::task::Poll;

use super::{Arrival, Envelope, Mail, Mailbox, Message};

impl<M> Mailbox<M> {
    /// The first that waits, whatever waits before it.
    pub(crate) fn take_arrival(&self) -> Option<Box<Arrival>> {
        let mut state = self.lock();
        let is_arrival = |mail: &Mail<M>| {
            matches!(mail, Mail::Message(Envelope { message: Message::Arrival(_), .. }))
        };
        let at = state.queue.iter().position(|(mail, _)| is_arrival(mail))?;
        let taken = state.queue.remove(at);
        self.free_room(&mut state);
        match taken {
            Some((Mail::Message(Envelope { message: Message::Arrival(arrival), .. }), _)) => {
                Some(arrival)
            }
            _ => None,
        }
    }

    /// The next, when it comes. Cancel safe: nothing is taken until it is returned.
    pub(crate) async fn next_arrival(&self) -> Box<Arrival> {
        poll_fn(|context| {
            // Before the look, so that none slips in between.
            self.lock().reader = Some(context.waker().clone());
            self.take_arrival().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
