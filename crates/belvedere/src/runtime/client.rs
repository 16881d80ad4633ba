//! What a connection remembers of its upgrade request, for the joins made over it.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use crate::http::client_address::ClientNetwork;
use crate::telemetry::PageTrace;
use crate::wire::token::SessionId;

/// Views in a row that may send a browser on when it joins: more are taken for a loop.
pub(crate) const MAX_JOINS_SENT_ON: u8 = 20;

/// What carries the frames of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carrier {
    #[default]
    WebSocket,
    LongPoll,
}

impl Carrier {
    /// The word in spans.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::LongPoll => "longpoll",
        }
    }
}

/// The browser at the other end of a connection.
#[derive(Default)]
pub(crate) struct Client {
    /// Verified session, when the CSRF token of the upgrade belonged to it.
    pub(crate) session: Option<SessionId>,
    /// Whose share of the server it takes, where that is known.
    pub(crate) network: Option<ClientNetwork>,
    /// The upgrade carried no session cookie at all.
    pub(crate) without_cookie: bool,
    pub(crate) carrier: Carrier,
    pub(crate) headers: CompactHeaders,
    /// Of the upgrade request, less what routing put there.
    pub(crate) extensions: Extensions,
    /// The page that the browser was shown last.
    pub(crate) shown: Mutex<PageTrace>,
    /// Views that have sent the browser on when it joined, one after the other.
    pub(crate) sent_on: AtomicU8,
}

impl Client {
    /// A view sends the browser on instead of answering its join; false when that goes on and on.
    pub(crate) fn moves_on(&self) -> bool {
        self.sent_on.fetch_add(1, Ordering::Relaxed) < MAX_JOINS_SENT_ON
    }

    /// A view of a page has answered a join.
    pub(crate) fn arrived(&self) {
        self.sent_on.store(0, Ordering::Relaxed);
    }

    /// The page that the browser was shown last.
    pub(crate) fn shown(&self) -> MutexGuard<'_, PageTrace> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

/// Request headers in one allocation of their own.
///
/// The values of a received `HeaderMap` are slices of the connection's read buffer and keep all of
/// it alive, 11 KiB for each idle socket; these are copies.
#[derive(Debug, Default)]
pub(crate) struct CompactHeaders {
    /// Name, and the end of its value in `values`; a value starts where the one before ends.
    names: Box<[(HeaderName, usize)]>,
    values: Bytes,
}

impl CompactHeaders {
    /// Copies the headers whose name `keep` accepts.
    pub(crate) fn new(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> Self {
        let mut values = Vec::new();
        let mut names = Vec::with_capacity(headers.len());
        for (name, value) in headers.iter().filter(|(name, _)| keep(name)) {
            values.extend_from_slice(value.as_bytes());
            let name = HeaderName::from_bytes(name.as_str().as_bytes());
            names.extend(name.map(|name| (name, values.len())));
        }
        Self { names: names.into(), values: Bytes::from(values.into_boxed_slice()) }
    }

    /// The headers again, sharing this value's memory.
    pub(crate) fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.names.len());
        let mut start = 0;
        for (name, end) in &self.names {
            let value = HeaderValue::from_maybe_shared(self.values.slice(start..*end));
            start = *end;
            if let Ok(value) = value {
                map.append(name.clone(), value);
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_headers_come_back_in_order_with_repeats() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1"));
        headers.append("cookie", HeaderValue::from_static("b=2"));
        headers.append("upgrade", HeaderValue::from_static("websocket"));
        headers.append("x-mine", HeaderValue::from_static("yes"));
        let compact = CompactHeaders::new(&headers, |name| name != "upgrade");
        headers.remove("upgrade");
        assert_eq!(compact.to_map(), headers);
    }
}
