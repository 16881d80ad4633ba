//! The session id and its cookie.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rand::Rng as _;
use subtle::ConstantTimeEq as _;

use super::TokenError;
use super::envelope::{open, seal};
use super::keys::{Keys, Purpose, SignedWith};
use super::payload::Reader;

/// Browsers keep no cookie for longer than this.
pub const MAX_COOKIE_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

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
}

/// What the session cookie says: who a browser is to this runtime, and what the application keeps with
/// it.
///
/// The payload is the id and then the value's JSON as it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// The session's id.
    pub id: SessionId,
    /// The application's value as JSON.
    pub value: Option<Arc<str>>,
    /// When the cookie was made; the token keeps whole seconds.
    pub issued_at: SystemTime,
}

impl SessionToken {
    /// The value of the session cookie, 50 characters where there is nothing but an id.
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> String {
        let value = self.value.as_deref().unwrap_or_default();
        let payload = [self.id.as_bytes(), value.as_bytes()].concat();
        seal(keys, Purpose::SessionCookie, self.issued_at, &payload)
    }

    /// Reads the value of a session cookie, and which secret it was signed with.
    ///
    /// # Errors
    /// See [`TokenError`]; a cookie is believed for `max_age`, and no longer than browsers keep one.
    pub fn verify(
        cookie: &str,
        keys: &Keys,
        now: SystemTime,
        max_age: Duration,
    ) -> Result<(Self, SignedWith), TokenError> {
        let max_age = max_age.min(MAX_COOKIE_AGE);
        let opened = open(keys, Purpose::SessionCookie, cookie, now, max_age)?;
        let mut reader = Reader(&opened.payload);
        let id = SessionId(reader.array()?);
        let value = std::str::from_utf8(reader.0).map_err(|_| TokenError::Payload)?;
        let value = (!value.is_empty()).then(|| value.into());
        Ok((Self { id, value, issued_at: opened.issued_at }, opened.signed_with))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionToken(redacted)")
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
