//! The topic of one upload on its connection: what is answered there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::runtime::in_flight::{InFlight, Ticket};
use crate::runtime::outbox::{Outbox, Outgoing};
use crate::runtime::transport::text;
use crate::wire::reply::{self, Address, Status};
use crate::wire::response::UploadRefusal;

/// One join of an upload's topic.
pub(crate) struct UploadChannel {
    /// Number of this join, unique in the process.
    pub(crate) incarnation: u64,
    /// What every frame of it begins with.
    pub(crate) address: Address,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) is_closed: AtomicBool,
}

impl UploadChannel {
    /// Answers a message of the client.
    pub(crate) fn reply(
        &self,
        message_ref: Option<&str>,
        ticket: Ticket,
        answer: Result<(), UploadRefusal>,
    ) {
        let status = if answer.is_ok() { Status::Ok } else { Status::Error };
        let text = text(|out| {
            reply::write_reply(out, &self.address, message_ref, status, |out| match answer {
                Ok(()) => out.push_str("{}"),
                Err(refusal) => refusal.write(out),
            });
        });
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    /// Ends it, once: nothing more is sent for it, and its topic is free.
    pub(crate) fn close(&self) {
        if self.is_closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let text = text(|out| reply::write_close(out, &self.address));
        let ticket = self.in_flight.ticket();
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
        self.outbox.push(Outgoing::Ended { incarnation: self.incarnation });
    }

    /// The connection has ended it.
    pub(crate) fn is_gone(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}
