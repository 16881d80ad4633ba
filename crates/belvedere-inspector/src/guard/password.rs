//! The inspector's password.

use std::fmt;

use belvedere::SessionId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The shortest password taken: it guards every statement and trace of the application.
const MIN_CHARS: usize = 8;

/// A password of at least eight characters, of which nothing but a digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Password([u8; 32]);

/// Why a text is no password. The text itself is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("it has {0} characters and needs at least 8")]
pub struct PasswordError(usize);

impl Password {
    /// Takes a password that somebody chose.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] when it has fewer than eight characters.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        match text.chars().count() {
            n_chars if n_chars < MIN_CHARS => Err(PasswordError(n_chars)),
            _ => Ok(Self(digest(text))),
        }
    }

    /// Compares in constant time: what is compared are digests of equal length.
    pub(super) fn is(&self, given: &str) -> bool {
        self.0.ct_eq(&digest(given)).into()
    }

    /// What only who has this password can say of a session that is signed in until then, in seconds since 1970.
    pub(super) fn mark(&self, session: SessionId, until: u64) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        let mac = mac.chain_update(session.as_bytes()).chain_update(until.to_be_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a [`mark`](Self::mark) says so, compared in constant time.
    pub(super) fn has_marked(&self, session: SessionId, until: u64, mark: &str) -> bool {
        self.mark(session, until).as_bytes().ct_eq(mark.as_bytes()).into()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(redacted)")
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_is_the_password() {
        let password = Password::parse("open sesame").expect("long enough");
        assert!(password.is("open sesame"));
        for wrong in ["", "open", "open sesame!", "OPEN SESAME"] {
            assert!(!password.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{password:?}"), "Password(redacted)");
    }

    #[test]
    fn a_short_password_is_refused_and_not_repeated() {
        let error = Password::parse("1234567").expect_err("too short").to_string();
        assert!(error.contains("7 characters") && !error.contains("1234567"), "{error}");
    }
}
