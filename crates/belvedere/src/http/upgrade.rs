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
use crate::http::forwarded::{Scheme, scheme_of};
use crate::http::origin::is_allowed;
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
    if !is_allowed(request.uri(), request.headers(), runtime.config.public_url.as_deref()) {
        tracing::warn!(
            origin = ?request.headers().get(header::ORIGIN),
            host = ?request.headers().get(header::HOST),
            scheme = scheme_of(request.uri(), request.headers()).map(Scheme::as_str),
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
