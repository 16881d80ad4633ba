//! The login cookie: who knew the password, in which session, until when.
//!
//! Its text is base64url of eight bytes for the end of the login, in seconds since 1970, and the
//! HMAC-SHA256 of these and the runtime's session id. The key follows from `SECRET_KEY_BASE` and the
//! password, so another password makes every login worthless, and a cookie is worth nothing beside
//! another session.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use belvedere::{SecretKeyBase, SessionId};
use hmac::{Hmac, Mac as _};
use http::HeaderMap;
use http::header::COOKIE;
use sha2::Sha256;

use crate::config::Password;

/// Name of the login cookie.
const COOKIE_NAME: &str = "inspector_login";

/// How long a login lasts: a working day.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Bytes of the end of a login.
const DATE_BYTES: usize = 8;

/// The keys that follow from secret and password.
#[derive(Clone)]
pub(super) struct Login {
    /// Absorbed the key under which passwords are compared.
    compare: Hmac<Sha256>,
    /// The right password's mark under that key.
    right: [u8; 32],
    /// Absorbed the key that signs cookies.
    sign: Hmac<Sha256>,
}

impl Login {
    pub(super) fn new(secret: &SecretKeyBase, password: &Password) -> Self {
        let compare = keyed(&secret.derive_key("inspector/password"));
        let right = digest(&compare, &[password.as_bytes()]);
        let cookie_key = keyed(&secret.derive_key("inspector/login"));
        let sign = keyed(&digest(&cookie_key, &[password.as_bytes()]));
        Self { compare, right, sign }
    }

    /// Compares in constant time: what is compared are digests of equal length.
    pub(super) fn is_password(&self, given: &str) -> bool {
        self.compare.clone().chain_update(given).verify_slice(&self.right).is_ok()
    }

    /// The value of a login cookie for this session.
    pub(super) fn cookie(&self, session: SessionId, now: SystemTime) -> String {
        let end = seconds(now + LIFETIME).to_be_bytes();
        let tag = digest(&self.sign, &[&end, session.as_bytes()]);
        URL_SAFE_NO_PAD.encode([&end[..], &tag].concat())
    }

    /// Whether a cookie was made for this session, with this password, and is not over.
    pub(super) fn verifies(&self, cookie: &str, session: SessionId, now: SystemTime) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(cookie) else { return false };
        let Some((end, tag)) = bytes.split_first_chunk::<DATE_BYTES>() else { return false };
        let mac = self.sign.clone().chain_update(end).chain_update(session.as_bytes());
        mac.verify_slice(tag).is_ok() && seconds(now) < u64::from_be_bytes(*end)
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Login(redacted)")
    }
}

/// The login cookie of a request. It is sent to every path, because the socket's upgrade carries it
/// for the joins.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        values.flat_map(|value| value.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

/// The `Set-Cookie` value of a login.
pub(super) fn set_cookie(cookie: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let age = LIFETIME.as_secs();
    format!("{COOKIE_NAME}={cookie}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// The `Set-Cookie` value that deletes a login.
pub(super) fn delete_cookie() -> String {
    format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn digest(mac: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mac = parts.iter().fold(mac.clone(), |mac, part| mac.chain_update(part));
    mac.finalize().into_bytes().into()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(secret: &str, password: &str) -> Login {
        let secret = SecretKeyBase::new(&secret.repeat(64)).expect("long enough");
        Login::new(&secret, &Password::parse(password).expect("long enough"))
    }

    #[test]
    fn only_the_password_is_the_password() {
        let login = login("s", "open sesame");
        assert!(login.is_password("open sesame"));
        for wrong in ["", "open", "open sesame!", "OPEN SESAME"] {
            assert!(!login.is_password(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_cookie_belongs_to_a_session_a_password_and_a_secret() {
        let (now, session) = (SystemTime::now(), SessionId::random());
        let own = login("s", "open sesame");
        let cookie = own.cookie(session, now);
        assert!(own.verifies(&cookie, session, now));
        assert!(!own.verifies(&cookie, SessionId::random(), now));
        assert!(!login("s", "another one").verifies(&cookie, session, now));
        assert!(!login("t", "open sesame").verifies(&cookie, session, now));
        assert!(!own.verifies(&cookie, session, now + LIFETIME));
        for spoilt in ["", "AAAA", &cookie[1..], &format!("{cookie}A"), &"A".repeat(54)] {
            assert!(!own.verifies(spoilt, session, now), "{spoilt}");
        }
    }
}
