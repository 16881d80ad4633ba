//! Who sent a request, and what an application keeps with a session: one value as JSON, small enough for
//! a cookie.

use std::any::type_name;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Extensions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::wire::token::SessionId;

/// Most bytes of a value as JSON: signed and in base64, with its cookie's name, it is well below the 4
/// KiB that browsers keep.
const MAX_VALUE_BYTES: usize = 2_000;

/// Characters before a value's JSON that stand for its type: 66 bits of a hash.
const TYPE_CHARS: usize = 11;

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
    /// The visitor is a view's, or that of a layer at a join, which no response belongs to.
    #[error(
        "a live view cannot start a session, since a socket sets no cookie: send the form to a plain \
         handler, `phx-trigger-action` does so from a live one"
    )]
    NoResponse,
}

/// A session's value: what stands for its type, and its JSON.
#[derive(Clone, Default)]
pub(crate) struct StoredValue(pub(super) Option<Arc<str>>);

impl StoredValue {
    pub(super) fn new<T: Serialize>(value: &T) -> Result<Self, SessionValueError> {
        let json = serde_json::to_string(value).map_err(SessionValueError::Json)?;
        match json.len() {
            bytes if bytes > MAX_VALUE_BYTES => Err(SessionValueError::TooLarge { bytes }),
            _ => Ok(Self(Some((type_chars::<T>() + &json).into()))),
        }
    }

    /// The value, if there is one of this type. A cookie of an older release may hold another.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let wanted = type_name::<T>();
        let (of_type, json) = self.0.as_deref()?.split_at_checked(TYPE_CHARS)?;
        if of_type != type_chars::<T>() {
            tracing::debug!(wanted, "what a session holds is a value of another type");
            return None;
        }
        let value = serde_json::from_str(json).inspect_err(|error| {
            // By its place alone: the error's own words may repeat the value.
            tracing::debug!(
                wanted,
                column = error.column(),
                "what a session holds is no such value"
            );
        });
        value.ok()
    }
}

/// Stands for a type, by its name.
fn type_chars<T>() -> String {
    let mut chars = URL_SAFE_NO_PAD.encode(Sha256::digest(type_name::<T>()));
    chars.truncate(TYPE_CHARS);
    chars
}

/// Who sent a request: on its extensions, and the same to all who ask, so that a session that one of them
/// starts is the session of all.
#[derive(Clone)]
pub(super) struct Caller(Arc<Mutex<State>>);

struct State {
    session: SessionId,
    value: StoredValue,
    /// Some browser may have a cookie of this session.
    is_known: bool,
    /// The browser has none, or one that is half through its lifetime.
    needs_cookie: bool,
    /// The session was started for this request.
    is_started: bool,
}

/// A session that another has taken the place of.
pub(super) struct Replaced {
    pub(super) session: SessionId,
    pub(super) has_value: bool,
    /// Some browser may have a cookie of it.
    pub(super) is_known: bool,
}

impl Caller {
    /// One whose cookie says who it is.
    pub(super) fn known(session: SessionId, value: StoredValue, needs_cookie: bool) -> Self {
        let (is_known, is_started) = (true, false);
        Self(Arc::new(Mutex::new(State { session, value, is_known, needs_cookie, is_started })))
    }

    /// One that is here for the first time, as far as anybody can tell.
    pub(super) fn stranger() -> Self {
        let caller = Self::known(SessionId::random(), StoredValue::default(), true);
        caller.lock().is_known = false;
        caller
    }

    pub(super) fn session(&self) -> SessionId {
        self.lock().session
    }

    pub(super) fn stored(&self) -> StoredValue {
        self.lock().value.clone()
    }

    pub(super) fn needs_cookie(&self) -> bool {
        self.lock().needs_cookie
    }

    pub(super) fn is_started(&self) -> bool {
        self.lock().is_started
    }

    pub(super) fn value<T: DeserializeOwned>(&self) -> Option<T> {
        self.stored().read()
    }

    /// What the session of the request with these extensions holds.
    pub(super) fn value_in<T: DeserializeOwned>(extensions: &Extensions) -> Option<T> {
        extensions.get::<Self>()?.value()
    }

    /// The session as it stands.
    pub(super) fn present(&self) -> Replaced {
        let state = self.lock();
        let (session, has_value) = (state.session, state.value.0.is_some());
        Replaced { session, has_value, is_known: state.is_known }
    }

    /// Starts another session with this value.
    pub(super) fn start(&self, value: StoredValue) -> Replaced {
        let replaced = self.present();
        let (session, is_known) = (SessionId::random(), false);
        let (needs_cookie, is_started) = (true, true);
        *self.lock() = State { session, value, is_known, needs_cookie, is_started };
        replaced
    }

    /// A cookie of the session is on its way to the browser.
    pub(super) fn is_given(&self) {
        self.lock().is_known = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
