//! The session id and its cookie.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};

use rand::Rng as _;
use subtle::ConstantTimeEq as _;

use super::TokenError;
use super::envelope::{open, seal};
use super::keys::{Keys, Purpose};
use super::payload::Reader;

/// Browsers keep no cookie for longer than this.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A browser's session with this runtime: 128 random bits and nothing else.
///
/// Every page token and CSRF token is bound to one. Equality takes constant time; `Debug` does not
/// show the id, since whoever knows it can ask to disconnect its sockets.
#[derive(Clone, Copy, Eq)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// A new random id.
    #[must_use]
    pub fn random() -> Self {
        let mut id = [0; 16];
        rand::rng().fill_bytes(&mut id);
        Self(id)
    }

    /// An id known already, from a store of the application's own.
    #[must_use]
    pub const fn from_bytes(id: [u8; 16]) -> Self {
        Self(id)
    }

    /// The bare id, for a store of the application's own; never for logs.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The value of the session cookie, 50 characters.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        seal(keys, Purpose::SessionCookie, now, &self.0)
    }

    /// Reads the value of a session cookie.
    ///
    /// # Errors
    /// See [`TokenError`]; a cookie is believed for 400 days.
    pub fn verify(cookie: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::SessionCookie, cookie, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let id = reader.array()?;
        reader.end()?;
        Ok(Self(id))
    }
}

impl PartialEq for SessionId {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Hash for SessionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionId(redacted)")
    }
}
