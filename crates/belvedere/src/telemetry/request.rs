//! The span and the figures of one HTTP request, as OpenTelemetry's conventions for HTTP servers name
//! their parts.

use std::cell::LazyCell;
use std::sync::OnceLock;
use std::time::Duration;

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::bridge::{Histogram, KeyValue, meter};
use super::{PageTrace, attribute, bridge, metric, words};

/// Those that OpenTelemetry's conventions advise for requests, in seconds.
const REQUEST_SECONDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

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
    let peer = LazyCell::new(|| request.peer.map(|peer| peer.ip().to_string()));
    info_span!(
        "request",
        otel.name = words([verb, request.route.unwrap_or_default()]),
        otel.kind = "server",
        { attribute::HTTP_REQUEST_METHOD } = request.method,
        { attribute::HTTP_ROUTE } = request.route,
        { attribute::URL_PATH } = request.path,
        { attribute::URL_SCHEME } = request.scheme,
        { attribute::SERVER_ADDRESS } = request.host,
        { attribute::SERVER_PORT } = request.port.map(i64::from),
        { attribute::CLIENT_ADDRESS } = peer.as_deref(),
        { attribute::NETWORK_PEER_ADDRESS } = peer.as_deref(),
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

/// How long requests take; one per layer.
#[derive(Debug, Default)]
pub(crate) struct RequestMetrics(OnceLock<Histogram<f64>>);

/// The series that a request belongs to.
#[derive(Clone, Debug)]
pub(crate) struct RequestSeries {
    /// One of the registered methods, or `_OTHER`.
    pub(crate) method: &'static str,
    /// Template of the route that matched.
    pub(crate) route: Option<String>,
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
}

impl RequestMetrics {
    /// A request was answered with `status`, or not at all.
    pub(crate) fn answered(&self, series: RequestSeries, status: Option<u16>, took: Duration) {
        let mut labels = Vec::with_capacity(5);
        labels.push(KeyValue::new(attribute::HTTP_REQUEST_METHOD, series.method));
        labels.push(KeyValue::new(attribute::URL_SCHEME, series.scheme));
        labels.extend(series.route.map(|route| KeyValue::new(attribute::HTTP_ROUTE, route)));
        match status {
            Some(status) => {
                let status = i64::from(status);
                labels.push(KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, status));
                if status >= 500 {
                    labels.push(KeyValue::new(attribute::ERROR_TYPE, status.to_string()));
                }
            }
            None => labels.push(KeyValue::new(attribute::ERROR_TYPE, "_OTHER")),
        }
        let histogram = self.0.get_or_init(|| {
            meter()
                .f64_histogram(metric::HTTP_SERVER_REQUEST_DURATION)
                .with_description("Duration of HTTP server requests.")
                .with_unit("s")
                .with_boundaries(REQUEST_SECONDS.into())
                .build()
        });
        histogram.record(took.as_secs_f64(), &labels);
    }
}
