//! The reload token: the status a page is to answer with after its join was refused.

use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

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
    /// The page that is to answer with it, of [`page_of`](Self::page_of); any other answers as ever.
    /// `None` where the page was not known.
    pub page: Option<[u8; Self::PAGE_LEN]>,
}

impl ReloadToken {
    /// Bytes by which a page is known.
    pub const PAGE_LEN: usize = 8;

    /// What stands for the page at this path and query.
    #[must_use]
    pub fn page_of(path: &str) -> [u8; Self::PAGE_LEN] {
        let digest = Sha256::digest(path);
        *digest.first_chunk().expect("a digest is longer")
    }

    /// Whether the page at this path and query is to answer with the status.
    #[must_use]
    pub fn is_for(&self, path: &str) -> bool {
        self.page.is_none_or(|page| page == Self::page_of(path))
    }

    /// The token's text, 31 characters, or 42 with a page.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        let page = self.page.iter().flatten().copied();
        let payload: Vec<u8> = self.status.to_be_bytes().into_iter().chain(page).collect();
        seal(keys, Purpose::ReloadStatus, now, &payload)
    }

    /// Reads a token that came back in a cookie.
    ///
    /// # Errors
    /// See [`TokenError`]; a reload token is believed for 60 s.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::ReloadStatus, text, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let status = u16::from_be_bytes(reader.array()?);
        let page = if reader.0.is_empty() { None } else { Some(reader.array()?) };
        reader.end()?;
        Ok(Self { status, page })
    }
}
