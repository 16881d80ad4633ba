//! Who is signed in: sessions that knew the password, for a working day, on all servers of one bus.
//!
//! No cookie of its own says that somebody signed in, so none can be copied and shown again after signing
//! out; the session's cookie names the session and nothing more. Nothing is written down either. What a
//! server knows it was told by the form, or by another server that still runs: a login outlives each of
//! them and not all of them together, and no restart brings back one that has ended.
//!
//! ```text
//! signed in    ─▶ until 20:14 ─▶ the others
//! signed out   ─▶ ended       ─▶ the others, who remember it until 20:14
//! a server starts, or may have missed something ─▶ asks, and says what it knows; the others answer
//! ```
//!
//! A login has ended when any server says so, whatever others say; so the order in which they are heard
//! is of no matter. Its end is a time of day, set once: what is said again later makes no login longer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belvedere::pub_sub::{Heard, Subscription, Topic};
use belvedere::{LiveRuntime, SessionId};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// How long a login lasts: a working day.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Logins at a time. Each of them took the password, so only those who know it can reach the bound,
/// at which the oldest ends.
const MAX_LOGINS: usize = 64;

/// Logins remembered, with those that have ended; beyond it the oldest is forgotten.
const MAX_KNOWN: usize = 1024;

/// Logins in one message: 3 KB, of which every bus takes more.
const AT_ONCE: usize = 32;

const LOGINS: Topic<Told> = Topic::new("belvedere.inspector_logins");

/// What a server tells the others.
#[derive(Clone, Serialize, Deserialize)]
struct Told {
    /// Which one it is, random at its start.
    by: [u8; 16],
    /// The others are to tell what they know.
    asks: bool,
    logins: Vec<Said>,
}

/// What is said of one login.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Said {
    session: [u8; 16],
    /// Seconds since the Unix epoch.
    until: u64,
    has_ended: bool,
}

/// The sessions that are signed in. What ends a login also closes its session's sockets.
#[derive(Debug)]
pub(super) struct SignedIn {
    known: Arc<Known>,
    /// The task that hears the other servers, once there is a runtime for it.
    hears: OnceLock<AbortHandle>,
}

#[derive(Debug)]
struct Known {
    live: LiveRuntime,
    own: [u8; 16],
    logins: Mutex<HashMap<SessionId, Login>>,
}

#[derive(Debug)]
struct Login {
    until: u64,
    has_ended: bool,
    /// The task that forgets it when its time is over.
    timer: AbortHandle,
}

impl SignedIn {
    pub(super) fn new(live: LiveRuntime) -> Self {
        let own = *SessionId::random().as_bytes();
        let known = Arc::new(Known { live, own, logins: Mutex::default() });
        let signed_in = Self { known, hears: OnceLock::new() };
        if Handle::try_current().is_ok() {
            signed_in.hear();
        }
        signed_in
    }

    pub(super) fn contains(&self, session: SessionId) -> bool {
        self.hear();
        self.known.lock().get(&session).is_some_and(|login| !login.has_ended)
    }

    /// Signs a session in, which has to be a new one: nobody else can know it then.
    pub(super) fn add(&self, session: SessionId) {
        self.hear();
        let until = now() + LIFETIME.as_secs();
        self.known.says(Said { session: *session.as_bytes(), until, has_ended: false });
        let oldest = {
            let logins = self.known.lock();
            let open = || logins.iter().filter(|(_, login)| !login.has_ended);
            let others = open().filter(|(other, _)| **other != session);
            let oldest = others.min_by_key(|(_, login)| login.until).map(|(oldest, _)| *oldest);
            oldest.filter(|_| open().count() > MAX_LOGINS)
        };
        if let Some(oldest) = oldest {
            self.remove(oldest);
        }
    }

    /// Signs a session out. Its sockets find no way back in.
    pub(super) fn remove(&self, session: SessionId) {
        let until = self.known.lock().get(&session).map(|login| login.until);
        if let Some(until) = until {
            self.known.says(Said { session: *session.as_bytes(), until, has_ended: true });
        }
    }

    fn hear(&self) {
        self.hears.get_or_init(|| {
            let told = self.known.live.pub_sub().subscribe(&LOGINS);
            tokio::spawn(hear(Arc::downgrade(&self.known), told)).abort_handle()
        });
    }
}

impl Drop for SignedIn {
    fn drop(&mut self) {
        if let Some(task) = self.hears.get() {
            task.abort();
        }
    }
}

/// Takes over what other servers tell, and tells them what they ask for.
async fn hear(known: Weak<Known>, mut told: Subscription<Told>) {
    loop {
        let heard = told.next().await;
        let Some(known) = known.upgrade() else { return };
        match heard {
            Heard::Message(Told { by, .. }) if by == known.own => {}
            Heard::Message(Told { asks, logins, .. }) => {
                logins.into_iter().for_each(|said| known.takes(said));
                if asks {
                    known.tells_all(false);
                }
            }
            // The others are there for the first time, or may have said something meanwhile.
            Heard::Missed => known.tells_all(true),
        }
    }
}

impl Known {
    /// Takes over what is so here, and tells the others.
    fn says(self: &Arc<Self>, said: Said) {
        self.takes(said);
        self.tells(false, vec![said]);
    }

    fn tells_all(&self, asks: bool) {
        let said = |(session, login): (&SessionId, &Login)| {
            let Login { until, has_ended, .. } = *login;
            Said { session: *session.as_bytes(), until, has_ended }
        };
        let all: Vec<_> = self.lock().iter().map(said).collect();
        if asks {
            self.tells(true, Vec::new());
        }
        for some in all.chunks(AT_ONCE) {
            self.tells(false, some.to_vec());
        }
    }

    fn tells(&self, asks: bool, logins: Vec<Said>) {
        let told = Told { by: self.own, asks, logins };
        if let Err(error) = self.live.pub_sub().publish(&LOGINS, told) {
            tracing::warn!(%error, "other servers are not told of the inspector's logins");
        }
    }

    fn takes(self: &Arc<Self>, said: Said) {
        let session = SessionId::from_bytes(said.session);
        let left = Duration::from_secs(said.until.saturating_sub(now())).min(LIFETIME);
        if left.is_zero() {
            return;
        }
        let ended_now = {
            let mut logins = self.lock();
            match logins.get_mut(&session) {
                Some(login) => {
                    let ended_now = said.has_ended && !login.has_ended;
                    login.has_ended |= said.has_ended;
                    ended_now
                }
                None => {
                    let timer = tokio::spawn(forget_after(left, Arc::downgrade(self), session));
                    let Said { until, has_ended, .. } = said;
                    logins.insert(session, Login { until, has_ended, timer: timer.abort_handle() });
                    if logins.len() > MAX_KNOWN {
                        let oldest = logins.iter().min_by_key(|(_, login)| login.until);
                        oldest.map(|(oldest, _)| *oldest).and_then(|oldest| logins.remove(&oldest));
                    }
                    false
                }
            }
        };
        if ended_now {
            self.live.disconnect(session);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Login>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn forget_after(left: Duration, known: Weak<Known>, session: SessionId) {
    tokio::time::sleep(left).await;
    let Some(known) = known.upgrade() else { return };
    let login = known.lock().remove(&session);
    if login.is_some_and(|login| !login.has_ended) {
        known.live.disconnect(session);
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use belvedere::pub_sub::{PubSub, PubSubOptions, TestBus};
    use belvedere::{LiveConfig, SecretKeyBase};

    use super::*;

    fn signed_in() -> SignedIn {
        SignedIn::new(LiveRuntime::new(LiveConfig::new(SecretKeyBase::random())))
    }

    /// A server on a bus.
    struct Server {
        pub_sub: PubSub,
        logins: SignedIn,
    }

    impl Server {
        async fn start(bus: &TestBus) -> Self {
            let secret = SecretKeyBase::new(&"t".repeat(64)).expect("64 bytes");
            let pub_sub = PubSub::over(bus.clone(), &secret, PubSubOptions::default());
            let config = LiveConfig { pub_sub: pub_sub.clone(), ..LiveConfig::new(secret) };
            let logins = SignedIn::new(LiveRuntime::new(config));
            let server = Self { pub_sub, logins };
            server.settle(bus).await;
            server
        }

        /// What was said has been heard, and what that has led to.
        async fn settle(&self, bus: &TestBus) {
            for _ in 0..20 {
                self.pub_sub.settle().await;
                bus.settle().await;
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_ends_by_signing_out_or_with_the_day() {
        let logins = signed_in();
        let (first, second) = (SessionId::random(), SessionId::random());
        logins.add(first);
        logins.add(second);
        assert!(logins.contains(first) && logins.contains(second));
        logins.remove(first);
        assert!(!logins.contains(first) && logins.contains(second));
        tokio::time::sleep(LIFETIME + Duration::from_secs(1)).await;
        assert!(!logins.contains(second));
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_login_makes_room() {
        let logins = signed_in();
        let sessions: Vec<_> = (0..=MAX_LOGINS).map(|_| SessionId::random()).collect();
        sessions.iter().for_each(|session| logins.add(*session));
        let n_open = sessions.iter().filter(|session| logins.contains(**session)).count();
        assert_eq!((n_open, logins.contains(sessions[MAX_LOGINS])), (MAX_LOGINS, true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_ended_stays_so_whoever_says_otherwise() {
        let logins = signed_in();
        let session = SessionId::random();
        let until = now() + 600;
        let said = |until, has_ended| Said { session: *session.as_bytes(), until, has_ended };
        logins.known.takes(said(until, false));
        logins.known.takes(said(until, true));
        logins.known.takes(said(until, false));
        assert!(!logins.contains(session));
        // Somebody on the bus repeats it when nobody remembers its end: its day is over.
        logins.known.lock().clear();
        logins.known.takes(said(now(), false));
        assert!(!logins.contains(session));
        // A server whose clock goes wrong gives no login more than its day.
        logins.known.takes(said(now() + 1_000_000, false));
        assert!(logins.contains(session));
        tokio::time::sleep(LIFETIME + Duration::from_secs(1)).await;
        assert!(!logins.contains(session));
    }

    #[tokio::test(start_paused = true)]
    async fn servers_on_a_bus_know_the_same_and_a_restart_loses_nothing() {
        let bus = TestBus::default();
        let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
        let (ann, ben) = (SessionId::random(), SessionId::random());
        one.logins.add(ann);
        one.logins.add(ben);
        one.settle(&bus).await;
        assert!(two.logins.contains(ann) && two.logins.contains(ben));
        two.logins.remove(ann);
        two.settle(&bus).await;
        assert!(!one.logins.contains(ann) && one.logins.contains(ben));
        drop(one);
        let one = Server::start(&bus).await;
        two.settle(&bus).await;
        assert!(!one.logins.contains(ann) && one.logins.contains(ben), "the other has told it");
        drop((one, two));
        let new = Server::start(&bus).await;
        assert!(!new.logins.contains(ann) && !new.logins.contains(ben), "all were away at once");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_said_while_the_bus_was_gone_is_said_when_it_is_back() {
        let bus = TestBus::default();
        let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
        let (ann, ben) = (SessionId::random(), SessionId::random());
        one.logins.add(ann);
        one.settle(&bus).await;
        bus.stop();
        two.logins.remove(ann);
        two.logins.add(ben);
        assert!(one.logins.contains(ann) && !one.logins.contains(ben));
        bus.start();
        tokio::time::sleep(Duration::from_secs(20)).await;
        one.settle(&bus).await;
        two.settle(&bus).await;
        assert!(!one.logins.contains(ann) && one.logins.contains(ben));
    }
}
