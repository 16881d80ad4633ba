//! One connection: reads frames, routes them to views by topic, writes what views answer.
//!
//! Heartbeats, leaves and unknown topics are answered here, so they never wait for a view; joins
//! run in tasks of their own (`runtime::join`). A view that crashes or falls silent costs the
//! connection nothing.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::runtime::Runtime;
use crate::runtime::attachment::Channel;
use crate::runtime::client::Client;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::Ticket;
use crate::runtime::join::{self, JoinRequest};
use crate::runtime::mailbox::{Detached, Inbox, Refused};
use crate::runtime::outbox::{CloseReason, Outbox, Outgoing};
use crate::runtime::pace::Pace;
use crate::runtime::transport::{Gone, Incoming, Transport, text};
use crate::wire::frame::Frame;
use crate::wire::keys;
use crate::wire::message::ClientMessage;
use crate::wire::reply::{self, Address, Status};
use crate::wire::response::JoinRefusal;

mod drain;
#[cfg(test)]
mod tests;
mod too_long;

/// One socket and the views joined over it.
pub(crate) struct Connection<T> {
    transport: T,
    runtime: Arc<Runtime>,
    /// What the upgrade request said, shared with the joins.
    client: Arc<Client>,
    /// Filled by views and joins; this connection is its only reader.
    outbox: Arc<Outbox>,
    /// Nearly always one; bounded by `max_joins_per_socket`, so looking through them all is quick.
    channels: Vec<OpenChannel>,
    /// Joins under way that the client has left; their views end as soon as they say `Joined`.
    left: Vec<u64>,
    /// Why the views lose their browser when the connection ends.
    parting: Detached,
    /// While the server goes away: joins whose views have not answered all that they were asked.
    undrained: Option<Vec<u64>>,
    pace: Pace,
}

/// A topic that is joined or being joined.
struct OpenChannel {
    topic: Box<str>,
    incarnation: u64,
    join_ref: Box<str>,
    state: ChannelState,
}

enum ChannelState {
    /// The join's task.
    Joining(AbortHandle),
    /// The view's mailbox.
    Joined(Arc<dyn Inbox>),
}

/// Whether the connection goes on.
enum Flow {
    Continue,
    Stop,
}

impl<T: Transport> Connection<T> {
    pub(crate) fn new(transport: T, runtime: Arc<Runtime>, client: Arc<Client>) -> Self {
        let outbox = Arc::<Outbox>::default();
        let pace = Pace::new(runtime.config.max_frames_per_second, runtime.config.idle_timeout);
        let (channels, left) = (Vec::new(), Vec::new());
        let (parting, undrained) = (Detached::Lost, None);
        Self { transport, runtime, client, outbox, channels, left, parting, undrained, pace }
    }

    /// Serves the socket until either side ends it; the connection is then to be dropped. By
    /// reference, since an async function keeps what it is given twice.
    pub(crate) async fn run(&mut self) {
        let _registered = self.runtime.register(&self.client, &self.outbox);
        loop {
            let flow = tokio::select! {
                biased;
                outgoing = self.outbox.next() => self.write(outgoing).await,
                incoming = self.transport.receive(), if !self.pace.paused => match incoming {
                    Some(incoming) => self.read(incoming).await,
                    None => Flow::Stop,
                },
                () = &mut self.pace.timer => match self.pace.tick() {
                    Some(reason) => self.close(reason).await,
                    None => Flow::Continue,
                },
            };
            if matches!(flow, Flow::Stop) {
                return;
            }
        }
    }

    async fn read(&mut self, incoming: Incoming) -> Flow {
        if let Incoming::Closed(parting) = incoming {
            self.parting = parting;
            return Flow::Stop;
        }
        if self.is_draining() {
            return Flow::Continue;
        }
        self.pace.count();
        match incoming {
            Incoming::Text(text, ticket) => {
                let ticket = ticket.unwrap_or_else(|| self.runtime.in_flight.ticket());
                let read = self.read_text(&text, ticket);
                self.go_on(read).await
            }
            Incoming::TooLong { head, n_bytes } => {
                let ticket = self.runtime.in_flight.ticket();
                let read = self.read_too_long(&head, n_bytes, ticket);
                self.go_on(read).await
            }
            Incoming::Binary(bytes) => {
                // Only upload channels take binary frames, and none can be open.
                let kind =
                    Frame::from_binary(&bytes).err().map_or("binary", |error| error.reason());
                self.runtime.protocol_error(kind);
                Flow::Continue
            }
            Incoming::Alive | Incoming::Closed(_) => Flow::Continue,
            Incoming::TooBig => {
                self.runtime.protocol_error("frame too large");
                tracing::warn!("a socket was closed: one message was larger than any may be");
                self.close(CloseReason::TooBig).await
            }
        }
    }

    /// Routes one text frame. A frame that cannot be read concerns no view: it is counted and
    /// dropped, and the views go on.
    fn read_text(&mut self, text: &str, ticket: Ticket) -> Result<(), CloseReason> {
        if text.len() > self.runtime.config.max_frame_bytes {
            return self.read_too_long(text, text.len(), ticket);
        }
        let frame = match Frame::from_text(text) {
            Ok(frame) => frame,
            Err(error) => {
                self.runtime.protocol_error(error.reason());
                return Ok(());
            }
        };
        if &*frame.topic == keys::TOPIC_HEARTBEAT {
            self.heartbeat(frame.message_ref.as_deref(), ticket);
            return Ok(());
        }
        match &*frame.event {
            keys::JOIN => self.join(&frame, ticket),
            keys::LEAVE => self.leave(&frame, ticket),
            _ => return self.forward(&frame, None, ticket),
        }
        Ok(())
    }

    fn heartbeat(&self, message_ref: Option<&str>, ticket: Ticket) {
        let text = text(|out| reply::write_heartbeat_reply(out, message_ref));
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    /// Hands the frame to the view of its topic.
    fn forward(
        &self,
        frame: &Frame<'_>,
        dropped_bytes: Option<usize>,
        ticket: Ticket,
    ) -> Result<(), CloseReason> {
        let open = self.channels.iter().find(|open| *open.topic == *frame.topic);
        match open {
            Some(open) if !open.is_meant_by(frame) => Ok(()),
            Some(OpenChannel { state: ChannelState::Joined(inbox), incarnation, .. }) => {
                let Some(frame) = ClientFrame::of(frame, *incarnation, dropped_bytes) else {
                    return Ok(());
                };
                match inbox.post_frame(frame, ticket) {
                    Ok(()) | Err(Refused::Ended) => Ok(()),
                    Err(Refused::Full) => {
                        self.runtime.protocol_error("mailbox full");
                        Err(CloseReason::Overload)
                    }
                }
            }
            Some(_) | None => {
                self.answer(frame, Status::Error, ticket, |out| {
                    JoinRefusal::UnmatchedTopic.write(out);
                });
                Ok(())
            }
        }
    }

    /// Starts a join in a task of its own, ending an earlier incarnation of the topic.
    fn join(&mut self, frame: &Frame<'_>, ticket: Ticket) {
        self.replace(&frame.topic);
        let refusal = if !frame.topic.starts_with(keys::TOPIC_VIEW_PREFIX) {
            Some(JoinRefusal::UnmatchedTopic)
        } else if self.channels.len() >= self.runtime.config.max_joins_per_socket {
            Some(JoinRefusal::TooManyJoins)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.runtime.join_refused(refusal.reason());
            self.answer(frame, Status::Error, ticket, |out| refusal.write(out));
            return;
        }
        let join_ref = frame.join_ref.as_ref().or(frame.message_ref.as_ref());
        let channel = Channel {
            incarnation: self.runtime.next_incarnation(),
            topic: Box::from(&*frame.topic),
            join_ref: join_ref.map_or_else(Box::default, |join_ref| Box::from(&**join_ref)),
            outbox: Arc::clone(&self.outbox),
            in_flight: Arc::clone(&self.runtime.in_flight),
            connected: None,
        };
        let (incarnation, join_ref) = (channel.incarnation, channel.join_ref.clone());
        match frame.message() {
            Ok(ClientMessage::Join(payload)) => {
                let request = JoinRequest::new(channel, &payload, ticket);
                let runtime = Arc::clone(&self.runtime);
                let task = tokio::spawn(join::run(runtime, Arc::clone(&self.client), request));
                let state = ChannelState::Joining(task.abort_handle());
                let topic = Box::from(&*frame.topic);
                self.channels.push(OpenChannel { topic, incarnation, join_ref, state });
            }
            Ok(_) | Err(_) => {
                self.runtime.join_refused("malformed");
                channel.refuse_join(&JoinRefusal::Stale);
            }
        }
    }

    /// Ends the incarnation of a topic that is being joined again. Its view keeps its state for
    /// the new join to adopt.
    fn replace(&mut self, topic: &str) {
        if let Some(open) = self.take_channel(|open| *open.topic == *topic) {
            self.end(&open, Detached::Lost);
        }
    }

    fn leave(&mut self, frame: &Frame<'_>, ticket: Ticket) {
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
            self.end(&open, Detached::Left);
        }
    }

    fn take_channel(&mut self, is_it: impl Fn(&OpenChannel) -> bool) -> Option<OpenChannel> {
        let index = self.channels.iter().position(is_it)?;
        Some(self.channels.swap_remove(index))
    }

    /// Ends a channel and tells the client.
    fn end(&self, open: &OpenChannel, cause: Detached) {
        open.end(cause);
        let address = Address { join_ref: Some(&open.join_ref), topic: &open.topic };
        let text = text(|out| reply::write_close(out, &address));
        let ticket = self.runtime.in_flight.ticket();
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    /// Replies to a frame that no view sees.
    fn answer(
        &self,
        frame: &Frame<'_>,
        status: Status,
        ticket: Ticket,
        response: impl FnOnce(&mut String),
    ) {
        let address = Address { join_ref: frame.join_ref.as_deref(), topic: &frame.topic };
        let message_ref = frame.message_ref.as_deref();
        let text = text(|out| reply::write_reply(out, &address, message_ref, status, response));
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    /// Writes `first` and whatever else waits, then flushes once.
    async fn write(&mut self, first: Outgoing) -> Flow {
        match self.write_waiting(first).await {
            Ok(None) => Flow::Continue,
            Ok(Some(reason)) => self.close(reason).await,
            Err(Gone) => Flow::Stop,
        }
    }

    /// Returns the reason when the socket is to be closed. Each frame has the whole time to be taken.
    async fn write_waiting(&mut self, first: Outgoing) -> Result<Option<CloseReason>, Gone> {
        let mut next = Some(first);
        while let Some(outgoing) = next {
            let limit = self.write_limit();
            match outgoing {
                Outgoing::Frame { text, view, ticket: _ticket } => {
                    within(limit, self.transport.send(text)).await?;
                    if let Some(view) = view {
                        view.frame_taken();
                    }
                }
                Outgoing::Joined { incarnation, inbox } => self.joined(incarnation, inbox),
                Outgoing::Ended { incarnation } => {
                    self.channels.retain(|open| open.incarnation != incarnation);
                    self.left.retain(|left| *left != incarnation);
                    self.drained(incarnation);
                }
                Outgoing::Drain => self.begin_drain(),
                Outgoing::Drained { incarnation } => self.drained(incarnation),
                Outgoing::Close(reason) => {
                    within(limit, self.transport.flush()).await?;
                    return Ok(Some(reason));
                }
            }
            next = self.outbox.try_next();
        }
        within(self.write_limit(), self.transport.flush()).await?;
        Ok(self.is_drained().then_some(CloseReason::Restart))
    }

    fn joined(&mut self, incarnation: u64, inbox: Arc<dyn Inbox>) {
        let open = self.channels.iter_mut().find(|open| open.incarnation == incarnation);
        match open {
            Some(open) => {
                open.state = ChannelState::Joined(Arc::clone(&inbox));
                if self.is_draining() && !inbox.drain(incarnation) {
                    self.drained(incarnation);
                }
            }
            None if self.left.contains(&incarnation) => {
                self.left.retain(|left| *left != incarnation);
                inbox.detach(incarnation, Detached::Left);
            }
            // Joined again while the join was under way.
            None => inbox.detach(incarnation, Detached::Lost),
        }
    }

    async fn close(&mut self, reason: CloseReason) -> Flow {
        let limit = self.write_limit();
        // A client that no longer reads misses the goodbye.
        let _ = timeout(limit, self.transport.close(reason)).await;
        Flow::Stop
    }
}

/// What `write` comes to, unless the client takes nothing for so long.
async fn within(
    limit: Duration,
    write: impl Future<Output = Result<(), Gone>>,
) -> Result<(), Gone> {
    timeout(limit, write).await.unwrap_or(Err(Gone))
}

impl<T> Drop for Connection<T> {
    /// However the connection ends, its views learn that they have lost their browser.
    fn drop(&mut self) {
        self.outbox.close(self.parting);
        for open in self.channels.drain(..) {
            open.end(self.parting);
        }
    }
}

impl OpenChannel {
    /// Whether a frame of this topic is of this join, or names none.
    fn is_meant_by(&self, frame: &Frame<'_>) -> bool {
        frame.join_ref.as_ref().is_none_or(|join_ref| **join_ref == *self.join_ref)
    }

    /// Stops a join under way, or tells the view.
    fn end(&self, cause: Detached) {
        match &self.state {
            ChannelState::Joining(task) => task.abort(),
            ChannelState::Joined(inbox) => inbox.detach(self.incarnation, cause),
        }
    }
}
