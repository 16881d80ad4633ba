//! A view's state on its way from one server to the next, through the browser.
//!
//! The browser cannot read it, nor change it: it is encrypted and authenticated with
//! XChaCha20-Poly1305, whose nonces are long enough to be drawn at random on every node. As base64url
//! without padding:
//!
//! ```text
//! version  issued at      nonce      ciphertext and tag
//! 1 byte   4 bytes, BE    24 bytes   as long as the payload, 16 bytes
//! ```
//!
//! The first two are authenticated with it. Under it: session id (16 bytes), SHA-256 of the view's type,
//! of its place in the page and of the page (16 bytes each), build (text), the state's version (LEB128),
//! its components (count; for each its name, 16 bytes, the state's version, LEB128, and the state's JSON,
//! text), and the state's JSON.

use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use super::envelope::{HEADER_BYTES, header, issue_time};
use super::payload::{Reader, write_length, write_text};
use super::{Keys, SessionId, TokenError};

mod handle;

pub use handle::SnapshotHandle;

const VERSION: u8 = 4;
const NONCE_BYTES: usize = 24;

/// Bytes of a text's hash that are compared: none that is given can be found again.
const DIGEST_BYTES: usize = 16;

/// Whose state it is: a join must agree in all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SnapshotOwner {
    /// The browser's session.
    pub session_id: SessionId,
    /// Hash of the view's type.
    view: [u8; DIGEST_BYTES],
    /// Hash of where it stands in the page.
    place: [u8; DIGEST_BYTES],
    /// Hash of what its page is known by.
    page: [u8; DIGEST_BYTES],
}

impl SnapshotOwner {
    /// The owner of the state of a view of this type. `place` is the DOM id of a view that stands in
    /// another or in the layout, and empty for the page's own. `page` is what the page shows, path and query;
    /// or, of a view that stays while that shows others, the topic of its root.
    #[must_use]
    pub fn new(session_id: SessionId, view: &str, place: &str, page: &str) -> Self {
        let [view, place, page] = [view, place, page].map(digest);
        Self { session_id, view, place, page }
    }

    /// Where another owner differs: a fixed word.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        let Self { session_id, view, place, page } = self;
        match () {
            () if *session_id != other.session_id => Some("session"),
            () if *view != other.view => Some("view"),
            () if *place != other.place => Some("place"),
            () if *page != other.page => Some("url"),
            () => None,
        }
    }
}

/// What a view wants kept when its server goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotToken {
    /// Whose it is.
    pub owner: SnapshotOwner,
    /// The build that made it; empty if it has no name.
    pub build: String,
    /// The version that the view gave it.
    pub version: u32,
    /// What its components want kept.
    pub components: Vec<SnapshotComponent>,
    /// The state as JSON; empty if the view itself keeps nothing.
    pub state: String,
}

/// What a component wants kept, with its view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SnapshotComponent {
    /// Hash of its type and id.
    pub name: [u8; DIGEST_BYTES],
    /// The version that the component gave its state.
    pub version: u32,
    /// The state as JSON.
    pub state: String,
}

impl SnapshotComponent {
    /// The name of a component of this type with this id, in every process.
    #[must_use]
    pub fn name_of(kind: &str, id: &(impl Hash + ?Sized)) -> [u8; DIGEST_BYTES] {
        let mut hasher = Digesting(Sha256::new());
        kind.hash(&mut hasher);
        id.hash(&mut hasher);
        *hasher.0.finalize().first_chunk().expect("a digest is longer")
    }

    /// What it takes of the bytes that a view may keep.
    #[must_use]
    pub const fn n_bytes(&self) -> usize {
        self.state.len() + DIGEST_BYTES + 8
    }
}

/// Hashes whatever can be hashed by SHA-256, the same in every process.
struct Digesting(Sha256);

impl Hasher for Digesting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the digest says more.
    fn finish(&self) -> u64 {
        0
    }
}

impl SnapshotToken {
    /// Encrypts it. The text is a third longer than the state, and some 200 bytes.
    #[must_use]
    pub fn seal(&self, keys: &Keys, now: SystemTime) -> String {
        let Self { owner, build, version, components, state } = self;
        let mut payload = Vec::with_capacity(state.len() + 256);
        payload.extend_from_slice(owner.session_id.as_bytes());
        for hash in [owner.view, owner.place, owner.page] {
            payload.extend_from_slice(&hash);
        }
        write_text(&mut payload, build);
        write_length(&mut payload, *version as usize);
        write_length(&mut payload, components.len());
        for SnapshotComponent { name, version, state } in components {
            payload.extend_from_slice(name);
            write_length(&mut payload, *version as usize);
            write_text(&mut payload, state);
        }
        payload.extend_from_slice(state.as_bytes());
        encrypted(VERSION, &payload, keys, now)
    }

    /// Reads what came back in a join. Whether it is the join's is for the caller to say.
    ///
    /// # Errors
    /// See [`TokenError`]; it is believed for `max_age`.
    pub fn open(
        text: &str,
        keys: &Keys,
        now: SystemTime,
        max_age: Duration,
    ) -> Result<Self, TokenError> {
        let (header, payload) = decrypted(text, keys)?;
        issue_time(&header, VERSION, now, max_age)?;
        Self::read(&mut Reader(&payload))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, TokenError> {
        let session_id = SessionId::from_bytes(reader.array()?);
        let (view, place, page) = (reader.array()?, reader.array()?, reader.array()?);
        let build = reader.text()?.to_owned();
        let version = u32::try_from(reader.length()?).map_err(|_| TokenError::Payload)?;
        let n_components = reader.length()?;
        let mut components = Vec::new();
        for _ in 0..n_components {
            let name = reader.array()?;
            let version = u32::try_from(reader.length()?).map_err(|_| TokenError::Payload)?;
            components.push(SnapshotComponent { name, version, state: reader.text()?.to_owned() });
        }
        let state = std::str::from_utf8(reader.0).map_err(|_| TokenError::Payload)?.to_owned();
        let owner = SnapshotOwner { session_id, view, place, page };
        Ok(Self { owner, build, version, components, state })
    }
}

/// A payload as text that nobody can read or change.
fn encrypted(version: u8, payload: &[u8], keys: &Keys, now: SystemTime) -> String {
    let mut bytes = header(version, now).to_vec();
    let mut nonce = [0; NONCE_BYTES];
    rand::rng().fill_bytes(&mut nonce);
    let sealed = Payload { msg: payload, aad: &bytes };
    let sealed = keys.snapshot_cipher().encrypt(&XNonce::from(nonce), sealed);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed.expect("a payload in memory is short enough"));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What stands before such a payload, and the payload.
fn decrypted(text: &str, keys: &Keys) -> Result<([u8; HEADER_BYTES], Vec<u8>), TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
    let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(TokenError::Malformed)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(TokenError::Malformed)?;
    let opened = |cipher: &XChaCha20Poly1305| {
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: header }).ok()
    };
    let payload = keys.snapshot_ciphers().find_map(opened).ok_or(TokenError::Signature)?;
    Ok((*header, payload))
}

fn digest(text: &str) -> [u8; DIGEST_BYTES] {
    let digest = Sha256::digest(text);
    *digest.first_chunk().expect("a digest is longer")
}
