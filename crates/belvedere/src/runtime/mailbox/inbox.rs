//! [`Inbox`]: a mailbox of a view of any type.

use tokio::time::Instant;

use super::{Arrival, ComponentMessage, Mail, Mailbox, Message, push, waiting_join};
use crate::ended::Ended;
use crate::navigation::{History, LocalPath};
use crate::runtime::attachment::Attachment;
use crate::runtime::in_flight::{Admission, Ticket};
use crate::runtime::inspect::Inspection;
use crate::runtime::recipient::{Recipient, Refused};
use crate::telemetry::PageTrace;

/// What the server side may do with a view whose type it does not know.
pub(crate) trait Inbox: Recipient {
    /// Queues a message for a component, sent by the work `publisher`; `Err` gives it back.
    fn post_to_component(
        &self,
        message: Box<ComponentMessage>,
        publisher: PageTrace,
    ) -> Result<(), (Box<ComponentMessage>, Refused)>;
    /// Queues what a piece of work has come to, for which `publisher` stands. Never refused: there is one
    /// for each piece that the view shows.
    fn post_arrival(&self, arrival: Box<Arrival>, publisher: PageTrace);
    /// Drops what waits of pieces that nobody waits for any more.
    fn drop_arrivals(&self, is_expected: &dyn Fn(u64) -> bool);
    /// Queues the wish of a nested view that the page show another URL.
    fn post_patch(&self, to: LocalPath, history: History) -> Result<(), Refused>;
    /// Queues a join in the place of one that waits; `Err` gives it back when the view has ended.
    /// Never refused for fullness.
    fn attach(&self, attachment: Box<Attachment>) -> Result<(), Box<Attachment>>;
    /// Queues the end of the hold, and why.
    fn evict(&self, why: Ended);
    /// Queues the end of a nested view. Never refused for fullness.
    fn end(&self);
    /// Whether a message was ever refused for fullness; the state of a view that lost one cannot be
    /// trusted, so no join may adopt it.
    fn has_overflowed(&self) -> bool;
    /// Whether the view has ended, so that nothing is taken.
    fn has_ended(&self) -> bool;
    /// Stands for work of this view that runs beside it.
    fn ticket(&self) -> Ticket;
    /// Lets a piece of work of this name begin.
    fn admission(&self, name: &'static str) -> Admission;
    /// What the view's task has left behind, for those who look.
    fn inspect(&self) -> Inspection;
}

impl<M: Send> Inbox for Mailbox<M> {
    fn post_to_component(
        &self,
        message: Box<ComponentMessage>,
        publisher: PageTrace,
    ) -> Result<(), (Box<ComponentMessage>, Refused)> {
        match self.admit() {
            Ok(state) => {
                self.push_message(state, Message::Component(message), publisher, None);
                Ok(())
            }
            Err(refused) => Err((message, refused)),
        }
    }

    fn post_arrival(&self, arrival: Box<Arrival>, publisher: PageTrace) {
        self.push_arrival(arrival, publisher);
    }

    fn drop_arrivals(&self, is_expected: &dyn Fn(u64) -> bool) {
        Self::drop_arrivals(self, is_expected);
    }

    fn post_patch(&self, to: LocalPath, history: History) -> Result<(), Refused> {
        let state = self.lock();
        if state.closed {
            return Err(Refused::Ended);
        }
        if state.n_counted() >= self.capacity {
            return Err(Refused::Full);
        }
        let mail = Mail::Patch { to, history, queued: Instant::now() };
        push(state, mail, Some(self.in_flight.ticket()));
        Ok(())
    }

    fn attach(&self, attachment: Box<Attachment>) -> Result<(), Box<Attachment>> {
        let mut state = self.lock();
        if state.closed {
            return Err(attachment);
        }
        // Whatever the view last sent went to a socket that this join replaces.
        state.frame_waiting = false;
        let replaced = waiting_join::replace(&mut state.queue, &attachment);
        push(state, Mail::Attach(attachment), Some(self.in_flight.ticket()));
        drop(replaced);
        Ok(())
    }

    fn evict(&self, why: Ended) {
        self.post(Mail::Evict(why));
    }

    fn end(&self) {
        self.lock().ending = true;
        self.post(Mail::End);
    }

    fn has_overflowed(&self) -> bool {
        self.lock().overflowed
    }

    fn has_ended(&self) -> bool {
        self.lock().closed
    }

    fn ticket(&self) -> Ticket {
        self.in_flight.ticket()
    }

    fn admission(&self, name: &'static str) -> Admission {
        self.in_flight.admission(name)
    }

    fn inspect(&self) -> Inspection {
        let (depth, bytes, frame_waits) = {
            let state = self.lock();
            let bytes = state.queue.capacity() * size_of::<(Mail<M>, Option<Ticket>)>();
            (state.queue.len(), bytes, state.frame_waiting)
        };
        self.figures.inspection(depth, size_of::<Self>() + bytes, frame_waits)
    }
}
