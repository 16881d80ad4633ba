//! The WebSocket's upgrade: version, origin, session and CSRF token, then a [`Connection`]. What refuses an
//! upgrade refuses a browser that would poll (`http::long_poll`).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::http::client::{client_with, kept_bytes, network_of};
use crate::http::client_address::peer_of;
use crate::http::forwarded::{Scheme, scheme_of};
use crate::http::origin::is_allowed;
use crate::http::requested_host;
use crate::http::session::Session;
use crate::http::websocket::WebSocketTransport;
use crate::runtime::Runtime;
use crate::runtime::client::{Carrier, Client};
use crate::runtime::connection::Connection;
use crate::runtime::shares::{Place, Whose};
use crate::runtime::told::Bound;

/// The subprotocol chosen when a client offers it together with its token.
const SUBPROTOCOL: &str = "phoenix";

/// The version of the wire format spoken here.
const WIRE_VERSION: &str = "2.0.0";

/// How long the response may be under way that brings a browser the cookie of its next session.
const NEXT_COOKIE: Duration = Duration::from_secs(10);

/// When a client may come again that was refused for a while, in seconds. Browsers do by themselves.
pub(super) const RETRY: HeaderValue = HeaderValue::from_static("5");

/// Why a request opens no socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// No well-formed handshake of RFC 6455.
    Malformed,
    Version,
    Origin,
    /// It asks for another host than this server's.
    Host,
    /// It names several hosts.
    SeveralHosts,
    /// The session was ended a moment ago: the browser tries again with the next one's cookie.
    Session,
    /// The headers that the socket would keep are above their bound.
    Headers,
    /// As many sockets are open as may be, or as many joins wait.
    Bound(Bound),
    /// The server goes away.
    Draining,
    /// The server below can upgrade nothing.
    NoUpgrade,
}

impl Refused {
    /// The status, and the words for people.
    pub(super) fn answer(self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed => {
                (StatusCode::BAD_REQUEST, "this address answers WebSocket upgrades only")
            }
            Self::Version => (StatusCode::FORBIDDEN, "unsupported `vsn`; this server speaks 2.0.0"),
            Self::Origin => (StatusCode::FORBIDDEN, "origin not allowed"),
            Self::Host => requested_host::REFUSAL,
            Self::SeveralHosts => requested_host::SEVERAL,
            Self::Session => (StatusCode::FORBIDDEN, "this session has ended; load the page anew"),
            Self::Headers => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers, cookies above all, are too large",
            ),
            Self::Bound(
                Bound::Sockets(Whose::Address)
                | Bound::Polls(Whose::Address)
                | Bound::Joins(Whose::Address),
            ) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many pages of this site are open or opened at your address; close some, or try \
                 again in a moment",
            ),
            Self::Bound(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "this site has no room for more visitors at present; try again in a moment",
            ),
            Self::Draining => (StatusCode::SERVICE_UNAVAILABLE, "server restart"),
            Self::NoUpgrade => (StatusCode::UPGRADE_REQUIRED, "this connection cannot be upgraded"),
        }
    }

    /// Whether the same request may be answered otherwise in a moment.
    pub(super) fn is_for_now(self) -> bool {
        matches!(self, Self::Bound(_) | Self::Draining)
    }

    /// The word in metrics.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Version => "version",
            Self::Origin => "origin",
            Self::Host => "host",
            Self::SeveralHosts => "several_hosts",
            Self::Session => "session ended",
            Self::Headers => "headers too large",
            Self::Bound(bound) => bound.reason(),
            Self::Draining => "draining",
            Self::NoUpgrade => "no upgrade",
        }
    }
}

/// Answers the upgrade request of a browser.
pub(super) async fn upgrade(State(runtime): State<Arc<Runtime>>, request: Request) -> Response {
    match accept(&runtime, request) {
        Ok(response) => response,
        Err(refused) => {
            runtime.metrics.socket_refused(refused.reason());
            let mut response = refused.answer().into_response();
            if refused.is_for_now() {
                response.headers_mut().insert(header::RETRY_AFTER, RETRY);
            }
            response
        }
    }
}

fn accept(runtime: &Arc<Runtime>, mut request: Request) -> Result<Response, Refused> {
    let accept_key = websocket_key(&request).ok_or(Refused::Malformed)?;
    let accept_key = derive_accept_key(accept_key.as_bytes());
    let parameters = Parameters::of(request.uri().query().unwrap_or_default());
    let Admitted { places, session } = admit(runtime, &request, &parameters, Carrier::WebSocket)?;
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or(Refused::NoUpgrade)?;
    let response = accepted(request.headers(), &accept_key);
    let (parts, _body) = request.into_parts();
    let client = Arc::new(client_with(runtime, &parts, &session, parameters.csrf_token.as_deref()));
    drop(parts);
    let runtime = Arc::clone(runtime);
    tokio::spawn(async move {
        serve(runtime, client, on_upgrade).await;
        // Not given to `serve`: an async function keeps what it is given twice.
        drop(places);
    });
    Ok(response)
}

pub(super) type Places = (Place, Option<Place>);

/// Who may open a socket.
pub(super) struct Admitted {
    /// Its place, and that among those that poll if it does.
    pub(super) places: Places,
    pub(super) session: Session,
}

/// The places of the socket that this request may open, and the session of its visitor.
pub(super) fn admit(
    runtime: &Runtime,
    request: &Request,
    parameters: &Parameters,
    carrier: Carrier,
) -> Result<Admitted, Refused> {
    if parameters.version.as_deref() != Some(WIRE_VERSION) {
        return Err(Refused::Version);
    }
    check_origin(runtime, request)?;
    check_headers(runtime, request)?;
    let session = Session::of(request.headers(), runtime);
    // Later on it loads its page, which says what has become of its session.
    if let Session::Ended(session) = session
        && runtime.ended_sessions.has_ended_within(session, NEXT_COOKIE)
    {
        return Err(Refused::Session);
    }
    if runtime.is_draining() {
        return Err(Refused::Draining);
    }
    Ok(Admitted { places: places_of(runtime, request, carrier)?, session })
}

pub(super) fn check_origin(runtime: &Runtime, request: &Request) -> Result<(), Refused> {
    let (uri, headers) = (request.uri(), request.headers());
    if !requested_host::is_one(headers) {
        return Err(Refused::SeveralHosts);
    }
    if !requested_host::is_answered(runtime, uri, headers) {
        return Err(Refused::Host);
    }
    if is_allowed(uri, headers, runtime.config.public_url.as_deref()) {
        return Ok(());
    }
    let Some(times) = runtime.told.origins.again() else { return Err(Refused::Origin) };
    tracing::warn!(
        times,
        origin = ?headers.get(header::ORIGIN),
        host = ?headers.get(header::HOST),
        scheme = scheme_of(uri, headers).map(Scheme::as_str),
        "a socket of another origin was refused; behind a proxy, set `LiveConfig::public_url` to \
         scheme, host and port as browsers see them"
    );
    Err(Refused::Origin)
}

/// Places for one more socket, where its client has a share left, and joins are answered soon.
fn places_of(runtime: &Runtime, request: &Request, carrier: Carrier) -> Result<Places, Refused> {
    let (headers, extensions) = (request.headers(), request.extensions());
    let network = network_of(runtime, headers, extensions);
    if network.is_none() {
        let misses_a_proxy = runtime.config.client_address.misses_a_proxy(headers);
        runtime.told.of_nobody(peer_of(extensions).is_some(), misses_a_proxy);
    }
    let share = runtime.shares.of(network);
    let places = || {
        if let Some(whose) = share.crowded() {
            return Err(Bound::Joins(whose));
        }
        let socket = share.socket().map_err(Bound::Sockets)?;
        let poll = match carrier {
            Carrier::WebSocket => None,
            Carrier::LongPoll => Some(share.poll().map_err(Bound::Polls)?),
        };
        Ok((socket, poll))
    };
    places().map_err(|bound| {
        runtime.told.refused(bound, network);
        Refused::Bound(bound)
    })
}

/// Whether there is room for what the socket keeps.
fn check_headers(runtime: &Runtime, request: &Request) -> Result<(), Refused> {
    let max_header_bytes = runtime.config.max_header_bytes;
    let bytes = kept_bytes(request.headers());
    if bytes > max_header_bytes {
        if let Some(times) = runtime.told.headers.again() {
            tracing::warn!(
                times,
                bytes,
                max_header_bytes,
                "a socket was refused, since its headers are above `LiveConfig::max_header_bytes`"
            );
        }
        return Err(Refused::Headers);
    }
    Ok(())
}

async fn serve(runtime: Arc<Runtime>, client: Arc<Client>, on_upgrade: OnUpgrade) {
    // A browser that vanished between the response and its first byte leaves nothing to serve.
    let Ok(upgraded) = on_upgrade.await else { return };
    let max_frame_bytes = runtime.config.max_frame_bytes;
    let transport = WebSocketTransport::new(upgraded, max_frame_bytes);
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
pub(super) struct Parameters {
    version: Option<String>,
    pub(super) csrf_token: Option<String>,
    /// Of a browser that polls.
    pub(super) poll_token: Option<String>,
    /// Its page is about to go, and polls no more.
    pub(super) is_goodbye: bool,
}

impl Parameters {
    pub(super) fn of(query: &str) -> Self {
        let mut parameters = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "vsn" => parameters.version = Some(value.into_owned()),
                "_csrf_token" => parameters.csrf_token = Some(value.into_owned()),
                "token" => parameters.poll_token = Some(value.into_owned()),
                "goodbye" => parameters.is_goodbye = true,
                _ => {}
            }
        }
        parameters
    }
}
