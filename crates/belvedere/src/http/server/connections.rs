//! The open connections of a server: how many there are, and which of them wait for a request, so
//! that they can give way.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::ServerLimits;
use crate::runtime::told::TOLD_FOR;
use crate::telemetry::{ServerMetrics, TurnedAway};

/// The connections of one server.
pub(super) struct Connections {
    /// Connections that are served as usual.
    max: usize,
    /// Those beyond, for the reserved paths and for saying that there is no room.
    n_reserved: usize,
    state: Mutex<State>,
    /// A connection was closed, or began to wait.
    changed: Notify,
    metrics: ServerMetrics,
}

#[derive(Default)]
struct State {
    n_open: usize,
    /// Grows with every wait; orders them.
    next_wait: u64,
    /// Whom to tell to give way, the longest wait first.
    waiting: BTreeMap<u64, Arc<Notify>>,
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
    is_reserved: bool,
    gives_way: Arc<Notify>,
    /// The key of its wait, while it waits.
    wait: Mutex<Option<u64>>,
    /// The client has not yet taken what was written.
    is_writing: AtomicBool,
}

/// A request under way on a connection, which waits for its next request when this is dropped.
pub(super) struct Served(Option<Arc<Slot>>);

impl Connections {
    pub(super) fn new(limits: &ServerLimits) -> Arc<Self> {
        Arc::new(Self {
            max: limits.max_connections,
            n_reserved: limits.n_reserved,
            state: Mutex::default(),
            changed: Notify::new(),
            metrics: ServerMetrics::default(),
        })
    }

    /// Returns when there is a place, be it a reserved one, for a connection that was accepted.
    ///
    /// What keeps it waiting ends by itself: those without a request are told to give way, and a
    /// reserved connection ends with its first answer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub(super) async fn room(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.state().n_open < self.max + self.n_reserved {
                return;
            }
            self.make_room();
            changed.await;
        }
    }

    /// A place for a connection that was just accepted.
    pub(super) fn open(self: &Arc<Self>) -> Arc<Slot> {
        let is_full = {
            let mut state = self.state();
            state.n_open += 1;
            state.n_open > self.max
        };
        let is_reserved = is_full && !self.make_room();
        let slot = Arc::new(Slot {
            connections: Arc::clone(self),
            is_reserved,
            gives_way: Arc::default(),
            wait: Mutex::default(),
            is_writing: AtomicBool::new(false),
        });
        slot.waits();
        slot
    }

    /// Has the connection closed that has waited longest for a request, because another needs its
    /// place; `false` when none waits.
    fn make_room(&self) -> bool {
        let (n_open, is_first) = {
            let mut state = self.state();
            let is_first = state.crowd.is_none();
            let began = Instant::now();
            state.crowd.get_or_insert(Crowd { began, n_gave_way: 0, n_refused: 0 });
            (state.n_open, is_first)
        };
        if is_first {
            tracing::warn!(
                connections = n_open,
                max_connections = self.max,
                "there are as many connections as may be: those that wait longest for a request \
                 are closed, and while none waits newcomers are turned away; if they are all \
                 visitors, raise max_connections or add servers"
            );
        }
        self.close_longest_waiting()
    }

    /// Has the connection closed that has waited longest for a request; `false` when none waits.
    pub(super) fn close_longest_waiting(&self) -> bool {
        let oldest = {
            let mut state = self.state();
            let Some((_, oldest)) = state.waiting.pop_first() else { return false };
            if let Some(crowd) = &mut state.crowd {
                crowd.n_gave_way += 1;
            }
            oldest
        };
        oldest.notify_one();
        self.metrics.turned_away(TurnedAway::GaveWay);
        true
    }

    /// A request was answered that there is no room.
    pub(super) fn refused(&self) {
        if let Some(crowd) = &mut self.state().crowd {
            crowd.n_refused += 1;
        }
        self.metrics.turned_away(TurnedAway::NoRoom);
    }

    pub(super) fn metrics(&self) -> &ServerMetrics {
        &self.metrics
    }

    fn close(&self) {
        let over = {
            let mut state = self.state();
            state.n_open -= 1;
            let is_over = state.n_open < self.max;
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
        self.is_reserved
    }

    /// Ready when the connection is to be closed because others need its place, unless a request
    /// has come meanwhile.
    pub(super) async fn gives_way(&self) {
        loop {
            self.gives_way.notified().await;
            if self.wait().is_some() {
                return;
            }
        }
    }

    /// Whether an answer is still on its way to the client.
    pub(super) fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }

    pub(super) fn set_writing(&self, is_writing: bool) {
        self.is_writing.store(is_writing, Ordering::Relaxed);
    }

    /// A request has come: until its answer is handed over the connection does not give way.
    pub(super) fn serves(self: &Arc<Self>) -> Served {
        if let Some(wait) = self.wait().take() {
            self.connections.state().waiting.remove(&wait);
        }
        Served(Some(Arc::clone(self)))
    }

    fn waits(&self) {
        let mut state = self.connections.state();
        let wait = state.next_wait;
        state.next_wait += 1;
        state.waiting.insert(wait, Arc::clone(&self.gives_way));
        drop(state);
        *self.wait() = Some(wait);
        self.connections.changed.notify_waiters();
    }

    fn wait(&self) -> MutexGuard<'_, Option<u64>> {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(wait) = self.wait().take() {
            self.connections.state().waiting.remove(&wait);
        }
        self.connections.close();
    }
}

impl Served {
    /// The connection has become a WebSocket: it waits for no further request.
    pub(super) fn for_good(mut self) {
        self.0 = None;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.waits();
        }
    }
}
