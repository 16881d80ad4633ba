//! The open connections of a server, each with its place, and what the log and the metrics are told
//! when there are too many.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::ServerLimits;
use super::at_work::WorkPlace;
use super::head_clock::AwaitedHead;
use super::places::{PlaceId, Places, Signals, Standing};
use crate::http::client_address::ClientNetwork;
use crate::telemetry::{ServerMetrics, TOLD_FOR, Told, TurnedAway};

/// The connections of one server.
pub(super) struct Connections {
    max: usize,
    state: Mutex<State>,
    /// A connection was closed, or may be told to leave.
    changed: Notify,
    metrics: ServerMetrics,
    told_of_addresses: Told,
}

struct State {
    places: Places,
    /// Counts while there is no room, for the log.
    crowd: Option<Crowd>,
}

/// One time of too many connections.
#[derive(Clone, Copy)]
struct Crowd {
    began: Instant,
    n_gave_way: u64,
    n_refused: u64,
}

/// The place of one open connection. It is free again when this is dropped.
pub(super) struct Slot {
    connections: Arc<Connections>,
    id: PlaceId,
    signals: Arc<Signals>,
    /// Twice the number of requests that were answered, and one more while another is served.
    turn: AtomicU64,
    /// The turn in which something was received last.
    received: AtomicU64,
    /// Of the request under way, until its answer is written, or of the WebSocket that the connection has
    /// become.
    at_work: Mutex<Option<WorkPlace>>,
    /// An answer is under way of which its client sees the end by that of the connection alone.
    ends_answer: AtomicBool,
}

/// A request under way on a connection, which waits for its next request when this is dropped.
pub(super) struct Served(Option<Arc<Slot>>);

/// The part of a request that its client still owes. While its handler waits for it, the connection
/// waits for the client; once this is dropped, only for the server.
pub(super) struct Owed {
    slot: Weak<Slot>,
    turn: u64,
    is_awaited: bool,
}

impl Connections {
    pub(super) fn new(limits: &ServerLimits) -> Arc<Self> {
        let places = Places::new(limits.max_connections, limits.n_reserved);
        Arc::new(Self {
            max: limits.max_connections,
            state: Mutex::new(State { places, crowd: None }),
            changed: Notify::new(),
            metrics: ServerMetrics::default(),
            told_of_addresses: Told::default(),
        })
    }

    /// Returns when there is a place, be it a reserved one, for a connection that was accepted.
    ///
    /// What keeps it waiting ends by itself: those that wait for their clients are told to leave, and
    /// a reserved connection ends with its first answer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub(super) async fn room(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let places = &mut self.state().places;
                if places.has_room() {
                    return;
                }
                places.make_room();
            }
            changed.await;
        }
    }

    /// A place for a connection that was just accepted.
    pub(super) fn open(self: &Arc<Self>) -> Arc<Slot> {
        let signals = Arc::<Signals>::default();
        let (id, told) = {
            let mut state = self.state();
            let is_crowd = state.places.is_full() && state.crowd.is_none();
            if is_crowd {
                state.crowd = Some(Crowd { began: Instant::now(), n_gave_way: 0, n_refused: 0 });
            }
            let id = state.places.open(Arc::clone(&signals));
            (id, is_crowd.then(|| state.places.n_open()))
        };
        if let Some(connections) = told {
            tracing::warn!(
                connections,
                max_connections = self.max,
                "there are as many connections as may be: those that wait longest for their client \
                 are closed, and while none waits newcomers are turned away; if they are all \
                 visitors, raise max_connections or add servers"
            );
        }
        let (turn, received) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let (connections, at_work) = (Arc::clone(self), Mutex::default());
        let ends_answer = AtomicBool::new(false);
        Arc::new(Slot { connections, id, signals, turn, received, at_work, ends_answer })
    }

    /// Has the connection closed that has waited longest for its client.
    pub(super) fn close_longest_waiting(&self) {
        self.state().places.tell_longest_waiting();
    }

    /// A request was answered that there is no room.
    pub(super) fn refused(&self) {
        if let Some(crowd) = &mut self.state().crowd {
            crowd.n_refused += 1;
        }
        self.metrics.turned_away(TurnedAway::NoRoom);
    }

    /// A request was answered that its address has too many under way.
    pub(super) fn refused_of(&self, network: Option<ClientNetwork>) {
        if let Some(times) = self.told_of_addresses.again() {
            let address = network.map(tracing::field::debug);
            tracing::warn!(
                times,
                address,
                "requests were refused, since their address has as many under way as it may; if they \
                 are no flood but people, raise max_connections_per_address"
            );
        }
        self.metrics.turned_away(TurnedAway::Address);
    }

    fn gave_way(&self) {
        if let Some(crowd) = &mut self.state().crowd {
            crowd.n_gave_way += 1;
        }
        self.metrics.turned_away(TurnedAway::GaveWay);
    }

    pub(super) fn metrics(&self) -> &ServerMetrics {
        &self.metrics
    }

    fn close(&self, id: PlaceId) {
        let over = {
            let mut state = self.state();
            state.places.close(id);
            let is_over = !state.places.is_full();
            // A crowd is one for a while: its number swings around the bound.
            state.crowd.take_if(|crowd| is_over && crowd.began.elapsed() >= TOLD_FOR)
        };
        if let Some(Crowd { n_gave_way, n_refused, .. }) = over {
            tracing::info!(n_gave_way, n_refused, "there is room for connections again");
        }
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Whether the connection is one of those kept for reserved paths.
    pub(super) fn is_reserved(&self) -> bool {
        self.connections.state().places.is_reserved(self.id)
    }

    /// Whether the connection's request may be served like any other: `false` when there is no room.
    /// It waits no longer than connections that were told to leave take to do so.
    pub(super) async fn is_ordinary(&self) -> bool {
        loop {
            let standing = self.connections.state().places.standing(self.id);
            match standing {
                Standing::Ordinary => return true,
                Standing::Turned => return false,
                Standing::Soon => self.signals.moved.notified().await,
            }
        }
    }

    /// Ready when the connection is to be closed because others need its place, unless its client
    /// has done its part meanwhile.
    pub(super) async fn gives_way(&self) {
        loop {
            self.signals.leave.notified().await;
            let is_leaving = self.connections.state().places.is_leaving(self.id);
            if is_leaving {
                self.connections.gave_way();
                return;
            }
        }
    }

    /// Tells whether an answer has stalled on its way to the client. One that counts for nobody, such as a file, gives
    /// way meanwhile.
    pub(super) fn set_writing(&self, is_writing: bool) {
        let counts = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let is_writing = is_writing && counts;
        self.connections.state().places.set_writing(self.id, is_writing);
        self.connections.changed.notify_waiters();
    }

    /// Something was received from the client.
    pub(super) fn received(&self) {
        self.received.store(self.turn.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The head that the connection waits for; `None` while it serves a request.
    pub(super) fn awaited_head(&self) -> Option<AwaitedHead> {
        let turn = self.turn.load(Ordering::Relaxed);
        let is_begun = turn == 0 || self.received.load(Ordering::Relaxed) == turn;
        turn.is_multiple_of(2).then_some(AwaitedHead { number: turn / 2, is_begun })
    }

    /// A request has come: until its answer is handed over the connection does not give way.
    pub(super) fn serves(self: &Arc<Self>) -> Served {
        let mut state = self.connections.state();
        self.turn.fetch_add(1, Ordering::Relaxed);
        state.places.serves(self.id);
        drop(state);
        self.connections.changed.notify_waiters();
        Served(Some(Arc::clone(self)))
    }

    /// The request under way has a place among those of its address.
    pub(super) fn works(&self, place: WorkPlace) {
        *self.at_work.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }

    /// All that was to be written has been. An answer may have been handed over long before, and wait for a
    /// client that takes nothing.
    pub(super) fn flushed(&self) {
        if self.turn.load(Ordering::Relaxed).is_multiple_of(2) {
            self.at_work.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// Whether the end of the connection would pass for that of an answer which is not whole.
    pub(super) fn cuts_answer(&self) -> bool {
        self.ends_answer.load(Ordering::Relaxed)
    }

    fn answered(&self) {
        let mut state = self.connections.state();
        self.turn.fetch_add(1, Ordering::Relaxed);
        state.places.waits(self.id);
        drop(state);
        self.connections.changed.notify_waiters();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.close(self.id);
    }
}

impl Served {
    /// The part of this request that is still to come.
    pub(super) fn owed(&self) -> Owed {
        let (slot, turn) = match &self.0 {
            Some(slot) => (Arc::downgrade(slot), slot.turn.load(Ordering::Relaxed)),
            None => (Weak::new(), 0),
        };
        Owed { slot, turn, is_awaited: false }
    }

    /// The end of the connection is what tells the client that the answer is whole: until it is, the
    /// connection does not end in order.
    pub(super) fn set_ends_answer(&self, ends_answer: bool) {
        if let Some(slot) = &self.0 {
            slot.ends_answer.store(ends_answer, Ordering::Relaxed);
        }
    }

    /// The connection has become a WebSocket: it waits for no further request.
    pub(super) fn for_good(mut self) {
        self.0 = None;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.answered();
        }
    }
}

impl Owed {
    /// The request's handler waits for more of it.
    pub(super) fn is_awaited(&mut self) {
        if !std::mem::replace(&mut self.is_awaited, true) {
            self.tell(Places::waits);
        }
    }

    /// Tells of the connection, unless its request was answered before it was complete.
    fn tell(&self, what: fn(&mut Places, PlaceId)) {
        let Some(slot) = self.slot.upgrade() else { return };
        let mut state = slot.connections.state();
        if slot.turn.load(Ordering::Relaxed) == self.turn {
            what(&mut state.places, slot.id);
        }
        drop(state);
        slot.connections.changed.notify_waiters();
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if self.is_awaited {
            self.tell(Places::serves);
        }
    }
}
