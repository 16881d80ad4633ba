//! What visitors have taken of what a server has: each client's network, and all of them together.
//!
//! ```text
//! upgrade ─▶ Share ─▶ a socket, for as long as it is open; a session of polls as well
//!              ├────▶ joins, each at its turn
//!              ├────▶ a joined view, for as long as its browser is there; what it keeps of texts
//!              └────▶ bytes that wait for views
//! ```
//!
//! Counts and turns alone: who is refused learns it from the socket or the join.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::config::{AddressLimit, AdmissionLimits};
use crate::http::client_address::ClientNetwork;

/// The longest wait for a join's turn: half of what browsers wait for its answer.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// From this wait on no sockets are opened, which would only wait to be refused their joins.
const CROWDED: Duration = Duration::from_millis(2_500);

/// What a rate allows at once: as much as in this time.
const BURST: Duration = Duration::from_secs(1);

/// Networks that are known before those are looked for that may be forgotten.
const FEW_NETWORKS: usize = 1024;

/// Whose bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of the client's address.
    Address,
    /// That of all visitors.
    All,
}

/// The shares of a runtime's visitors.
#[derive(Debug)]
pub(crate) struct Shares {
    limits: AdmissionLimits,
    all: Arc<Taken>,
    networks: Mutex<Networks>,
}

#[derive(Debug)]
struct Networks {
    known: HashMap<ClientNetwork, Arc<Taken>>,
    /// How many may be known before those are forgotten that have taken nothing of late.
    forget_at: usize,
}

/// What one client may take: of its network's share, where that is known, and of that of all.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    own: Option<Arc<Taken>>,
    all: Arc<Taken>,
}

/// A place for an open socket, a session of polls or a joined view, or room for bytes, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    share: Share,
    places: fn(&Taken) -> &Places,
    n: usize,
}

/// What was taken within one bound of each kind.
#[derive(Debug)]
struct Taken {
    sockets: Places,
    polls: Places,
    views: Places,
    kept_bytes: Places,
    max_waiting_bytes: usize,
    waiting_bytes: AtomicUsize,
    joins: Mutex<Turns>,
}

/// So many places at once.
#[derive(Debug)]
struct Places {
    max: usize,
    n_taken: AtomicUsize,
}

/// Turns at a rate.
#[derive(Debug)]
struct Turns {
    per_second: usize,
    /// When all that was taken is paid for.
    until: Instant,
}

impl Shares {
    pub(crate) fn new(limits: AdmissionLimits) -> Self {
        let networks = Networks { known: HashMap::new(), forget_at: FEW_NETWORKS };
        let all = Arc::new(Taken::within(&limits, |limit| limit.total));
        Self { limits, all, networks: Mutex::new(networks) }
    }

    /// The share of a client in this network, of which the same is kept for all clients in it.
    pub(crate) fn of(&self, network: Option<ClientNetwork>) -> Share {
        let own = network.map(|network| {
            let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
            networks.forget();
            let new = || Arc::new(Taken::within(&self.limits, |limit| limit.per_address));
            Arc::clone(networks.known.entry(network).or_insert_with(new))
        });
        Share { own, all: Arc::clone(&self.all) }
    }

    /// Of nobody in particular, without bounds.
    #[cfg(test)]
    pub(crate) fn unbounded() -> Share {
        let limit = AddressLimit { total: usize::MAX, per_address: usize::MAX };
        let limits = AdmissionLimits {
            sockets: limit,
            polls: limit,
            joins_per_second: limit,
            views: limit,
            kept_bytes: limit,
            waiting_bytes: limit,
        };
        Self::new(limits).of(None)
    }
}

impl Networks {
    /// Forgets those of which nobody is here and that owe nothing, once there are many.
    fn forget(&mut self) {
        if self.known.len() < self.forget_at {
            return;
        }
        let now = Instant::now();
        self.known
            .retain(|_, taken| Arc::strong_count(taken) > 1 || taken.turns().wait(now).is_some());
        self.forget_at = FEW_NETWORKS.max(self.known.len() * 2);
    }
}

impl Share {
    /// A place for one more socket, of either kind.
    pub(crate) fn socket(&self) -> Result<Place, Whose> {
        self.place(|taken| &taken.sockets, 1)
    }

    /// A place for one more session of polls.
    pub(crate) fn poll(&self) -> Result<Place, Whose> {
        self.place(|taken| &taken.polls, 1)
    }

    /// A place for one more joined view.
    pub(crate) fn view(&self) -> Result<Place, Whose> {
        self.place(|taken| &taken.views, 1)
    }

    /// Room for so many bytes that a view keeps.
    pub(crate) fn keep(&self, n_bytes: usize) -> Result<Place, Whose> {
        self.place(|taken| &taken.kept_bytes, n_bytes)
    }

    fn place(&self, places: fn(&Taken) -> &Places, n: usize) -> Result<Place, Whose> {
        self.take(places, n)?;
        Ok(Place { share: self.clone(), places, n })
    }

    fn take(&self, places: fn(&Taken) -> &Places, n: usize) -> Result<(), Whose> {
        let mut taken: Vec<&Places> = Vec::new();
        for (whose, bound) in self.bounds() {
            let places = places(bound);
            if !places.take(n) {
                taken.iter().for_each(|places| places.give_back(n));
                return Err(whose);
            }
            taken.push(places);
        }
        Ok(())
    }

    /// Whose joins wait so long that more sockets are of no use.
    pub(crate) fn crowded(&self) -> Option<Whose> {
        let now = Instant::now();
        self.whose(|bound| bound.turns().wait(now).is_some_and(|wait| wait > CROWDED))
    }

    /// Returns when it is a join's turn, first among those of its address, so that what waits there keeps
    /// nobody else. Dropped, it leaves its turn unused.
    pub(crate) async fn turn(&self) -> Result<(), Whose> {
        let latest = Instant::now() + LONGEST_WAIT;
        for (whose, bound) in self.bounds() {
            let now = Instant::now();
            let turn = bound.turns().take(now, latest).ok_or(whose)?;
            if turn > now {
                sleep_until(turn).await;
            }
        }
        Ok(())
    }

    /// So many bytes more wait.
    pub(crate) fn wait(&self, n_bytes: usize) {
        for (_, bound) in self.bounds() {
            bound.waiting_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        }
    }

    /// So many bytes wait no more.
    pub(crate) fn handled(&self, n_bytes: usize) {
        for (_, bound) in self.bounds() {
            subtract(&bound.waiting_bytes, n_bytes);
        }
    }

    /// Whose bytes that wait are as many as may be.
    pub(crate) fn full(&self) -> Option<Whose> {
        self.whose(|bound| bound.waiting_bytes.load(Ordering::Relaxed) >= bound.max_waiting_bytes)
    }

    /// Whose bound is reached, if one is.
    fn whose(&self, is_reached: impl Fn(&Taken) -> bool) -> Option<Whose> {
        self.bounds().find(|&(_, bound)| is_reached(bound)).map(|(whose, _)| whose)
    }

    fn bounds(&self) -> impl Iterator<Item = (Whose, &Taken)> {
        let own = self.own.as_deref().map(|own| (Whose::Address, own));
        own.into_iter().chain([(Whose::All, &*self.all)])
    }
}

impl Place {
    pub(crate) const fn n(&self) -> usize {
        self.n
    }

    /// Takes what is missing to so many.
    pub(crate) fn grow_to(&mut self, n: usize) -> Result<(), Whose> {
        self.share.take(self.places, n.saturating_sub(self.n))?;
        self.n = self.n.max(n);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for (_, bound) in self.share.bounds() {
            (self.places)(bound).give_back(self.n);
        }
    }
}

impl Taken {
    fn within(limits: &AdmissionLimits, bound: impl Fn(&AddressLimit) -> usize) -> Self {
        let AdmissionLimits { sockets, polls, joins_per_second, views, kept_bytes, waiting_bytes } =
            limits;
        let places = |limit| Places { max: bound(limit), n_taken: AtomicUsize::new(0) };
        let joins = Turns { per_second: bound(joins_per_second), until: Instant::now() };
        Self {
            sockets: places(sockets),
            polls: places(polls),
            views: places(views),
            kept_bytes: places(kept_bytes),
            max_waiting_bytes: bound(waiting_bytes),
            waiting_bytes: AtomicUsize::new(0),
            joins: Mutex::new(joins),
        }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.joins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    /// Takes so many, unless fewer are left.
    fn take(&self, n: usize) -> bool {
        let more = |n_taken: usize| n_taken.checked_add(n).filter(|n_taken| *n_taken <= self.max);
        self.n_taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, n: usize) {
        subtract(&self.n_taken, n);
    }
}

impl Turns {
    /// Takes the next turn, unless it is later than `latest`, and says when it is: at once for as many as in
    /// one second.
    fn take(&mut self, now: Instant, latest: Instant) -> Option<Instant> {
        let each = match u32::try_from(self.per_second) {
            Ok(0) => return None,
            Ok(per_second) => BURST / per_second,
            Err(_) => Duration::ZERO,
        };
        let until = self.until.max(now) + each;
        let turn = until.checked_sub(BURST).map_or(now, |turn| turn.max(now));
        (turn <= latest).then(|| {
            self.until = until;
            turn
        })
    }

    /// How long the next turn is away; nothing when all that was taken is paid for.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let owed = self.until.checked_duration_since(now).filter(|owed| !owed.is_zero())?;
        Some(owed.saturating_sub(BURST))
    }
}

fn subtract(count: &AtomicUsize, n: usize) {
    count.fetch_sub(n, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
