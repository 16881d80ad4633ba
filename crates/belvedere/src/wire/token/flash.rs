//! Flash messages in transit: from the page to its first join, and across redirects.

use std::time::{Duration, SystemTime};

use super::envelope::{open, seal};
use super::keys::{Keys, Purpose};
use super::payload::{Reader, write_pairs, write_text};
use super::{TokenError, page};

/// As long as the client keeps its cookie; a redirect takes far less.
const FLASH_MAX_AGE: Duration = Duration::from_secs(60);

/// What `data-phx-static` of a view's container says, unless that is empty: facts known only in the dead
/// render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticToken {
    /// DOM id of the container; must equal the page token's.
    pub view_id: String,
    /// Flash of the dead render as key and message; used by the first mount only.
    pub flash: Vec<(String, String)>,
}

impl StaticToken {
    /// The token's text.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        let mut payload = Vec::new();
        write_text(&mut payload, &self.view_id);
        write_pairs(&mut payload, &self.flash);
        seal(keys, Purpose::Static, now, &payload)
    }

    /// Reads a token that came back in a join.
    ///
    /// # Errors
    /// See [`TokenError`]; a static token is believed as long as a page token, 14 days.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::Static, text, now, page::MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let view_id = reader.text()?.to_owned();
        let flash = reader.pairs()?;
        reader.end()?;
        Ok(Self { view_id, flash })
    }
}

/// Flash carried by a redirect or a live navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashToken {
    /// Key and message of each entry.
    pub flash: Vec<(String, String)>,
}

impl FlashToken {
    /// The token's text.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        let mut payload = Vec::new();
        write_pairs(&mut payload, &self.flash);
        seal(keys, Purpose::Flash, now, &payload)
    }

    /// Reads a token that came back in a join or a cookie.
    ///
    /// # Errors
    /// See [`TokenError`]; a flash token is believed for 60 s. Whatever is wrong with it, the page
    /// goes on without flash.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::Flash, text, now, FLASH_MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let flash = reader.pairs()?;
        reader.end()?;
        Ok(Self { flash })
    }
}
