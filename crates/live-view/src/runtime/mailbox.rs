//! The mailbox of one view: the closed list of what can wake its task.
//!
//! A plain queue behind a short lock instead of a tokio channel, because it costs nothing until
//! used: thousands of idle views each own one. The view task is its only reader.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

use crate::runtime::attachment::Attachment;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::{InFlight, Ticket};
use crate::runtime::inspect::{Figures, Inspection};
use crate::socket::SendError;
use crate::telemetry::PageTrace;

/// One thing for a view to handle.
pub(crate) enum Mail<M> {
    /// A frame of the joined client on this view's topic.
    Frame { frame: ClientFrame, queued: Instant },
    /// Sent by the server side.
    Message(Envelope<M>),
    /// A browser joins, for the first time or again.
    Attach(Box<Attachment>),
    /// The incarnation with this number lost its browser.
    Detach { incarnation: u64, cause: Detached },
    /// The hold is given up: others need the room, or the session ended.
    Evict,
    /// The view that placed this one has ended or places it no more.
    End,
}

/// A message and where it comes from.
pub(crate) struct Envelope<M> {
    pub(crate) message: M,
    /// The work that sent it.
    pub(crate) publisher: PageTrace,
    /// When it was sent, or when there was first a task to handle it.
    pub(crate) queued: Instant,
}

/// Why a view has no browser any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detached {
    /// The socket closed or the topic was joined anew: keep the view for its grace period.
    Lost,
    /// The client said that it leaves: the view ends.
    Left,
}

/// The mailbox did not take the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The view has ended.
    Ended,
    /// At its bound.
    Full,
}

/// What the connection and the registry may do with a view whose type they do not know.
pub(crate) trait Inbox: Send + Sync {
    /// Queues a client frame.
    fn post_frame(&self, frame: ClientFrame, ticket: Ticket) -> Result<(), Refused>;
    /// Queues a join; `Err` gives it back when the view has ended. Never refused for fullness.
    fn attach(&self, attachment: Box<Attachment>) -> Result<(), Box<Attachment>>;
    /// Queues the loss of the browser. Never refused for fullness.
    fn detach(&self, incarnation: u64, cause: Detached);
    /// Queues the end of the hold.
    fn evict(&self);
    /// Queues the end of a nested view. Never refused for fullness.
    fn end(&self);
    /// The socket has taken this view's last frame.
    fn frame_taken(&self);
    /// What the view's task has left behind, for those who look.
    fn inspect(&self) -> Inspection;
}

/// A bounded queue with one reader.
pub(crate) struct Mailbox<M> {
    state: Mutex<State<M>>,
    /// Most frames and messages waiting at once; what holds a view to a browser does not count.
    capacity: usize,
    in_flight: Arc<InFlight>,
    /// Left behind by the view's task.
    pub(crate) figures: Figures,
}

struct State<M> {
    /// Each with the ticket of the work it stands for, once there is a task to do it.
    queue: VecDeque<(Mail<M>, Option<Ticket>)>,
    /// Of the view task, while it waits for mail or for its frame to be taken.
    reader: Option<Waker>,
    /// A frame of this view waits for the socket.
    frame_waiting: bool,
    /// The reader waits for that frame to be taken; otherwise only mail wakes it.
    slot_wanted: bool,
    /// A view task reads; until then messages wait for a browser, which is no work under way.
    started: bool,
    /// A message was refused for fullness.
    overflowed: bool,
    /// The reader is gone; nothing is taken any more.
    closed: bool,
}

impl<M> Mailbox<M> {
    pub(crate) fn new(capacity: usize, in_flight: Arc<InFlight>) -> Self {
        let state = State {
            queue: VecDeque::new(),
            reader: None,
            frame_waiting: false,
            slot_wanted: false,
            started: false,
            overflowed: false,
            closed: false,
        };
        Self { state: Mutex::new(state), capacity, in_flight, figures: Figures::default() }
    }

    /// A view task begins to read: what waits is work from now on.
    pub(crate) fn start(&self) {
        let mut state = self.lock();
        state.started = true;
        let now = Instant::now();
        for (mail, ticket) in &mut state.queue {
            ticket.get_or_insert_with(|| self.in_flight.ticket());
            if let Mail::Message(envelope) = mail {
                envelope.queued = now;
            }
        }
    }

    /// Queues a message from the server side, sent by the work `publisher`.
    pub(crate) fn post_message(
        &self,
        message: M,
        publisher: PageTrace,
    ) -> Result<(), SendError<M>> {
        let mut state = self.lock();
        if state.closed {
            Err(SendError::Ended(message))
        } else if state.queue.len() >= self.capacity {
            state.overflowed = true;
            Err(SendError::Full(message))
        } else {
            let ticket = state.started.then(|| self.in_flight.ticket());
            let envelope = Envelope { message, publisher, queued: Instant::now() };
            push(state, Mail::Message(envelope), ticket);
            Ok(())
        }
    }

    /// The next mail, in order of arrival. Cancel safe: nothing is taken until it is returned.
    pub(crate) async fn next(&self) -> (Mail<M>, Option<Ticket>) {
        poll_fn(|context| {
            let mut state = self.lock();
            match state.queue.pop_front() {
                Some(mail) => Poll::Ready(mail),
                None => {
                    state.reader = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The next mail if it is a message that waits already.
    pub(crate) fn next_message(&self) -> Option<(Envelope<M>, Option<Ticket>)> {
        let mut state = self.lock();
        match state.queue.pop_front() {
            Some((Mail::Message(envelope), ticket)) => Some((envelope, ticket)),
            Some(other) => {
                state.queue.push_front(other);
                None
            }
            None => None,
        }
    }

    /// Returns when the socket has taken the last frame of this view. Cancel safe.
    pub(crate) async fn frame_slot(&self) {
        poll_fn(|context| {
            let mut state = self.lock();
            state.slot_wanted = state.frame_waiting;
            if state.frame_waiting {
                state.reader = Some(context.waker().clone());
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    /// Mails waiting.
    pub(crate) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// Either mail or, when `dirty`, a free frame slot: `None` says that the view may render.
    /// Cancel safe.
    pub(crate) async fn next_or_slot(&self, dirty: bool) -> Option<(Mail<M>, Option<Ticket>)> {
        if !dirty {
            return Some(self.next().await);
        }
        tokio::select! {
            biased;
            () = self.frame_slot() => None,
            mail = self.next() => Some(mail),
        }
    }

    /// Notes that a frame of this view has been handed to the connection.
    pub(crate) fn frame_sent(&self) {
        self.lock().frame_waiting = true;
    }

    /// Takes nothing more and drops what waits.
    pub(crate) fn close(&self) {
        let dropped = {
            let mut state = self.lock();
            state.closed = true;
            state.reader = None;
            std::mem::take(&mut state.queue)
        };
        drop(dropped);
    }

    /// Stands for work of this view that runs beside it.
    pub(crate) fn ticket(&self) -> Ticket {
        self.in_flight.ticket()
    }

    /// Whether a message was ever refused; the state of a hold that lost one cannot be trusted.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.lock().overflowed
    }

    /// Queues what must not be refused.
    fn post(&self, mail: Mail<M>) {
        let state = self.lock();
        if !state.closed {
            push(state, mail, Some(self.in_flight.ticket()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Send> Inbox for Mailbox<M> {
    fn post_frame(&self, frame: ClientFrame, ticket: Ticket) -> Result<(), Refused> {
        let state = self.lock();
        if state.closed {
            Err(Refused::Ended)
        } else if state.queue.len() >= self.capacity {
            Err(Refused::Full)
        } else {
            push(state, Mail::Frame { frame, queued: Instant::now() }, Some(ticket));
            Ok(())
        }
    }

    fn attach(&self, attachment: Box<Attachment>) -> Result<(), Box<Attachment>> {
        let mut state = self.lock();
        if state.closed {
            return Err(attachment);
        }
        // Whatever the view last sent went to a socket that this join replaces.
        state.frame_waiting = false;
        push(state, Mail::Attach(attachment), Some(self.in_flight.ticket()));
        Ok(())
    }

    fn detach(&self, incarnation: u64, cause: Detached) {
        let mut state = self.lock();
        // A frame that the lost socket never took must not keep the view from rendering again.
        state.frame_waiting = false;
        if !state.closed {
            push(state, Mail::Detach { incarnation, cause }, Some(self.in_flight.ticket()));
        }
    }

    fn evict(&self) {
        self.post(Mail::Evict);
    }

    fn end(&self) {
        self.post(Mail::End);
    }

    fn frame_taken(&self) {
        let mut state = self.lock();
        state.frame_waiting = false;
        let reader = if state.slot_wanted { state.reader.take() } else { None };
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
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

impl<M> fmt::Debug for Mailbox<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mailbox").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// Appends `mail` and wakes the reader after the lock is released.
fn push<M>(mut state: MutexGuard<'_, State<M>>, mail: Mail<M>, ticket: Option<Ticket>) {
    state.queue.push_back((mail, ticket));
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}
