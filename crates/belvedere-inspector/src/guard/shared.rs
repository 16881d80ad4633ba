//! Sign-ins where all servers see them: in a store that outlives each of them.
//!
//! A row of the store is a login: its key is made of the session, and its text says until when it lasts, under a
//! mark that only who has the password's digest can make. So a session that its visitor has signed out of is in no
//! row, another password knows none of the marks, and what strangers show is not written down anywhere.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belvedere::{
    SessionId, SnapshotKey, SnapshotStore as _, SnapshotStoreError, TimedSnapshotStore,
};
use sha2::{Digest as _, Sha256};

use super::password::Password;

/// How long the store may take over one login.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// Logins of all servers.
#[derive(Debug)]
pub(super) struct SharedLogins {
    store: TimedSnapshotStore,
    password: Password,
}

/// What the store knows of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It is signed in, for so long still.
    SignedIn(Duration),
    NotSignedIn,
    /// The store does not answer.
    Unknown,
}

impl SharedLogins {
    pub(super) const fn new(store: TimedSnapshotStore, password: Password) -> Self {
        Self { store, password }
    }

    /// Writes a login down; whether that was done.
    pub(super) async fn add(&self, session: SessionId, lasts: Duration) -> bool {
        let until = now().saturating_add(lasts).as_secs();
        let text = format!("{until}.{}", self.password.mark(session, until));
        told(self.store.put(key_of(session), text, lasts).await).is_some()
    }

    pub(super) async fn look(&self, session: SessionId) -> Known {
        match told(self.store.get(key_of(session)).await) {
            Some(row) => row
                .and_then(|text| self.lasts(session, &text))
                .map_or(Known::NotSignedIn, Known::SignedIn),
            None => Known::Unknown,
        }
    }

    /// Removes a login; whether that was done.
    pub(super) async fn remove(&self, session: SessionId) -> bool {
        told(self.store.remove(key_of(session)).await).is_some()
    }

    /// How long a login lasts still, if it does and this password's server has written it.
    fn lasts(&self, session: SessionId, text: &str) -> Option<Duration> {
        let (until, mark) = text.split_once('.')?;
        let until: u64 = until.parse().ok()?;
        let is_true = self.password.has_marked(session, until, mark);
        let left = Duration::from_secs(until).checked_sub(now()).filter(|left| !left.is_zero());
        left.filter(|_| is_true)
    }
}

/// What the store has answered, if it has.
fn told<T>(answer: Result<T, SnapshotStoreError>) -> Option<T> {
    answer
        .inspect_err(|error| {
            let error: &(dyn std::error::Error + 'static) = &**error;
            tracing::debug!(error, "the store of the inspector's sign-ins fails");
        })
        .ok()
}

/// Where the login of a session lies. Who reads the store learns no session by it.
fn key_of(session: SessionId) -> SnapshotKey {
    let digest =
        Sha256::new().chain_update(b"belvedere inspector").chain_update(session.as_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    SnapshotKey::from_bytes(key)
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
