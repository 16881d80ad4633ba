//! What an application keeps with a session: one value as JSON, small enough for a cookie.

use std::sync::Arc;

use http::Extensions;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Most bytes of a value as JSON: signed and in base64, with its cookie's name, it is well below the 4
/// KiB that browsers keep.
const MAX_VALUE_BYTES: usize = 2_000;

/// Why a value cannot be kept with a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionValueError {
    /// It is too large for a cookie.
    #[error(
        "a session's value has {bytes} bytes as JSON and may have {MAX_VALUE_BYTES}: it travels in a \
         cookie; keep the rest in a database, and its id here"
    )]
    TooLarge {
        /// Its length as JSON.
        bytes: usize,
    },
    /// It cannot be written as JSON.
    #[error("a session's value cannot be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// A session's value as JSON; also on the extensions of a request.
#[derive(Clone, Default)]
pub(super) struct StoredValue(pub(super) Option<Arc<str>>);

impl StoredValue {
    pub(super) fn new(value: &impl Serialize) -> Result<Self, SessionValueError> {
        let json = serde_json::to_string(value).map_err(SessionValueError::Json)?;
        match json.len() {
            bytes if bytes > MAX_VALUE_BYTES => Err(SessionValueError::TooLarge { bytes }),
            _ => Ok(Self(Some(json.into()))),
        }
    }

    /// Of the request with these extensions.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The value, if there is one of this form. A cookie of an older release may hold another.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let json = self.0.as_deref()?;
        let value = serde_json::from_str(json).inspect_err(|error| {
            // By its place alone: the error's own words may repeat the value.
            let (value, column) = (std::any::type_name::<T>(), error.column());
            tracing::debug!(value, column, "what a session holds is no such value");
        });
        value.ok()
    }
}
