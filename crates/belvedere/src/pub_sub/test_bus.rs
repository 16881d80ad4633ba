//! [`TestBus`]: several servers in one process.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use tokio::sync::Notify;

use crate::pub_sub::{Bus, BusConnection, BusError};

/// Most bytes of a payload: as many as PostgreSQL takes.
const MAX_BYTES: usize = 7_999;

/// A bus between servers within one process, which a test can stop.
///
/// Each server is a [`PubSub`](crate::PubSub) over a clone of it. Nothing waits on a clock:
/// [`settle`](Self::settle) returns when all have heard what was sent.
#[derive(Clone, Default)]
pub struct TestBus {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    handled: Notify,
}

#[derive(Default)]
struct State {
    is_down: bool,
    /// What is sent next reaches nobody.
    loses_next: bool,
    /// What was sent since the bus stands still.
    held: Option<Vec<String>>,
    n_connections: u64,
    connections: BTreeMap<u64, Inbox>,
}

#[derive(Default)]
struct Inbox {
    payloads: VecDeque<String>,
    /// The last one that was taken is being handled.
    is_busy: bool,
    reader: Option<Waker>,
}

impl TestBus {
    /// Ends all connections, with what is under way on them, and takes none until [`start`](Self::start).
    pub fn stop(&self) {
        let ended = {
            let mut state = self.shared.lock();
            state.is_down = true;
            state.held = None;
            std::mem::take(&mut state.connections)
        };
        ended.into_values().filter_map(|inbox| inbox.reader).for_each(Waker::wake);
        self.shared.handled.notify_waiters();
    }

    /// Takes connections again.
    pub fn start(&self) {
        self.shared.lock().is_down = false;
    }

    /// How many servers are connected.
    #[must_use]
    pub fn n_connections(&self) -> usize {
        self.shared.lock().connections.len()
    }

    /// Loses on the way what is sent next.
    pub fn lose_next(&self) {
        self.shared.lock().loses_next = true;
    }

    /// Stands still: takes what is sent, and brings it to nobody until [`go_on`](Self::go_on).
    pub fn stand_still(&self) {
        self.shared.lock().held.get_or_insert_default();
    }

    /// Brings what was sent meanwhile, and goes on.
    pub fn go_on(&self) {
        let mut state = self.shared.lock();
        let readers = state.held.take().map(|held| state.bring(&held));
        drop(state);
        readers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Returns when all servers have heard what was sent. What a server has still to send is a matter of
    /// [`PubSub::settle`](crate::PubSub::settle).
    pub async fn settle(&self) {
        loop {
            let handled = self.shared.handled.notified();
            let is_busy = |inbox: &Inbox| inbox.is_busy || !inbox.payloads.is_empty();
            if !self.shared.lock().connections.values().any(is_busy) {
                return;
            }
            handled.await;
        }
    }
}

impl Bus for TestBus {
    type Connection = TestConnection;

    fn max_payload_bytes(&self) -> usize {
        MAX_BYTES
    }

    async fn connect(&self) -> Result<TestConnection, BusError> {
        let mut state = self.shared.lock();
        if state.is_down {
            return Err("the test has stopped the bus".into());
        }
        state.n_connections += 1;
        let number = state.n_connections;
        state.connections.insert(number, Inbox::default());
        Ok(TestConnection { shared: Arc::clone(&self.shared), number })
    }
}

/// A connection to a [`TestBus`].
pub struct TestConnection {
    shared: Arc<Shared>,
    number: u64,
}

impl BusConnection for TestConnection {
    async fn send(&mut self, payloads: Vec<String>) -> Result<(), BusError> {
        let mut state = self.shared.lock();
        if !state.connections.contains_key(&self.number) {
            return Err("the connection has ended".into());
        }
        if std::mem::take(&mut state.loses_next) {
            return Ok(());
        }
        if let Some(held) = &mut state.held {
            held.extend(payloads);
            return Ok(());
        }
        let readers = state.bring(&payloads);
        drop(state);
        readers.into_iter().for_each(Waker::wake);
        Ok(())
    }

    async fn receive(&mut self) -> Result<String, BusError> {
        poll_fn(|context| {
            let mut state = self.shared.lock();
            let Some(inbox) = state.connections.get_mut(&self.number) else {
                return Poll::Ready(Err("the connection has ended".into()));
            };
            if std::mem::take(&mut inbox.is_busy) {
                self.shared.handled.notify_waiters();
            }
            if let Some(payload) = inbox.payloads.pop_front() {
                inbox.is_busy = true;
                return Poll::Ready(Ok(payload));
            }
            inbox.reader = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for TestConnection {
    fn drop(&mut self) {
        self.shared.lock().connections.remove(&self.number);
        self.shared.handled.notify_waiters();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Brings payloads to all; returns who waits for some.
    fn bring(&mut self, payloads: &[String]) -> Vec<Waker> {
        let inboxes = self.connections.values_mut();
        let readers = inboxes.filter_map(|inbox| {
            inbox.payloads.extend(payloads.iter().cloned());
            inbox.reader.take()
        });
        readers.collect()
    }
}

impl fmt::Debug for TestBus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestBus").finish_non_exhaustive()
    }
}

impl fmt::Debug for TestConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TestConnection")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
