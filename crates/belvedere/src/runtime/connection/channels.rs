//! The topics of one connection: joined, left, and joined again.

use std::sync::Arc;

use tokio::task::AbortHandle;

use super::Connection;
use crate::runtime::attachment::Channel;
use crate::runtime::backlog::Load;
use crate::runtime::in_flight::Ticket;
use crate::runtime::join::{self, JoinRequest};
use crate::runtime::outbox::Outgoing;
use crate::runtime::recipient::{Detached, Recipient};
use crate::runtime::transport::{Transport, text};
use crate::upload::transfer::Transfer;
use crate::wire::frame::Frame;
use crate::wire::keys;
use crate::wire::message::ClientMessage;
use crate::wire::reply::{self, Address, Status};
use crate::wire::response::JoinRefusal;

/// A topic that is joined or being joined.
pub(super) struct OpenChannel {
    pub(super) topic: Box<str>,
    pub(super) incarnation: u64,
    pub(super) join_ref: Box<str>,
    pub(super) state: ChannelState,
}

pub(super) enum ChannelState {
    /// The join's task.
    Joining(AbortHandle),
    /// The view's mailbox.
    Joined(Arc<dyn Recipient>),
    /// A file that comes.
    Uploading(Arc<Transfer>),
}

impl<T: Transport> Connection<T> {
    /// Starts a join in a task of its own, ending an earlier incarnation of the topic.
    pub(super) fn join(&mut self, frame: &Frame<'_>, ticket: Ticket, load: Load) {
        self.replace(&frame.topic);
        if frame.topic.starts_with(keys::TOPIC_UPLOAD_PREFIX) {
            return self.join_upload(frame, ticket);
        }
        let refusal = if !frame.topic.starts_with(keys::TOPIC_VIEW_PREFIX) {
            Some(JoinRefusal::UnmatchedTopic)
        } else if self.is_full() {
            self.runtime.too_many_joins();
            Some(JoinRefusal::TooManyJoins)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.runtime.join_refused(refusal.reason());
            self.answer(frame, Status::Error, ticket, |out| refusal.write(out));
            return;
        }
        let (incarnation, join_ref) = (self.runtime.next_incarnation(), join_ref_of(frame));
        let channel = Channel {
            incarnation,
            topic: Box::from(&*frame.topic),
            address: Address::new(Some(&join_ref), &frame.topic),
            outbox: Arc::clone(&self.outbox),
            client: Arc::clone(&self.client),
            in_flight: Arc::clone(&self.runtime.in_flight),
            connected: None,
            is_taken: false,
            place: None,
        };
        match frame.message() {
            Ok(ClientMessage::Join(payload)) => {
                let request = JoinRequest::new(channel, &payload, ticket, load);
                let runtime = Arc::clone(&self.runtime);
                let task = tokio::spawn(join::run(runtime, Arc::clone(&self.client), request));
                let state = ChannelState::Joining(task.abort_handle());
                let topic = Box::from(&*frame.topic);
                if self.channels.is_empty() {
                    self.channels.reserve_exact(1);
                }
                self.channels.push(OpenChannel { topic, incarnation, join_ref, state });
            }
            Ok(_) | Err(_) => {
                self.runtime.join_refused("malformed");
                channel.refuse_join(&JoinRefusal::Stale);
            }
        }
    }

    /// Whether no more may be joined. Views that end are replaced on their page at once, so they do not
    /// count; but those whose callbacks take their time may be no more than the others.
    fn is_full(&self) -> bool {
        let max = self.runtime.config.max_joins_per_socket;
        let n_ending = || self.channels.iter().filter(|open| open.is_ending()).count();
        let n_open = self.channels.len() - self.n_uploads();
        n_open >= max && (n_open >= max.saturating_mul(2) || n_open - n_ending() >= max)
    }

    /// Ends the incarnation of a topic that is being joined again. Its view keeps its state for
    /// the new join to adopt.
    fn replace(&mut self, topic: &str) {
        if let Some(open) = self.take_channel(|open| *open.topic == *topic) {
            self.end(&open, Detached::Lost);
        }
    }

    /// Whether anything is joined, and whether anything is being joined.
    pub(super) fn use_of_channels(&self) -> (bool, bool) {
        let is_joined = |open: &OpenChannel| matches!(open.state, ChannelState::Joined(_));
        let is_joining = |open: &OpenChannel| matches!(open.state, ChannelState::Joining(_));
        (self.channels.iter().any(is_joined), self.channels.iter().any(is_joining))
    }

    pub(super) fn leave(&mut self, frame: &Frame<'_>, ticket: Ticket) {
        let open = self.channels.iter().find(|open| *open.topic == *frame.topic);
        if open.is_some_and(|open| !open.is_meant_by(frame)) {
            return;
        }
        let left = self.take_channel(|open| *open.topic == *frame.topic);
        self.answer(frame, Status::Ok, ticket, |out| out.push_str("{}"));
        if let Some(open) = left {
            if matches!(open.state, ChannelState::Joining(_)) {
                self.left.push(open.incarnation);
            }
            self.end(&open, Detached::Quit);
        }
    }

    pub(super) fn take_channel(
        &mut self,
        is_it: impl Fn(&OpenChannel) -> bool,
    ) -> Option<OpenChannel> {
        let index = self.channels.iter().position(is_it)?;
        Some(self.channels.swap_remove(index))
    }

    /// Ends a channel and tells the client.
    pub(super) fn end(&self, open: &OpenChannel, cause: Detached) {
        open.end(cause);
        let address = Address::new(Some(&open.join_ref), &open.topic);
        let text = text(|out| reply::write_close(out, &address));
        let ticket = self.runtime.in_flight.ticket();
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    pub(super) fn joined(&mut self, incarnation: u64, view: Arc<dyn Recipient>) {
        let open = self.channels.iter_mut().find(|open| open.incarnation == incarnation);
        match open {
            Some(open) => {
                open.state = ChannelState::Joined(Arc::clone(&view));
                if self.is_draining() && !view.drain(incarnation) {
                    self.drained(incarnation);
                }
            }
            None if self.left.contains(&incarnation) => {
                self.left.retain(|left| *left != incarnation);
                view.detach(incarnation, Detached::Left);
            }
            // Joined again while the join was under way.
            None => view.detach(incarnation, Detached::Lost),
        }
    }
}

/// The ref that a join gives its channel.
pub(super) fn join_ref_of(frame: &Frame<'_>) -> Box<str> {
    let join_ref = frame.join_ref.as_deref().or(frame.message_ref.as_deref());
    join_ref.map_or_else(Box::default, Box::from)
}

impl OpenChannel {
    /// Whether a frame of this topic is of this join, or names none.
    pub(super) fn is_meant_by(&self, frame: &Frame<'_>) -> bool {
        frame.join_ref.as_ref().is_none_or(|join_ref| **join_ref == *self.join_ref)
    }

    /// Whether its view ends, as its page has been told.
    fn is_ending(&self) -> bool {
        match &self.state {
            ChannelState::Joining(_) | ChannelState::Uploading(_) => false,
            ChannelState::Joined(inbox) => inbox.is_ending(),
        }
    }

    /// Stops a join under way, or tells the view.
    pub(super) fn end(&self, cause: Detached) {
        match &self.state {
            ChannelState::Joining(task) => task.abort(),
            ChannelState::Joined(view) => view.detach(self.incarnation, cause),
            ChannelState::Uploading(transfer) => transfer.interrupt(),
        }
    }
}
