//! The poll token: one session of long polling on one server, and how far its browser has read.

use std::time::{Duration, SystemTime};

use super::TokenError;
use super::envelope::{open, seal};
use super::keys::{Keys, Purpose};
use super::payload::Reader;

/// Each answer brings the next, ten seconds later at most.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);

/// What a browser that polls hands back with each request.
///
/// The verifier still has to find the session among its own, and that it is of the same visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollToken {
    /// The server that opened it, random at its start.
    pub server: u64,
    /// The session, random.
    pub poll: [u8; 16],
    /// Number of the last batch of frames that the browser was sent; 0 before the first.
    pub batch: u64,
}

impl PollToken {
    /// The token's text.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        let mut payload = Vec::with_capacity(32);
        payload.extend_from_slice(&self.server.to_be_bytes());
        payload.extend_from_slice(&self.poll);
        payload.extend_from_slice(&self.batch.to_be_bytes());
        seal(keys, Purpose::Poll, now, &payload)
    }

    /// Reads a token that came back in a request.
    ///
    /// # Errors
    /// See [`TokenError`]; a poll token is believed for 10 minutes.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::Poll, text, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let (server, poll, batch) = (reader.array()?, reader.array()?, reader.array()?);
        reader.end()?;
        Ok(Self { server: u64::from_be_bytes(server), poll, batch: u64::from_be_bytes(batch) })
    }
}
