//! The CSRF token: proof that a request comes from a page this server rendered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use rand::Rng as _;

use super::envelope::TAG_BYTES;
use super::keys::{Keys, Purpose};
use super::{SessionId, TokenError};

/// Random bytes in front of the tag. They make each page's token differ, so that a compressed
/// page does not betray it letter by letter.
const NONCE_BYTES: usize = 16;

/// A token of a session, checked against the session cookie of the same request.
///
/// It has no date of its own: it is worth as much as the session it belongs to. Under the base64url
/// text are a random nonce and the truncated HMAC of nonce and session id.
#[derive(Debug, Clone, Copy)]
pub struct CsrfToken;

impl CsrfToken {
    /// A new token for a session, 43 characters; different each time.
    #[must_use]
    pub fn issue(session_id: &SessionId, keys: &Keys) -> String {
        let mut bytes = [0; NONCE_BYTES + TAG_BYTES];
        let (nonce, tag) = bytes.split_at_mut(NONCE_BYTES);
        rand::rng().fill_bytes(nonce);
        let mac = keys.mac(Purpose::Csrf).chain_update(&*nonce).chain_update(session_id.as_bytes());
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Checks that a token was issued for this session.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] or [`TokenError::Signature`].
    pub fn verify(text: &str, session_id: &SessionId, keys: &Keys) -> Result<(), TokenError> {
        let mut bytes = [0; NONCE_BYTES + TAG_BYTES];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(n_bytes) if n_bytes == bytes.len() => {}
            Ok(_) | Err(_) => return Err(TokenError::Malformed),
        }
        let (nonce, tag) = bytes.split_at(NONCE_BYTES);
        keys.verify(Purpose::Csrf, &[nonce, session_id.as_bytes()], tag).map(drop)
    }
}
