//! Who is signed in: sessions that knew the password, for a working day.
//!
//! That is all there is of a login. No cookie of its own says that somebody signed in, so none can be
//! copied and shown again after signing out; the session's cookie names the session and nothing
//! more. This process knows those who signed in to it; where servers share a store, that decides,
//! and what a process knows holds only while the store does not answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use belvedere::{LiveRuntime, SessionId};
use tokio::task::AbortHandle;

use super::shared::{Known, SharedLogins};

/// How long a login lasts: a working day.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Logins at a time. Each of them took the password, so only those who know it can reach the bound,
/// at which the oldest ends.
const MAX_LOGINS: usize = 64;

/// How long to wait until a store that did not answer is told again that a login has ended.
const TELL_AGAIN: Duration = Duration::from_secs(5);

/// The sessions that are signed in. What ends a login also closes its session's sockets.
#[derive(Debug)]
pub(super) struct SignedIn {
    live: LiveRuntime,
    /// The oldest first.
    logins: Arc<Mutex<VecDeque<Login>>>,
    /// The logins of all servers, if they share them.
    shared: Option<Arc<SharedLogins>>,
}

#[derive(Debug)]
struct Login {
    session: SessionId,
    /// The store has it: when it has it no more, the login has ended.
    is_shared: bool,
    /// The task that ends it when its time is over.
    timer: AbortHandle,
}

impl SignedIn {
    pub(super) fn new(live: LiveRuntime, shared: Option<SharedLogins>) -> Self {
        Self { live, logins: Arc::default(), shared: shared.map(Arc::new) }
    }

    pub(super) async fn contains(&self, session: SessionId) -> bool {
        let here = self.here(session);
        let Some(shared) = &self.shared else { return here.is_some() };
        match (shared.look(session).await, here) {
            (Known::SignedIn(lasts), None) => {
                self.keep(session, lasts, true);
                true
            }
            (Known::SignedIn(_), Some(_)) => true,
            // The store did not take it when it began.
            (Known::NotSignedIn, Some(false)) => true,
            (Known::NotSignedIn, Some(true)) => {
                self.end_here(session);
                false
            }
            (Known::NotSignedIn, None) => false,
            (Known::Unknown, here) => here.is_some(),
        }
    }

    /// Signs a session in, which has to be a new one: nobody else can know it then.
    pub(super) async fn add(&self, session: SessionId) {
        let is_shared = match &self.shared {
            Some(shared) => shared.add(session, LIFETIME).await,
            None => false,
        };
        if !is_shared && self.shared.is_some() {
            tracing::warn!(
                "somebody has signed in to the inspector of this process alone: the store of sign-ins \
                 does not answer"
            );
        }
        self.keep(session, LIFETIME, is_shared);
    }

    /// Signs a session out. Its sockets find no way back in.
    pub(super) async fn remove(&self, session: SessionId) {
        let Some(shared) = &self.shared else { return self.end_here(session) };
        // Strangers may sign out of nothing as often as they like, and have nothing written for that.
        let (here, known) = (self.here(session), shared.look(session).await);
        let is_nowhere = known == Known::NotSignedIn && here != Some(false);
        // First where all look, so that no server lets it in again.
        let is_removed = is_nowhere || shared.remove(session).await;
        self.end_here(session);
        if !is_removed && (here.is_some() || known != Known::Unknown) {
            tracing::warn!(
                "the store of the inspector's sign-ins does not answer: until it does, a server that \
                 starts anew may believe a login that has ended here"
            );
            tokio::spawn(remove_later(Arc::clone(shared), session));
        }
    }

    /// Whether it is known here, and if so whether the store has it.
    fn here(&self, session: SessionId) -> Option<bool> {
        locked(&self.logins).iter().find(|it| it.session == session).map(|it| it.is_shared)
    }

    /// Knows it here from now on, until its time is over.
    fn keep(&self, session: SessionId, lasts: Duration, is_shared: bool) {
        let (live, logins) = (self.live.clone(), Arc::downgrade(&self.logins));
        let timer = tokio::spawn(async move {
            tokio::time::sleep(lasts).await;
            end(&logins, session);
            live.disconnect(session);
        });
        let oldest = {
            let mut logins = locked(&self.logins);
            // Two requests may have found it at once.
            logins.retain(|login| login.session != session);
            logins.push_back(Login { session, is_shared, timer: timer.abort_handle() });
            if logins.len() > MAX_LOGINS { logins.pop_front() } else { None }
        };
        if let Some(oldest) = oldest {
            self.live.disconnect(oldest.session);
        }
    }

    fn end_here(&self, session: SessionId) {
        end(&Arc::downgrade(&self.logins), session);
        self.live.disconnect(session);
    }
}

/// Tells the store until it has heard, or there is nothing left to remove.
async fn remove_later(shared: Arc<SharedLogins>, session: SessionId) {
    let removed = async {
        loop {
            tokio::time::sleep(TELL_AGAIN).await;
            if shared.remove(session).await {
                return;
            }
        }
    };
    // Its row is believed no longer.
    let _ = tokio::time::timeout(LIFETIME, removed).await;
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
        let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
        SignedIn::new(live, None)
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_ends_by_signing_out_or_with_the_day() {
        let logins = signed_in();
        let (first, second) = (SessionId::random(), SessionId::random());
        logins.add(first).await;
        logins.add(second).await;
        assert!(logins.contains(first).await && logins.contains(second).await);
        logins.remove(first).await;
        assert!(!logins.contains(first).await && logins.contains(second).await);
        tokio::time::sleep(LIFETIME + Duration::from_secs(1)).await;
        assert!(!logins.contains(second).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_login_makes_room() {
        let logins = signed_in();
        let sessions: Vec<_> = (0..=MAX_LOGINS).map(|_| SessionId::random()).collect();
        for session in &sessions {
            logins.add(*session).await;
        }
        assert!(!logins.contains(sessions[0]).await);
        for session in &sessions[1..] {
            assert!(logins.contains(*session).await);
        }
    }
}
