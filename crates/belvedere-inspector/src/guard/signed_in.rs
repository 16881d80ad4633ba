//! Who is signed in: sessions that knew the password, in this process, for a working day.
//!
//! That is all there is of a login. No cookie of its own says that somebody signed in, so none can be
//! copied and shown again after signing out; the session's cookie names the session and nothing
//! more. Nothing is written down either: a server that starts anew knows nobody, and asks again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use belvedere::{LiveRuntime, SessionId};
use tokio::task::AbortHandle;

/// How long a login lasts: a working day.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Logins at a time. Each of them took the password, so only those who know it can reach the bound,
/// at which the oldest ends.
const MAX_LOGINS: usize = 64;

/// The sessions that are signed in. What ends a login also closes its session's sockets.
#[derive(Debug)]
pub(super) struct SignedIn {
    live: LiveRuntime,
    /// The oldest first.
    logins: Arc<Mutex<VecDeque<Login>>>,
}

#[derive(Debug)]
struct Login {
    session: SessionId,
    /// The task that ends it when its time is over.
    timer: AbortHandle,
}

impl SignedIn {
    pub(super) fn new(live: LiveRuntime) -> Self {
        Self { live, logins: Arc::default() }
    }

    pub(super) fn contains(&self, session: SessionId) -> bool {
        locked(&self.logins).iter().any(|login| login.session == session)
    }

    /// Signs a session in, which has to be a new one: nobody else can know it then.
    pub(super) fn add(&self, session: SessionId) {
        let (live, logins) = (self.live.clone(), Arc::downgrade(&self.logins));
        let timer = tokio::spawn(async move {
            tokio::time::sleep(LIFETIME).await;
            end(&logins, session);
            live.disconnect(session);
        });
        let oldest = {
            let mut logins = locked(&self.logins);
            logins.push_back(Login { session, timer: timer.abort_handle() });
            if logins.len() > MAX_LOGINS { logins.pop_front() } else { None }
        };
        if let Some(oldest) = oldest {
            self.live.disconnect(oldest.session);
        }
    }

    /// Signs a session out. Its sockets find no way back in.
    pub(super) fn remove(&self, session: SessionId) {
        end(&Arc::downgrade(&self.logins), session);
        self.live.disconnect(session);
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

fn end(logins: &Weak<Mutex<VecDeque<Login>>>, session: SessionId) {
    if let Some(logins) = logins.upgrade() {
        locked(&logins).retain(|login| login.session != session);
    }
}

fn locked(logins: &Mutex<VecDeque<Login>>) -> MutexGuard<'_, VecDeque<Login>> {
    logins.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use belvedere::{LiveConfig, SecretKeyBase};

    use super::*;

    fn signed_in() -> SignedIn {
        SignedIn::new(LiveRuntime::new(LiveConfig::new(SecretKeyBase::random())))
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
        assert!(!logins.contains(sessions[0]));
        assert!(sessions[1..].iter().all(|session| logins.contains(*session)));
    }
}
