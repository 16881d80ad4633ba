//! The mailbox of one view, and what the connection and the registry may do with it.
//!
//! A plain queue behind a short lock instead of a tokio channel, because it costs nothing until
//! used: thousands of idle views each own one. The view task is its only reader.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use crate::ended::Ended;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::{InFlight, Ticket};
use crate::runtime::inspect::Figures;
use crate::runtime::outbox::{Outbox, Outgoing};
use crate::runtime::reader::{self, Reader};
use crate::runtime::recipient::{Detached, Recipient, Refused};
use crate::runtime::transport::CloseReason;
use crate::telemetry::PageTrace;

pub(crate) use arrivals::Which;
pub(crate) use heard::{Backlog, Wrap};
pub(crate) use inbox::Inbox;
pub(crate) use mail::{Arrival, ComponentMessage, Envelope, Mail, Message};
pub(crate) use room::Unposted;

mod arrivals;
mod heard;
mod inbox;
mod mail;
mod room;
mod waiting_join;

use room::Room;

/// A bounded queue with one reader.
pub(crate) struct Mailbox<M> {
    state: Mutex<State<M>>,
    /// Most mail waiting at once. Frames, what was heard and what work has come to count where they came
    /// from.
    capacity: usize,
    in_flight: Arc<InFlight>,
    /// Left behind by the view's task.
    pub(crate) figures: Figures,
}

struct State<M> {
    /// Each with the ticket of the work it stands for, once there is a task to do it.
    queue: VecDeque<(Mail<M>, Option<Ticket>)>,
    /// How many of them are frames of the client, which its connection counts.
    n_frames: usize,
    /// How many of them were heard on topics.
    n_heard: usize,
    /// How many are outcomes of pieces of work, which have a bound of their own, too.
    n_arrivals: usize,
    /// Of the view task, while it waits for mail or for its frame to be taken.
    reader: Reader,
    /// Subscriptions that wait for room.
    room: Room,
    /// A frame of this view waits for the socket.
    frame_waiting: bool,
    /// The reader waits for that frame to be taken; otherwise only mail wakes it.
    slot_wanted: bool,
    /// A view task reads; until then messages wait for a browser, which is no work under way.
    started: bool,
    /// A message was refused for fullness.
    overflowed: bool,
    /// Of the connection that the view is joined on, to be closed by who finds the mailbox full.
    browser: Option<Arc<Outbox>>,
    /// The view is to end.
    ending: bool,
    /// The reader is gone; nothing is taken any more.
    closed: bool,
}

impl<M> Mailbox<M> {
    pub(crate) fn new(capacity: usize, in_flight: Arc<InFlight>) -> Self {
        let state = State {
            queue: VecDeque::new(),
            n_frames: 0,
            n_heard: 0,
            n_arrivals: 0,
            reader: Reader::default(),
            room: Room::default(),
            frame_waiting: false,
            slot_wanted: false,
            started: false,
            overflowed: false,
            browser: None,
            ending: false,
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

    /// Queues a message from the server side, sent by the work `publisher`; `Err` gives it back.
    pub(crate) fn post_message(
        &self,
        message: M,
        publisher: PageTrace,
    ) -> Result<(), (M, Refused)> {
        match self.admit() {
            Ok(state) => {
                self.push_message(state, Message::View(message), publisher, None);
                Ok(())
            }
            Err(refused) => Err((message, refused)),
        }
    }

    /// Whether one more message is taken. One that is not leaves a state that nobody can trust: the
    /// view ends as soon as it has handled what waits, and its browser, if it has one, is sent away
    /// at once.
    fn admit(&self) -> Result<MutexGuard<'_, State<M>>, Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Ended);
        }
        if state.n_counted() < self.capacity {
            return Ok(state);
        }
        if !std::mem::replace(&mut state.overflowed, true) {
            let browser = state.browser.take();
            if state.started {
                push(state, Mail::Evict(Ended::GivenUp), Some(self.in_flight.ticket()));
            }
            if let Some(browser) = browser {
                browser.push(Outgoing::Close(CloseReason::Overload));
            }
        }
        Err(Refused::Full)
    }

    /// Says which connection the view is joined on, if any.
    pub(crate) fn set_browser(&self, browser: Option<Arc<Outbox>>) {
        self.lock().browser = browser;
    }

    fn push_message(
        &self,
        state: MutexGuard<'_, State<M>>,
        message: Message<M>,
        publisher: PageTrace,
        heard: Option<&Arc<Backlog>>,
    ) {
        let ticket = state.started.then(|| self.in_flight.ticket());
        let (heard, queued) = (heard.map(Arc::clone), Instant::now());
        let envelope = Envelope { message, publisher, queued, heard };
        push(state, Mail::Message(envelope), ticket);
    }

    /// The next mail, in order of arrival. Cancel safe: nothing is taken until it is returned.
    pub(crate) fn next(&self) -> impl Future<Output = (Mail<M>, Option<Ticket>)> {
        poll_fn(|context| self.poll_next(context))
    }

    fn poll_next(&self, context: &Context<'_>) -> Poll<(Mail<M>, Option<Ticket>)> {
        let mut state = self.lock();
        match self.take_first(&mut state) {
            Some(mail) => Poll::Ready(mail),
            None => {
                state.reader.waits(context);
                Poll::Pending
            }
        }
    }

    /// The next mail if it is a message that waits already.
    pub(crate) fn next_message(&self) -> Option<(Envelope<M>, Option<Ticket>)> {
        let mut state = self.lock();
        let Some((Mail::Message(_), _)) = state.queue.front() else { return None };
        match self.take_first(&mut state)? {
            (Mail::Message(envelope), ticket) => Some((envelope, ticket)),
            _ => None,
        }
    }

    /// Whether the socket has still to take the last frame of this view.
    pub(crate) fn is_frame_waiting(&self) -> bool {
        self.lock().frame_waiting
    }

    /// Returns when the socket has taken the last frame of this view. Cancel safe.
    pub(crate) fn frame_slot(&self) -> impl Future<Output = ()> {
        poll_fn(|context| self.poll_slot(context))
    }

    fn poll_slot(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        state.slot_wanted = state.frame_waiting;
        if state.frame_waiting {
            state.reader.waits(context);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Mails waiting.
    pub(crate) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// Either mail or, when `dirty`, a free frame slot: `None` says that the view may render.
    /// Cancel safe.
    pub(crate) fn next_or_slot(
        &self,
        dirty: bool,
    ) -> impl Future<Output = Option<(Mail<M>, Option<Ticket>)>> {
        poll_fn(move |context| {
            if dirty && self.poll_slot(context).is_ready() {
                return Poll::Ready(None);
            }
            self.poll_next(context).map(Some)
        })
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
            state.reader = Reader::default();
            state.room.free();
            state.browser = None;
            (state.n_frames, state.n_heard, state.n_arrivals) = (0, 0, 0);
            std::mem::take(&mut state.queue)
        };
        drop(dropped);
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

impl<M: Send> Recipient for Mailbox<M> {
    fn post_frame(&self, frame: ClientFrame, ticket: Ticket) {
        let mut state = self.lock();
        if !state.closed {
            state.n_frames += 1;
            push(state, Mail::Frame(frame), Some(ticket));
        }
    }

    fn detach(&self, incarnation: u64, cause: Detached) {
        let mut state = self.lock();
        // A frame that the lost socket never took must not keep the view from rendering again.
        state.frame_waiting = false;
        if !state.closed {
            push(state, Mail::Detach { incarnation, cause }, Some(self.in_flight.ticket()));
        }
    }

    fn drain(&self, incarnation: u64) -> bool {
        let state = self.lock();
        let is_open = !state.closed;
        if is_open {
            push(state, Mail::Drain { incarnation }, Some(self.in_flight.ticket()));
        }
        is_open
    }

    fn is_ending(&self) -> bool {
        let state = self.lock();
        state.ending || state.closed
    }

    fn uploads_changed(&self) {
        self.post(Mail::Uploads);
    }

    fn frame_taken(&self) {
        let mut state = self.lock();
        state.frame_waiting = false;
        let reader = if state.slot_wanted { state.reader.take() } else { None };
        drop(state);
        reader.into_iter().for_each(Waker::wake);
    }
}

impl<M> fmt::Debug for Mailbox<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mailbox").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// Appends `mail` and wakes the reader after the lock is released.
fn push<M>(mut state: MutexGuard<'_, State<M>>, mail: Mail<M>, ticket: Option<Ticket>) {
    reader::append(&mut state.queue, (mail, ticket));
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}
