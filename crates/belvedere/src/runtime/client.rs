//! What a connection remembers of its upgrade request, for the joins made over it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf as _, Bytes};
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

/// Why a client has no session.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// Its CSRF token is missing, or of another session.
    #[default]
    OtherToken,
    /// The upgrade carried no session cookie at all.
    WithoutCookie,
    /// The upgrade carried a session cookie, but none that this server signed.
    ForeignCookie,
    /// The upgrade carried the cookie of a session that has ended, and none that this server believes.
    EndedSession,
}

/// The browser at the other end of a connection.
#[derive(Default)]
pub(crate) struct Client {
    /// Verified session, when the CSRF token of the upgrade belonged to it.
    pub(crate) session: Option<SessionId>,
    /// Whose share of the server it takes, where that is known.
    pub(crate) network: Option<ClientNetwork>,
    /// Why it has no session, when it has none.
    pub(crate) stranger: Stranger,
    pub(crate) carrier: Carrier,
    pub(crate) headers: CompactHeaders,
    /// The other end of its connection, where the server tells it.
    pub(crate) peer: Option<SocketAddr>,
    /// Of the upgrade request, less the peer and what routing put there.
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
    /// Of each header the lengths of its name, two bytes, and of its value, four; then both.
    written: Bytes,
}

impl CompactHeaders {
    /// Copies the headers whose name `keep` accepts.
    pub(crate) fn new(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> Self {
        let with_lengths = |(name, value): (&HeaderName, &HeaderValue)| {
            size_of::<u16>() + size_of::<u32>() + name.as_str().len() + value.len()
        };
        let mut written = Vec::with_capacity(headers.iter().map(with_lengths).sum());
        for (name, value) in headers.iter().filter(|(name, _)| keep(name)) {
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            let n_bytes = (u16::try_from(name.len()), u32::try_from(value.len()));
            let (Ok(n_name), Ok(n_value)) = n_bytes else { continue };
            written.extend_from_slice(&n_name.to_ne_bytes());
            written.extend_from_slice(&n_value.to_ne_bytes());
            written.extend_from_slice(name);
            written.extend_from_slice(value);
        }
        Self { written: Bytes::from(written.into_boxed_slice()) }
    }

    /// The headers again, sharing this value's memory.
    pub(crate) fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        let mut rest = self.written.clone();
        while let Some((&n_name, [a, b, c, d, ..])) = rest.split_first_chunk() {
            let n_value = u32::from_ne_bytes([*a, *b, *c, *d]);
            rest.advance(6);
            let name = rest.split_to(u16::from_ne_bytes(n_name).into());
            let value = rest.split_to(n_value as usize);
            let name = HeaderName::from_bytes(&name);
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_maybe_shared(value)) {
                map.append(name, value);
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
