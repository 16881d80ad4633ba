//! The reload token: the status a page is to answer with after its join was refused.

use std::time::{Duration, SystemTime};

use super::TokenError;
use super::envelope::{open, seal};
use super::keys::{Keys, Purpose};
use super::payload::Reader;

/// As long as the client keeps its cookie.
const MAX_AGE: Duration = Duration::from_secs(60);

/// Status of a join refused with `reload`, which the client brings back on its next page load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReloadToken {
    /// HTTP status.
    pub status: u16,
}

impl ReloadToken {
    /// The token's text, 31 characters.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        seal(keys, Purpose::ReloadStatus, now, &self.status.to_be_bytes())
    }

    /// Reads a token that came back in a cookie.
    ///
    /// # Errors
    /// See [`TokenError`]; a reload token is believed for 60 s.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::ReloadStatus, text, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let status = u16::from_be_bytes(reader.array()?);
        reader.end()?;
        Ok(Self { status })
    }
}
