//! The tag of what servers of one application say to each other over a bus.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;

use super::envelope::TAG_BYTES;
use super::keys::{Keys, Purpose, SecretKeyBase};

/// The tag as text.
const TAG_LENGTH: usize = (TAG_BYTES * 8).div_ceil(6);

/// Signs texts for servers that share the secret, and believes theirs.
///
/// A signed text is its tag, 22 characters of base64url, and the text as it was: a bus carries text, and
/// what is said on one is no secret. It has no age, and whoever has heard it can say it again.
#[derive(Clone)]
pub struct BusKey(Keys);

impl BusKey {
    /// Bytes that a signed text is longer.
    pub const OVERHEAD_BYTES: usize = TAG_LENGTH;

    /// The same on every node with this secret, whatever its base path. What is signed with a secret that
    /// is accepted beside it is believed, too.
    #[must_use]
    pub fn derive(secret: &SecretKeyBase) -> Self {
        Self(Keys::derive(secret, ""))
    }

    /// The text behind its tag.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let tag = self.0.mac(Purpose::Bus).chain_update(text).finalize().into_bytes();
        let mut signed = String::with_capacity(TAG_LENGTH + text.len());
        URL_SAFE_NO_PAD.encode_string(&tag[..TAG_BYTES], &mut signed);
        signed.push_str(text);
        signed
    }

    /// The text that was signed; nothing for one that was altered, or signed with another secret.
    #[must_use]
    pub fn verify<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (tag, text) = signed.split_at_checked(TAG_LENGTH)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok().filter(|tag| tag.len() == TAG_BYTES)?;
        self.0.verify(Purpose::Bus, &[text.as_bytes()], &tag).is_ok().then_some(text)
    }
}

impl fmt::Debug for BusKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BusKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(of: &str) -> SecretKeyBase {
        SecretKeyBase::new(&of.repeat(32)).expect("32 bytes")
    }

    fn key(of: &str) -> BusKey {
        BusKey::derive(&secret(of))
    }

    #[test]
    fn while_a_secret_is_changed_both_are_believed() {
        let changed = BusKey::derive(&secret("new").accepting(secret("earlier")));
        let waiting = BusKey::derive(&secret("earlier").accepting(secret("new")));
        assert_eq!(changed.verify(&key("earlier").sign("{}")), Some("{}"));
        assert_eq!(waiting.verify(&changed.sign("{}")), Some("{}"));
        assert_eq!(key("earlier").verify(&changed.sign("{}")), None);
    }

    #[test]
    fn a_text_is_believed_from_who_has_the_secret() {
        let signed = key("a").sign("It rains in Málaga.");
        assert_eq!(signed.len(), "It rains in Málaga.".len() + BusKey::OVERHEAD_BYTES);
        assert_eq!(key("a").verify(&signed), Some("It rains in Málaga."));
        assert_eq!(key("b").verify(&signed), None);
    }

    #[test]
    fn a_text_of_which_anything_was_altered_is_not() {
        let key = key("a");
        let signed = key.sign("{}");
        for at in 0..signed.len() {
            let mut altered = signed.clone().into_bytes();
            altered[at] ^= 1;
            let altered = String::from_utf8(altered).expect("ASCII");
            assert_eq!(key.verify(&altered), None, "{altered}");
            assert_eq!(key.verify(&signed[..at]), None, "cut at {at}");
        }
        for foreign in ["", "{}", "é".repeat(20).as_str(), &signed[1..], &format!("{signed} ")] {
            assert_eq!(key.verify(foreign), None, "{foreign}");
        }
    }
}
