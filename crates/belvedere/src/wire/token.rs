//! Signed tokens: what the server hands to a browser and believes again when it comes back.
//!
//! Each purpose has its own key, derived from one secret, so no token serves as another:
//!
//! | Type | Carried by | Believed for |
//! |---|---|---|
//! | [`SessionToken`] | session cookie | 14 days, or as configured, at most 400 |
//! | [`PageToken`] | `data-phx-session` of a view's container | 14 days |
//! | [`PageToken`], nested | `data-phx-session` of a view's container in another view | 14 days |
//! | [`StaticToken`] | `data-phx-static` of a view's container | 14 days |
//! | [`CsrfToken`] | `<meta name="csrf-token">`, join params, forms | as long as its session |
//! | [`FlashToken`] | `flash` of a redirect, cookie `__phoenix_flash__` | 60 s |
//! | [`ReloadToken`] | cookie `__phoenix_reload_status__` | 60 s |
//! | [`UploadToken`] | the answer to `allow_upload`, join of `lvu:<entry ref>` | 10 min |
//! | [`SnapshotToken`] | pushed event `live_view:snapshot`, join params `_snapshot` | as configured, a day |
//! | [`SnapshotHandle`] | the same, where snapshots lie in a shared store | as long as those |
//! | [`PollToken`] | answers and requests of long polling | 10 min |
//!
//! [`BusKey`] signs what servers say to each other, which no browser sees.
//!
//! A token is base64url text without padding, safe in attributes, JSON, cookies and URLs. Under it:
//!
//! ```text
//! version  issued at      payload          tag
//! 1 byte   4 bytes, BE    see each type    16 bytes: HMAC-SHA256 of all before it, truncated
//! ```
//!
//! `issued at` counts seconds from the Unix epoch (until 2106). Texts in a payload have their
//! length in front (LEB128). Tokens are signed, not encrypted: nothing secret goes into one, but into a
//! [`SnapshotToken`], which has a form of its own.
//!
//! A token is believed also if one of the secrets signed it that are accepted beside the one that signs.
//!
//! Verification goes signature, version, age, content, and every comparison of secrets takes
//! constant time. The clock is an argument; an issue time in the future (clocks of nodes differ, and are set
//! back) reads as now, up to a day. One that is further ahead is of a clock that was wrong, and is refused.
//!
//! Source of the rules: protocol sections "What the tokens carry" and "Security: at join".

mod bus;
mod csrf;
mod envelope;
mod error;
mod flash;
mod keys;
mod page;
mod payload;
mod poll;
mod reload;
mod session;
mod snapshot;
#[cfg(test)]
mod tests;
mod upload;

pub use bus::BusKey;
pub use csrf::CsrfToken;
pub use error::{SecretError, TokenError};
pub use flash::{FlashToken, StaticToken};
pub use keys::{Keys, MIN_SECRET_BYTES, SecretKeyBase, SignedWith};
pub use page::{PageToken, TRACE_BYTES};
pub use poll::PollToken;
pub use reload::ReloadToken;
pub use session::{MAX_COOKIE_AGE, SessionId, SessionToken};
pub use snapshot::{SnapshotComponent, SnapshotHandle, SnapshotOwner, SnapshotToken};
pub use upload::UploadToken;
