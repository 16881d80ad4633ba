//! The layer around the inspector's routes.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use belvedere::http::AlwaysAdmitted;
use http::header::{FORWARDED, HOST, VIA};
use http::{Extensions, HeaderMap, StatusCode};
use maud::html;

use super::{Access, SIGN_IN_PATH, Told};
use crate::inspector::Inspector;
use crate::layout;

/// What anybody but this machine is told.
const UNGUARDED: &str = "This inspector has no guard, so it answers a debug build's own machine only: \
                         to open it to others, give it `Guard::Password`, or `Guard::Application` \
                         behind a layer of your own.";

/// What an author is told whose server keeps the addresses of its clients to itself.
const PEER_UNKNOWN: &str = "the inspector lets in whoever asks for `localhost`, since the server does \
                            not tell it who that is: serve with `belvedere::http::server`, or with \
                            axum's `into_make_service_with_connect_info`";

/// Headers by which proxies tell of their clients.
const OF_PROXIES: [&str; 4] = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "fly-client-ip"];

/// Lets a request through to the inspector, or answers it. A join comes here like its page, with
/// the cookies of the socket's upgrade.
pub(crate) async fn guard(
    State(inspector): State<Inspector>,
    mut request: Request,
    next: Next,
) -> Response {
    match inspector.access() {
        Access::Application => next.run(request).await,
        Access::ThisMachine(told) => {
            if is_of_this_machine(&request, told) {
                next.run(request).await
            } else {
                refused(&inspector, told)
            }
        }
        Access::Password(login) => {
            if login.knows(&inspector.live().visitor(request.headers())).await {
                request.extensions_mut().insert(AlwaysAdmitted);
                next.run(request).await
            } else {
                Redirect::to(&inspector.place(SIGN_IN_PATH)).into_response()
            }
        }
    }
}

fn refused(inspector: &Inspector, told: &Told) -> Response {
    if !told.refused.swap(true, Ordering::Relaxed) {
        tracing::warn!("somebody asked for the inspector and was refused: {UNGUARDED}");
    }
    let body = html! {
        div.stack.notice { h1 { "The inspector is local" } p.lead { (UNGUARDED) } }
    };
    let page = layout::plain_page(inspector, "The inspector is local", &body);
    (StatusCode::FORBIDDEN, page).into_response()
}

/// A release build is made for others, whoever seems to ask.
fn is_of_this_machine(request: &Request, told: &Told) -> bool {
    let headers = request.headers();
    let is_forwarded = headers.contains_key(FORWARDED)
        || headers.contains_key(VIA)
        || OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    let is_named = cfg!(debug_assertions) && names_this_machine(headers) && !is_forwarded;
    match peer(request.extensions()) {
        Some(peer) => is_named && peer.to_canonical().is_loopback(),
        None => {
            if is_named && !told.peer_unknown.swap(true, Ordering::Relaxed) {
                tracing::warn!("{PEER_UNKNOWN}");
            }
            is_named
        }
    }
}

/// The other end of a request's connection, where the server tells it.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|client| client.0.ip())
}

/// Whether a request asks for a name of this machine. Another name leads here through a tunnel or a
/// proxy, or because another site's name was made to point here.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let is_local = |host: &'static str| {
            names_this_machine(&HeaderMap::from_iter([(HOST, host.parse().expect("a header"))]))
        };
        for host in ["localhost:4000", "localhost", "127.0.0.1:80", "[::1]:4000", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["evil.test:4000", "localhost.evil.test", "10.0.0.1", "", "::1"] {
            assert!(!is_local(host), "{host}");
        }
        assert!(!names_this_machine(&HeaderMap::new()));
    }
}
