//! What a browser has of a snapshot that lies on the server side.

use std::time::SystemTime;

use hmac::Mac as _;

use super::{decrypted, encrypted};
use crate::wire::token::envelope::said_issue_time;
use crate::wire::token::keys::Purpose;
use crate::wire::token::payload::Reader;
use crate::wire::token::{Keys, SessionId, TokenError};

const VERSION: u8 = 3;

/// By what the browser of this session finds its snapshot in the store that servers share: encrypted as a
/// [`SnapshotToken`](super::SnapshotToken) is, so that nobody can ask for what is not his. Session id and key,
/// 16 bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotHandle {
    /// The browser's session.
    pub session_id: SessionId,
    /// Of the row.
    pub key: [u8; 16],
}

impl SnapshotHandle {
    /// Bytes of every one as text; a [`SnapshotToken`](super::SnapshotToken) is longer.
    pub const TEXT_BYTES: usize = 103;

    /// What stands for a text in keys: the same on all servers, and nobody reads the text from it.
    ///
    /// # Panics
    /// Never: a MAC is longer than a key.
    #[must_use]
    pub fn mark(text: &[u8], keys: &Keys) -> [u8; 4] {
        let mac = keys.mac(Purpose::SnapshotKey).chain_update(text).finalize().into_bytes();
        *mac.first_chunk().expect("a MAC is longer")
    }

    /// Encrypts it.
    #[must_use]
    pub fn seal(&self, keys: &Keys, now: SystemTime) -> String {
        let payload = [*self.session_id.as_bytes(), self.key].concat();
        encrypted(VERSION, &payload, keys, now)
    }

    /// Reads what came back in a join. It has no age: what lies in the store has.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn open(text: &str, keys: &Keys) -> Result<Self, TokenError> {
        let (header, payload) = decrypted(text, keys)?;
        said_issue_time(&header, VERSION)?;
        let mut reader = Reader(&payload);
        let session_id = SessionId::from_bytes(reader.array()?);
        Ok(Self { session_id, key: reader.array()? })
    }
}
