//! This process as one of several: what it sends to the others over a bus, and what it does with what comes.
//!
//! Each node numbers what it sends, and says every [`BEAT`] that it lives. So the others notice whatever is
//! lost on the way by a gap, at the latest with the next beat, and a node that has died by its silence while
//! the bus carries: while their own beats come back.
//! What is sent is signed, since others may be on the same engine.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use crate::pub_sub::bus::{Bus, BusConnection, BusError};
use crate::pub_sub::hub::Hub;
use crate::wire::token::BusKey;

pub(super) use packet::{Packet, What};
pub(super) use unsent::{Share, Unsent};

mod packet;
mod unsent;

/// How often a node says that it lives.
pub(crate) const BEAT: Duration = Duration::from_secs(2);

/// How many of its own beats a node sees come back without a word of another that it takes for alive: six
/// seconds. Time alone would tell nothing, since while the bus stands still all are silent.
pub(super) const PATIENCE_IN_BEATS: u32 = 3;

/// The same after a loss of the bus, until the other is heard again: it may be waiting longest.
pub(super) const PATIENCE_AFTER_LOSS_IN_BEATS: u32 =
    PATIENCE_IN_BEATS + (LONGEST_WAIT.as_secs() / BEAT.as_secs()) as u32;

/// How long the engine may take to connect, or to take what is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first wait after a loss; each further one is twice as long, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The connection of a [`PubSub`](super::PubSub) to the others.
pub(super) struct Node {
    /// Tells this one from all others, also from itself before a restart.
    pub(super) id: u64,
    max_payload_bytes: Box<dyn Fn() -> usize + Send + Sync>,
    pub(super) unsent: Arc<Unsent>,
    task: OnceLock<AbortHandle>,
}

impl Node {
    pub(super) fn new(bus: &Arc<impl Bus>, max_unsent_bytes: usize) -> Self {
        let bus = Arc::clone(bus);
        let max_payload_bytes = Box::new(move || bus.max_payload_bytes());
        let id = rand::random();
        let unsent = Arc::new(Unsent::new(id, max_unsent_bytes));
        Self { id, max_payload_bytes, unsent, task: OnceLock::new() }
    }

    /// Connects, for as long as this lives. `hub` has this node already.
    pub(super) fn start(&self, bus: Arc<impl Bus>, key: BusKey, hub: Weak<Hub>) {
        let task = tokio::spawn(run(bus, key, hub, Arc::clone(&self.unsent)));
        self.task.get_or_init(|| task.abort_handle());
    }

    /// Most bytes that the bus takes at once, as far as it is known.
    pub(super) fn max_payload_bytes(&self) -> usize {
        (self.max_payload_bytes)()
    }

    pub(super) fn kill(&self) {
        self.task.get().inspect(|task| task.abort());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps a connection until the last handle is dropped.
async fn run(bus: Arc<impl Bus>, key: BusKey, hub: Weak<Hub>, unsent: Arc<Unsent>) {
    let mut n_failures = 0;
    loop {
        let mut has_carried = false;
        let error = match timeout(PATIENCE, bus.connect()).await {
            Ok(Ok(connection)) => {
                let since = Instant::now();
                match hub.upgrade() {
                    Some(hub) => hub.connected(),
                    None => return,
                }
                let error = serve(connection, &key, &hub, &unsent, &mut has_carried).await;
                // One that carries nothing, or is lost at once, is no better than none.
                if has_carried && since.elapsed() > LONGEST_WAIT {
                    n_failures = 0;
                }
                error
            }
            Ok(Err(error)) => error,
            Err(elapsed) => elapsed.into(),
        };
        if n_failures == 0 || has_carried {
            tracing::warn!(
                %error,
                "the bus between the servers is lost; pages go on and hear only this server until it is \
                 back"
            );
        }
        sleep(wait(n_failures)).await;
        n_failures += 1;
    }
}

/// Grows with each failure, and differs from node to node.
fn wait(n_failures: u32) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1 << n_failures.min(10)).min(LONGEST_WAIT);
    longest.mul_f64(rand::random_range(0.5..1.0))
}

/// Serves a connection until it fails. It has carried once something was sent: a database whose disk is full
/// lets a session listen and takes nothing.
async fn serve(
    mut connection: impl BusConnection,
    key: &BusKey,
    hub: &Weak<Hub>,
    unsent: &Unsent,
    has_carried: &mut bool,
) -> BusError {
    let mut beat = interval_at(Instant::now() + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = unsent.ready() => {
                let payloads = unsent.take().iter().map(|packet| key.sign(packet)).collect();
                let sent = timeout(PATIENCE, connection.send(payloads)).await;
                if let (Ok(Ok(())), Some(hub)) = (&sent, hub.upgrade()) {
                    if !std::mem::replace(has_carried, true) {
                        hub.carried();
                    }
                    hub.tell_on();
                }
                unsent.is_taken();
                match sent {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return error,
                    Err(elapsed) => return elapsed.into(),
                }
            }
            received = connection.receive() => match (received, hub.upgrade()) {
                (Ok(payload), Some(hub)) => match key.verify(&payload) {
                    Some(packet) => hub.receive(packet),
                    None => hub.refuse(),
                },
                (Ok(_), None) => return "nobody listens any more".into(),
                (Err(error), _) => return error,
            },
            _ = beat.tick() => if let Some(hub) = hub.upgrade() {
                hub.beat();
            },
        }
    }
}
