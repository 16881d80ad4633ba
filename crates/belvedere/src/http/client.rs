//! What an upgrade request says about the browser behind it.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, MatchedPath, OriginalUri};
use http::Extensions;
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use hyper::upgrade::OnUpgrade;

use crate::http::client_address::{ClientNetwork, peer_of};
use crate::http::session::Session;
use crate::http::session_value::Caller;
use crate::runtime::Runtime;
use crate::runtime::client::{Client, CompactHeaders, Stranger};
use crate::wire::token::{CsrfToken, SessionId};

/// [`client_with`], with what the cookie says.
#[cfg(feature = "testing")]
pub(crate) fn client_of(runtime: &Runtime, parts: &Parts, csrf_token: Option<&str>) -> Client {
    client_with(runtime, parts, &Session::of(&parts.headers, runtime), csrf_token)
}

/// The client of an accepted upgrade, whose cookie says `session`. `csrf_token` is what the page's script sent with it.
pub(super) fn client_with(
    runtime: &Runtime,
    parts: &Parts,
    session: &Session,
    csrf_token: Option<&str>,
) -> Client {
    let belongs = |id: &SessionId| {
        csrf_token.is_some_and(|token| CsrfToken::verify(token, id, &runtime.keys).is_ok())
    };
    let headers = CompactHeaders::new(&parts.headers, is_about_the_client);
    Client {
        network: network_of(runtime, &parts.headers, &parts.extensions),
        stranger: match session {
            Session::Known(..) => Stranger::OtherToken,
            Session::Absent => Stranger::WithoutCookie,
            Session::Invalid => Stranger::ForeignCookie,
            Session::Ended(_) => Stranger::EndedSession,
        },
        session: match session {
            Session::Known(token, _) if belongs(&token.id) => Some(token.id),
            Session::Known(..) | Session::Ended(_) | Session::Invalid | Session::Absent => None,
        },
        headers,
        peer: peer_of(&parts.extensions),
        extensions: kept_extensions(&parts.extensions),
        ..Client::default()
    }
}

/// What others have put there: most have nothing, and nothing takes no memory.
fn kept_extensions(extensions: &Extensions) -> Extensions {
    let mut kept = extensions.clone();
    // With the path, axum leaves its parameters, of a type of its own.
    let n_of_axum = usize::from(kept.remove::<MatchedPath>().is_some());
    kept.remove::<OriginalUri>();
    kept.remove::<OnUpgrade>();
    kept.remove::<Caller>();
    kept.remove::<ConnectInfo<SocketAddr>>();
    if kept.len() == n_of_axum { Extensions::new() } else { kept }
}

/// Whose share of the server a request takes.
pub(super) fn network_of(
    runtime: &Runtime,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Option<ClientNetwork> {
    let peer = peer_of(extensions).map(|peer| peer.ip());
    runtime.config.client_address.network(headers, peer)
}

/// How many bytes of these headers a connection keeps.
pub(super) fn kept_bytes(headers: &HeaderMap) -> usize {
    let kept = headers.iter().filter(|(name, _)| is_about_the_client(name));
    kept.map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// Whether a header says something about the browser rather than about this one request.
fn is_about_the_client(name: &HeaderName) -> bool {
    let hop_by_hop = [
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::PROXY_AUTHORIZATION,
    ];
    let of_the_request = [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::CACHE_CONTROL,
        header::CONTENT_LENGTH,
        header::ORIGIN,
        header::PRAGMA,
        header::RANGE,
    ];
    let name_text = name.as_str();
    !hop_by_hop.contains(name)
        && !of_the_request.contains(name)
        && !name_text.starts_with("sec-websocket-")
        && !name_text.starts_with("if-")
        && !matches!(name_text, "keep-alive" | "traceparent" | "tracestate")
}
