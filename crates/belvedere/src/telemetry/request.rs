//! The span of one HTTP request, as OpenTelemetry's conventions for HTTP servers name its parts.

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{PageTrace, attribute, bridge};

/// What is known of a request when it arrives. Absent parts make no attribute.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestIdentity<'a> {
    /// One of the registered methods, or `_OTHER`.
    pub(crate) method: &'static str,
    /// Template of the route that matched.
    pub(crate) route: Option<&'a str>,
    /// Path without query.
    pub(crate) path: &'a str,
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
    /// Host the client asked for, and its port where it was named.
    pub(crate) host: Option<&'a str>,
    pub(crate) port: Option<u16>,
    /// The other end of the connection.
    pub(crate) peer: Option<std::net::SocketAddr>,
    /// The client's description of itself, cut to a bounded length.
    pub(crate) user_agent: Option<&'a str>,
    /// Version of HTTP, `1.1`.
    pub(crate) protocol_version: Option<&'static str>,
}

/// What an incoming `traceparent` means to a request's span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncomingTrace {
    /// Its caller belongs to us: the request continues that trace, and its sampling decision.
    Parent,
    /// Anyone may have sent it: the request starts a trace of its own, linked to that one.
    Link,
}

/// `GET /users-slow`, a span of kind server.
pub(crate) fn request_span(request: &RequestIdentity<'_>) -> Span {
    let verb = if request.method == "_OTHER" { "HTTP" } else { request.method };
    let separator = if request.route.is_some() { " " } else { "" };
    info_span!(
        "request",
        otel.name = format_args!("{verb}{separator}{}", request.route.unwrap_or_default()),
        otel.kind = "server",
        { attribute::HTTP_REQUEST_METHOD } = request.method,
        { attribute::HTTP_ROUTE } = request.route,
        { attribute::URL_PATH } = request.path,
        { attribute::URL_SCHEME } = request.scheme,
        { attribute::SERVER_ADDRESS } = request.host,
        { attribute::SERVER_PORT } = request.port.map(i64::from),
        { attribute::CLIENT_ADDRESS } = request.peer.map(|peer| tracing::field::display(peer.ip())),
        { attribute::NETWORK_PEER_ADDRESS } =
            request.peer.map(|peer| tracing::field::display(peer.ip())),
        { attribute::NETWORK_PEER_PORT } = request.peer.map(|peer| i64::from(peer.port())),
        { attribute::USER_AGENT } = request.user_agent,
        { attribute::NETWORK_PROTOCOL_VERSION } = request.protocol_version,
        { attribute::HTTP_RESPONSE_STATUS_CODE } = Empty,
    )
}

/// Ties a request's span to the caller's, before it is entered.
pub(crate) fn continue_trace(span: &Span, caller: PageTrace, meaning: IncomingTrace) {
    match meaning {
        IncomingTrace::Parent => bridge::set_parent(span, caller),
        IncomingTrace::Link => bridge::link(span, caller, attribute::LINK_CLIENT),
    }
}

/// Says how a request was answered. Only a server error is an error of the server's span.
pub(crate) fn record_response(span: &Span, status: u16) {
    span.record(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status));
    if status >= 500 {
        bridge::fail(span, &status.to_string(), "");
    }
}
