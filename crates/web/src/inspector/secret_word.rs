//! The inspector's password, kept as what it is compared by.

use std::fmt;

use belvedere::SecretKeyBase;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::config::Password;

/// A password of which nothing but its digest is kept.
pub(super) struct SecretWord {
    /// Absorbed the key under which passwords are compared.
    key: Hmac<Sha256>,
    /// The right password's digest under that key.
    right: [u8; 32],
}

impl SecretWord {
    pub(super) fn new(secret: &SecretKeyBase, password: &Password) -> Self {
        let key = Hmac::<Sha256>::new_from_slice(&secret.derive_key("inspector/password"))
            .expect("HMAC takes a key of any length");
        let right = key.clone().chain_update(password.as_bytes()).finalize().into_bytes().into();
        Self { key, right }
    }

    /// Compares in constant time: what is compared are digests of equal length.
    pub(super) fn is(&self, given: &str) -> bool {
        self.key.clone().chain_update(given).verify_slice(&self.right).is_ok()
    }
}

impl fmt::Debug for SecretWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretWord(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_is_the_password() {
        let secret = SecretKeyBase::random();
        let word = SecretWord::new(&secret, &Password::parse("open sesame").expect("long enough"));
        assert!(word.is("open sesame"));
        for wrong in ["", "open", "open sesame!", "OPEN SESAME"] {
            assert!(!word.is(wrong), "{wrong}");
        }
    }
}
