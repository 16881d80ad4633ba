//! One connection: reads frames, routes them to views by topic, writes what views answer.
//!
//! Heartbeats, leaves and unknown topics are answered here, so they never wait for a view; joins
//! run in tasks of their own (`runtime::join`). A view that crashes or falls silent costs the
//! connection nothing.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

use crate::config::LiveConfig;
use crate::runtime::Runtime;
use crate::runtime::backlog::{Backlog, Load};
use crate::runtime::client::Client;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::Ticket;
use crate::runtime::outbox::{Outbox, Outgoing};
use crate::runtime::pace::Pace;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::{CloseReason, Gone, Incoming, Transport, text as text_of};
use crate::wire::frame::Frame;
use crate::wire::keys;
use crate::wire::reply::{self, Address, Status};
use crate::wire::response::JoinRefusal;

use channels::{ChannelState, OpenChannel};

mod channels;
mod drain;
mod parting;
#[cfg(test)]
mod tests;
mod too_long;
mod uploads;

/// One socket and the views joined over it.
pub(crate) struct Connection<T> {
    transport: T,
    runtime: Arc<Runtime>,
    /// What the upgrade request said, shared with the joins.
    client: Arc<Client>,
    /// What the client has sent and nobody has handled.
    backlog: Arc<Backlog>,
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

/// What a connection is to do.
enum Due {
    Nothing,
    Write(Outgoing),
    /// The client has said goodbye, and how it means it.
    Goodbye(Detached),
    Close(CloseReason),
    /// The time is up for something, and for what.
    Late(CloseReason),
    /// The client is gone.
    Stop,
}

impl<T: Transport> Connection<T> {
    pub(crate) fn new(transport: T, runtime: Arc<Runtime>, client: Arc<Client>) -> Self {
        let outbox = Arc::<Outbox>::default();
        let share = runtime.shares.of(client.network);
        let LiveConfig { max_waiting_bytes, mailbox_capacity, .. } = *runtime.config;
        let backlog = Backlog::new(max_waiting_bytes, mailbox_capacity, share);
        let pace = Pace::new(Arc::clone(&runtime.config));
        let (channels, left) = (Vec::new(), Vec::new());
        let (parting, undrained) = (Detached::Lost, None);
        Self {
            transport,
            runtime,
            client,
            backlog,
            outbox,
            channels,
            left,
            parting,
            undrained,
            pace,
        }
    }

    /// Serves the socket until either side ends it; the connection is then to be dropped. By
    /// reference, since an async function keeps what it is given twice.
    pub(crate) async fn run(&mut self) {
        let _registered = self.runtime.register(&self.client, &self.outbox);
        loop {
            match self.due().await {
                Due::Nothing => {}
                Due::Write(first) => {
                    // Boxed: a socket, which is mostly idle, has no room for what is written.
                    match Box::pin(self.write(first)).await {
                        Ok(None) => {}
                        Ok(Some(reason)) => return self.close(reason).await,
                        Err(Gone) => return self.hear_last_words().await,
                    }
                }
                Due::Goodbye(parting) => return self.said_goodbye(parting).await,
                Due::Close(reason) => return self.close(reason).await,
                Due::Late(reason) => return self.time_is_up(reason).await,
                Due::Stop => return,
            }
            let (is_joined, is_joining) = self.use_of_channels();
            self.pace.used(is_joined, is_joining);
        }
    }

    /// Waits for something to do; what needs no waiting is done.
    async fn due(&mut self) -> Due {
        let is_full = self.backlog.is_full();
        self.pace.full(is_full);
        tokio::select! {
            biased;
            outgoing = self.outbox.next() => Due::Write(outgoing),
            incoming = self.transport.receive(), if !self.pace.paused && !is_full => {
                incoming.map_or(Due::Stop, |incoming| self.read(incoming))
            }
            // Boxed, as it seldom comes to this.
            () = async { Box::pin(self.backlog.room()).await }, if is_full => Due::Nothing,
            () = &mut self.pace.timer => self.pace.tick().map_or(Due::Nothing, Due::Late),
        }
    }

    fn read(&mut self, incoming: Incoming) -> Due {
        match incoming {
            Incoming::Closed(parting) => return Due::Goodbye(parting),
            Incoming::Unreadable(reason) => return self.unreadable(reason),
            _ => {}
        }
        if self.is_draining() {
            let is_late = self.pace.has_ended();
            return if is_late { Due::Late(CloseReason::Restart) } else { Due::Nothing };
        }
        let now = Instant::now();
        if !matches!(incoming, Incoming::Binary { .. } | Incoming::Polled) {
            self.pace.count(now);
        }
        if !matches!(incoming, Incoming::Alive) {
            self.pace.heard(now);
        }
        match incoming {
            Incoming::Text(text, ticket) => {
                let ticket = ticket.unwrap_or_else(|| self.runtime.in_flight.ticket());
                self.read_text(&text, now, ticket).map_or(Due::Nothing, Due::Write)
            }
            Incoming::TooLong { head, n_bytes } => {
                let ticket = self.runtime.in_flight.ticket();
                self.read_too_long(&head, n_bytes, now, ticket);
                Due::Nothing
            }
            Incoming::Binary { bytes, is_cut, ticket } => {
                let ticket = ticket.unwrap_or_else(|| self.runtime.in_flight.ticket());
                self.read_binary(&bytes, is_cut, now, ticket);
                Due::Nothing
            }
            Incoming::Polled | Incoming::Alive | Incoming::Closed(_) | Incoming::Unreadable(_) => {
                Due::Nothing
            }
        }
    }

    /// Nothing more is read of a client that has sent what it may not.
    fn unreadable(&self, reason: CloseReason) -> Due {
        self.runtime.protocol_error(reason.text());
        if reason == CloseReason::TooBig
            && let Some(times) = self.runtime.told.pieces.again()
        {
            tracing::warn!(times, "a socket was closed: a message came in too many pieces");
        }
        Due::Close(reason)
    }

    /// Routes one text frame; a heartbeat is answered at once. A frame that cannot be read concerns no
    /// view: it is counted and dropped, and the views go on.
    fn read_text(&mut self, text: &str, now: Instant, ticket: Ticket) -> Option<Outgoing> {
        if text.len() > self.runtime.config.max_frame_bytes {
            self.read_too_long(text, text.len(), now, ticket);
            return None;
        }
        let frame = match Frame::from_text(text) {
            Ok(frame) => frame,
            Err(error) => {
                self.runtime.protocol_error(error.reason());
                return None;
            }
        };
        if &*frame.topic == keys::TOPIC_HEARTBEAT {
            let message_ref = frame.message_ref.as_deref();
            let text = text_of(|out| reply::write_heartbeat_reply(out, message_ref));
            return Some(Outgoing::Frame { text, view: None, ticket });
        }
        match &*frame.event {
            keys::LEAVE => self.leave(&frame, ticket),
            keys::JOIN => {
                let load = self.backlog.take(text.len());
                self.join(&frame, ticket, load);
            }
            _ => {
                let load = self.backlog.take(text.len());
                self.forward(&frame, None, now, ticket, load);
            }
        }
        None
    }

    /// Hands the frame to the view of its topic.
    fn forward(
        &self,
        frame: &Frame<'_>,
        dropped_bytes: Option<usize>,
        now: Instant,
        ticket: Ticket,
        load: Load,
    ) {
        let open = self.channels.iter().find(|open| *open.topic == *frame.topic);
        match open {
            Some(open) if !open.is_meant_by(frame) => {}
            Some(OpenChannel { state: ChannelState::Joined(view), incarnation, .. }) => {
                let frame = ClientFrame::of(frame, *incarnation, dropped_bytes, now, load);
                if let Some(frame) = frame {
                    view.post_frame(frame, ticket);
                }
            }
            Some(_) | None => self.answer(frame, Status::Error, ticket, |out| {
                JoinRefusal::UnmatchedTopic.write(out);
            }),
        }
    }

    /// Replies to a frame that no view sees.
    fn answer(
        &self,
        frame: &Frame<'_>,
        status: Status,
        ticket: Ticket,
        response: impl FnOnce(&mut String),
    ) {
        let address = Address::new(frame.join_ref.as_deref(), &frame.topic);
        let message_ref = frame.message_ref.as_deref();
        let text = text_of(|out| reply::write_reply(out, &address, message_ref, status, response));
        self.outbox.push(Outgoing::Frame { text, view: None, ticket });
    }

    /// Writes `first` and whatever else waits, then flushes once. Returns the reason when the socket is to be
    /// closed. Each frame has the whole time to be taken.
    async fn write(&mut self, first: Outgoing) -> Result<Option<CloseReason>, Gone> {
        let mut next = Some(first);
        while let Some(outgoing) = next {
            let limit = self.write_limit();
            match outgoing {
                Outgoing::Frame { text, view, ticket: _ticket } => {
                    within(limit, pin!(self.transport.send(text))).await?;
                    if let Some(view) = view {
                        view.frame_taken();
                    }
                }
                Outgoing::Joined { incarnation, view } => self.joined(incarnation, view),
                Outgoing::Ended { incarnation } => {
                    self.channels.retain(|open| open.incarnation != incarnation);
                    self.left.retain(|left| *left != incarnation);
                    self.drained(incarnation);
                }
                Outgoing::Drain => self.begin_drain(),
                Outgoing::Drained { incarnation } => self.drained(incarnation),
                Outgoing::Close(reason) => {
                    within(limit, pin!(self.transport.flush())).await?;
                    return Ok(Some(reason));
                }
            }
            next = self.outbox.try_next();
        }
        within(self.write_limit(), pin!(self.transport.flush())).await?;
        Ok(self.is_drained().then_some(CloseReason::Restart))
    }
}

/// What `write` comes to, unless the client takes nothing for so long. Most is taken at once, and then
/// nobody asks for the time, and the connection's task has no room for a timer.
async fn within(
    limit: Duration,
    mut write: Pin<&mut impl Future<Output = Result<(), Gone>>>,
) -> Result<(), Gone> {
    match write.as_mut().now_or_never() {
        Some(written) => written,
        None => Box::pin(timeout(limit, write)).await.unwrap_or(Err(Gone)),
    }
}

impl<T> Drop for Connection<T> {
    /// However the connection ends, its views learn that they have lost their browser.
    fn drop(&mut self) {
        self.let_go();
    }
}
