//! The page token: proof that this server rendered this view for this session.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::envelope::{VERSION, open, said_issue_time, seal};
use super::keys::{Keys, Purpose};
use super::payload::{Reader, write_length, write_text};
use super::{SessionId, TokenError};
use crate::navigation::Group;

/// Bytes of a trace context: trace id 16, span id 8, flags 1.
pub const TRACE_BYTES: usize = 25;

/// Pages stay open for days and join again with the token they were rendered with.
pub(super) const MAX_AGE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What `data-phx-session` of a view's container says, which every join of the page repeats.
///
/// The verifier still has to compare: `view_id` with the topic, `view_name` with what the route
/// yields now (for a nested view: with what its parent places now), `session_id` with the upgrade's
/// cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken {
    /// DOM id of the container; the topic is `lv:` and this.
    pub view_id: String,
    /// What tells the view from all others. Mostly `view_id` again: a container whose id its author
    /// chose has the same in every tab.
    pub instance: String,
    /// Name of the view's type; compared, never looked up.
    pub view_name: String,
    /// Routes to which the page may navigate without a full load.
    pub group: Group,
    /// Session the page was rendered for.
    pub session_id: SessionId,
    /// The page's trace context, opaque here: all zero when there is none.
    pub trace: [u8; TRACE_BYTES],
    /// When the page was rendered; the token keeps whole seconds.
    pub issued_at: SystemTime,
}

impl PageToken {
    /// The token's text: 65 bytes and the two names, so about 110 characters.
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> String {
        self.sign_for(Purpose::Page, keys)
    }

    /// The token's text for a view nested in another. Neither serves as the other: what a page shows
    /// is for its route to say, what a view shows inside it for that view.
    #[must_use]
    pub fn sign_nested(&self, keys: &Keys) -> String {
        self.sign_for(Purpose::NestedView, keys)
    }

    /// The token's text for a view that the page's layout places, and nobody else may.
    #[must_use]
    pub fn sign_in_layout(&self, keys: &Keys) -> String {
        self.sign_for(Purpose::LayoutView, keys)
    }

    fn sign_for(&self, purpose: Purpose, keys: &Keys) -> String {
        let mut payload = Vec::with_capacity(64 + self.view_id.len() + self.view_name.len());
        payload.extend_from_slice(self.session_id.as_bytes());
        payload.extend_from_slice(&self.trace);
        write_text(&mut payload, &self.view_id);
        let is_same = self.instance == self.view_id;
        write_text(&mut payload, if is_same { "" } else { &self.instance });
        write_text(&mut payload, &self.view_name);
        let group = self.group.to_bytes();
        write_length(&mut payload, group.map_or(0, |group| group.len()));
        payload.extend(group.into_iter().flatten());
        seal(keys, purpose, self.issued_at, &payload)
    }

    /// Reads a token that came back in a join.
    ///
    /// # Errors
    /// See [`TokenError`]; a page token is believed for 14 days.
    pub fn verify(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        Self::verify_for(Purpose::Page, text, keys, now)
    }

    /// Reads the token of a nested view.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_nested(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        Self::verify_for(Purpose::NestedView, text, keys, now)
    }

    /// Reads the token of a view in a layout.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_in_layout(text: &str, keys: &Keys, now: SystemTime) -> Result<Self, TokenError> {
        Self::verify_for(Purpose::LayoutView, text, keys, now)
    }

    /// When this token was issued as it says itself, whoever has signed it.
    #[must_use]
    pub fn said_issue_time(text: &str) -> Option<SystemTime> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        said_issue_time(bytes.first_chunk()?, VERSION).ok()
    }

    fn verify_for(
        purpose: Purpose,
        text: &str,
        keys: &Keys,
        now: SystemTime,
    ) -> Result<Self, TokenError> {
        let opened = open(keys, purpose, text, now, MAX_AGE)?;
        let mut reader = Reader(&opened.payload);
        let session_id = SessionId::from_bytes(reader.array()?);
        let trace = reader.array()?;
        let view_id = reader.text()?.to_owned();
        let instance = reader.text()?;
        let instance = if instance.is_empty() { view_id.clone() } else { instance.to_owned() };
        let view_name = reader.text()?.to_owned();
        let group = match reader.length()? {
            0 => None,
            Group::LEN => Some(reader.array()?),
            _ => return Err(TokenError::Payload),
        };
        reader.end()?;
        let (group, issued_at) = (Group::from_bytes(group), opened.issued_at);
        Ok(Self { view_id, instance, view_name, group, session_id, trace, issued_at })
    }
}
