//! The upload token: leave to send one file over the socket on which its view is joined.

use std::time::{Duration, SystemTime};

use super::TokenError;
use super::envelope::{open, seal};
use super::keys::{Keys, Purpose};
use super::payload::{Reader, write_text};

/// The client joins with it as soon as it has it.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);

/// What is granted to one chosen file.
///
/// The verifier still has to find the grant among those of the socket's own views; the numbers are of
/// one process, the upload's ref is random.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadToken {
    /// The join of the view that has granted it.
    pub view: u64,
    /// The grant.
    pub grant: u64,
    /// Ref of the upload.
    pub upload: String,
    /// Ref of the entry; the topic is `lvu:` and this.
    pub entry: u64,
}

impl UploadToken {
    /// The token's text.
    #[must_use]
    pub fn sign(&self, keys: &Keys, now: SystemTime) -> String {
        let mut payload = Vec::with_capacity(32 + self.upload.len());
        for number in [self.view, self.grant, self.entry] {
            payload.extend_from_slice(&number.to_be_bytes());
        }
        write_text(&mut payload, &self.upload);
        seal(keys, Purpose::Upload, now, &payload)
    }

    /// Reads a token that came back in a join.
    ///
    /// # Errors
    /// See [`TokenError`]; an upload token is believed for 10 minutes.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        let opened = open(keys, Purpose::Upload, text, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let mut number = || reader.array().map(u64::from_be_bytes);
        let (view, grant, entry) = (number()?, number()?, number()?);
        let upload = reader.text()?.to_owned();
        reader.end()?;
        Ok(Self { view, grant, upload, entry })
    }
}
