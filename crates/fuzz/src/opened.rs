//! Tokens from the outside: keys derived and payloads signed or encrypted as the format says, by none of
//! the runtime's code. So what stands behind a signature is tried too, as another build would write it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use belvedere::SecretKeyBase;
use belvedere::wire::Keys;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Of the keys in every target.
const SECRET: &str = "a secret that is known to all, of 44 bytes..";

/// Bytes of a tag.
const TAG_BYTES: usize = 16;

/// The runtime's keys.
pub(crate) fn keys(base_path: &str) -> Keys {
    Keys::derive(&SecretKeyBase::new(SECRET).expect("it is long enough"), base_path)
}

/// A point of time of the seconds that a token can say.
pub(crate) fn at(seconds: u32) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.into())
}

fn key(purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let label = format!("belvedere/token/1/{purpose}");
    let derived = Hkdf::<Sha256>::new(None, SECRET.as_bytes()).expand(label.as_bytes(), &mut key);
    derived.expect("32 bytes can be derived");
    key
}

fn header(version: u8, seconds: u32) -> Vec<u8> {
    [&[version], &seconds.to_be_bytes()[..]].concat()
}

/// A signed token with any payload.
pub(crate) fn signed(purpose: &str, version: u8, seconds: u32, payload: &[u8]) -> String {
    let mut bytes = [&header(version, seconds), payload].concat();
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key(purpose));
    let tag = mac.expect("a key of any length").chain_update(&bytes).finalize().into_bytes();
    bytes.extend_from_slice(&tag[..TAG_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A snapshot with any payload.
pub(crate) fn sealed(version: u8, seconds: u32, nonce: [u8; 24], payload: &[u8]) -> String {
    let header = header(version, seconds);
    let message = Payload { msg: payload, aad: &header };
    let sealed = XChaCha20Poly1305::new(&key("snapshot").into())
        .encrypt(&XNonce::from(nonce), message)
        .expect("a payload in memory is short enough");
    URL_SAFE_NO_PAD.encode([&header[..], &nonce, &sealed].concat())
}

/// The token with one bit changed.
pub(crate) fn altered(token: &str, at: usize, bit: u8) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(token).expect("a token is base64");
    let at = at % bytes.len();
    bytes[at] ^= 1 << (bit % 8);
    URL_SAFE_NO_PAD.encode(bytes)
}
