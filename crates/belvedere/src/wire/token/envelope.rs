//! The form all dated tokens share: version, issue time, payload, tag.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;

use super::TokenError;
use super::keys::{Keys, Purpose, SignedWith};

/// Format written; the only one read.
pub(super) const VERSION: u8 = 1;

/// Version and issue time.
pub(super) const HEADER_BYTES: usize = 5;

/// Half of the hash, the least RFC 2104 recommends: forging takes 2^128 tries against the server.
pub(super) const TAG_BYTES: usize = 16;

/// How far ahead of this server's clock a token may have been issued: clocks differ from node to node, and are
/// set back. One that is further ahead was signed by a clock that was wrong, and would be believed until then.
const MAX_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// What an opened envelope held, believed by now.
pub(super) struct Opened {
    pub(super) payload: Vec<u8>,
    /// Whole seconds.
    pub(super) issued_at: SystemTime,
    pub(super) signed_with: SignedWith,
}

/// Signs a payload.
pub(super) fn seal(keys: &Keys, purpose: Purpose, issued_at: SystemTime, payload: &[u8]) -> String {
    seal_version(keys, purpose, issued_at, payload, VERSION)
}

/// As [`seal`]; the version is an argument for the test of its refusal.
pub(super) fn seal_version(
    keys: &Keys,
    purpose: Purpose,
    issued_at: SystemTime,
    payload: &[u8],
    version: u8,
) -> String {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len() + TAG_BYTES);
    bytes.extend_from_slice(&header(version, issued_at));
    bytes.extend_from_slice(payload);
    let tag = keys.mac(purpose).chain_update(&bytes).finalize().into_bytes();
    bytes.extend_from_slice(&tag[..TAG_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Checks signature, then version, then age, and returns the payload.
pub(super) fn open(
    keys: &Keys,
    purpose: Purpose,
    text: &str,
    now: SystemTime,
    max_age: Duration,
) -> Result<Opened, TokenError> {
    // The engine refuses padding and stray trailing bits, so each token has one spelling.
    let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
    let n_signed = bytes.len().checked_sub(TAG_BYTES).ok_or(TokenError::Malformed)?;
    let (signed, tag) = bytes.split_at(n_signed);
    let signed_with = keys.verify(purpose, &[signed], tag)?;
    let header = signed.first_chunk::<HEADER_BYTES>().ok_or(TokenError::Payload)?;
    let issued_at = issue_time(header, VERSION, now, max_age)?;
    bytes.truncate(n_signed);
    bytes.drain(..HEADER_BYTES);
    Ok(Opened { payload: bytes, issued_at, signed_with })
}

/// What stands before a payload.
pub(super) fn header(version: u8, issued_at: SystemTime) -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = to_seconds(issued_at).to_be_bytes();
    [version, a, b, c, d]
}

/// When a token with this header was issued, if that is of the one version that is read and not too old.
pub(super) fn issue_time(
    header: &[u8; HEADER_BYTES],
    read_version: u8,
    now: SystemTime,
    max_age: Duration,
) -> Result<SystemTime, TokenError> {
    let issued_at = said_issue_time(header, read_version)?;
    let is_believed = match now.duration_since(issued_at) {
        Ok(age) => age <= max_age,
        Err(ahead) => ahead.duration() <= MAX_AHEAD,
    };
    if !is_believed {
        return Err(TokenError::Expired);
    }
    Ok(issued_at)
}

/// When a token with this header was issued, however long ago, if that is of the one version that is read.
pub(super) fn said_issue_time(
    header: &[u8; HEADER_BYTES],
    read_version: u8,
) -> Result<SystemTime, TokenError> {
    let [version, issued_at @ ..] = *header;
    if version != read_version {
        return Err(TokenError::Version(version));
    }
    Ok(from_seconds(u32::from_be_bytes(issued_at)))
}

/// Seconds from the Unix epoch, saturating at both ends of what four bytes can say.
fn to_seconds(time: SystemTime) -> u32 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since_epoch.as_secs()).unwrap_or(u32::MAX)
}

fn from_seconds(seconds: u32) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::from(seconds))
}
