//! The WebSocket's upgrade: version, origin, session and CSRF token, then a [`Connection`].

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::http::client::client_of;
use crate::http::websocket::WebSocketTransport;
use crate::runtime::Runtime;
use crate::runtime::connection::Connection;

/// The subprotocol chosen when a client offers it together with its token.
const SUBPROTOCOL: &str = "phoenix";

/// The version of the wire format spoken here.
const WIRE_VERSION: &str = "2.0.0";

/// Answers the upgrade request of a browser.
pub(super) async fn upgrade(State(runtime): State<Arc<Runtime>>, mut request: Request) -> Response {
    let accept_key = match websocket_key(&request) {
        Some(key) => derive_accept_key(key.as_bytes()),
        None => {
            return (StatusCode::BAD_REQUEST, "this address answers WebSocket upgrades only")
                .into_response();
        }
    };
    let parameters = Parameters::of(request.uri().query().unwrap_or_default());
    if parameters.version.as_deref() != Some(WIRE_VERSION) {
        return (StatusCode::FORBIDDEN, "unsupported `vsn`; this server speaks 2.0.0")
            .into_response();
    }
    if !origin_is_allowed(request.headers(), runtime.config.public_url.as_deref()) {
        tracing::warn!(
            origin = ?request.headers().get(header::ORIGIN),
            host = ?request.headers().get(header::HOST),
            "a socket of another origin was refused; behind a proxy, set the public URL"
        );
        return (StatusCode::FORBIDDEN, "origin not allowed").into_response();
    }
    if runtime.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "server restart").into_response();
    }
    let Some(on_upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "this connection cannot be upgraded")
            .into_response();
    };
    let response = accepted(request.headers(), &accept_key);
    let (parts, _body) = request.into_parts();
    let client = Arc::new(client_of(&runtime, &parts, parameters.csrf_token.as_deref()));
    drop(parts);
    tokio::spawn(serve(runtime, client, on_upgrade));
    response
}

async fn serve(
    runtime: Arc<Runtime>,
    client: Arc<crate::runtime::client::Client>,
    on_upgrade: OnUpgrade,
) {
    // A browser that vanished between the response and its first byte leaves nothing to serve.
    let Ok(upgraded) = on_upgrade.await else { return };
    let max_frame_bytes = runtime.config.max_frame_bytes;
    let transport = WebSocketTransport::new(TokioIo::new(upgraded), max_frame_bytes).await;
    let mut connection = Connection::new(transport, runtime, client);
    connection.run().await;
}

/// The key of a well-formed WebSocket handshake.
fn websocket_key(request: &Request) -> Option<&HeaderValue> {
    let headers = request.headers();
    let names = |name, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
    };
    let well_formed = request.method() == Method::GET
        && names(header::CONNECTION, "upgrade")
        && names(header::UPGRADE, "websocket")
        && names(header::SEC_WEBSOCKET_VERSION, "13");
    headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| well_formed)
}

fn accepted(request: &HeaderMap, accept_key: &str) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept_key = HeaderValue::try_from(accept_key).ok();
    headers.extend(accept_key.map(|key| (header::SEC_WEBSOCKET_ACCEPT, key)));
    let offered = request.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let offers = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == SUBPROTOCOL);
    if offers {
        let chosen = HeaderValue::from_static(SUBPROTOCOL);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    response
}

/// What the query of the socket's URL says; other keys are ignored.
#[derive(Debug, Default)]
struct Parameters {
    version: Option<String>,
    csrf_token: Option<String>,
}

impl Parameters {
    fn of(query: &str) -> Self {
        let mut parameters = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "vsn" => parameters.version = Some(value.into_owned()),
                "_csrf_token" => parameters.csrf_token = Some(value.into_owned()),
                _ => {}
            }
        }
        parameters
    }
}

/// Whether a socket may be opened from the page that asks: one of this site, or no page at all.
fn origin_is_allowed(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    match public_url {
        Some(url) => url.trim_end_matches('/').eq_ignore_ascii_case(origin),
        None => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            let of_origin = origin.split_once("://").map(|(_scheme, host)| host);
            host.is_some_and(|host| of_origin.is_some_and(|own| own.eq_ignore_ascii_case(host)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origin: &'static str, public_url: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("ex.test:4000"));
        headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        origin_is_allowed(&headers, public_url)
    }

    #[test]
    fn a_page_of_another_site_may_not_open_a_socket() {
        assert!(allowed("http://ex.test:4000", None));
        for foreign in
            ["http://ex.test", "http://evil.test:4000", "null", "http://ex.test:4000.evil"]
        {
            assert!(!allowed(foreign, None), "{foreign}");
        }
    }

    #[test]
    fn a_public_url_fixes_scheme_host_and_port() {
        assert!(allowed("https://ex.test", Some("https://ex.test/")));
        assert!(!allowed("http://ex.test", Some("https://ex.test")));
        assert!(!allowed("http://ex.test:4000", Some("https://ex.test")));
    }
}
