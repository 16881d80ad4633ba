//! A span of kind server around each request, so that what a page costs stands under one root, and
//! how long it took as a metric.
//!
//! What lives here: reading a request and its answer. What does not: names and attribute keys,
//! which [`crate::telemetry`] keeps. The layer goes on the router *before* the live socket is
//! added, where axum has already matched the route.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::MatchedPath;
use http::header::{HOST, USER_AGENT};
use http::{Extensions, Method, Request, Response, Version};
use tower::{Layer, Service};
use tracing::{Instrument, Span};

use crate::http::client_address::peer_of;
use crate::http::forwarded::{Scheme, scheme_of as scheme_of_request};
use crate::http::requested::is_join;
use crate::telemetry::{
    IncomingTrace, PageTrace, RequestIdentity, RequestMetrics, RequestSeries, continue_trace, fail,
    record_response, request_span,
};

/// Longest part of a `User-Agent` that is recorded, in bytes: enough for any browser's, and a
/// client cannot fill the trace store with it.
const MAX_USER_AGENT_BYTES: usize = 256;

/// Which requests get a span and are measured, and what a caller's trace means.
#[derive(Clone, Debug)]
pub struct TraceOptions {
    /// Paths without either: exact, or every path below when it ends in a slash.
    pub quiet_paths: Vec<Cow<'static, str>>,
    /// Further requests to pass by, told from their extensions. The runtime's internal join
    /// requests always are: a join has a span of its own.
    pub skip: fn(&Extensions) -> bool,
    /// Whether an incoming `traceparent` becomes the parent, instead of a link.
    ///
    /// For servers that only trusted callers reach: a parent decides on sampling and can put its
    /// spans into anyone's trace.
    pub trust_incoming_trace: bool,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self { quiet_paths: Vec::new(), skip: |_| false, trust_incoming_trace: false }
    }
}

/// Traces and measures the requests of a router.
///
/// ```
/// use axum::{Router, routing::get};
/// use belvedere::http::{TraceOptions, trace_layer};
///
/// let options = TraceOptions {
///     quiet_paths: vec!["/healthz".into(), "/assets/".into()],
///     ..TraceOptions::default()
/// };
/// let app: Router =
///     Router::new().route("/users", get(|| async { "users" })).layer(trace_layer(options));
/// ```
#[must_use]
pub fn trace_layer(options: TraceOptions) -> TraceLayer {
    TraceLayer { shared: Arc::new(Shared { options, metrics: RequestMetrics::default() }) }
}

/// The layer [`trace_layer`] makes.
#[derive(Clone, Debug)]
pub struct TraceLayer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: TraceOptions,
    metrics: RequestMetrics,
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceService { inner, shared: Arc::clone(&self.shared) }
    }
}

/// A service whose requests [`TraceLayer`] traces.
#[derive(Clone, Debug)]
pub struct TraceService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S, B, R> Service<Request<B>> for TraceService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    R: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if self.shared.options.passes_by(&request) {
            return Box::pin(self.inner.call(request));
        }
        let shared = Arc::clone(&self.shared);
        let (started, series) = (Instant::now(), series_of(&request));
        let span = shared.options.span_of(&request);
        let response = span.in_scope(|| self.inner.call(request));
        Box::pin(async move {
            // The clone keeps the span open until the answer is written on it; its end is the
            // moment the inner future let go of it, which is before.
            let result = response.instrument(span.clone()).await;
            let status = result.as_ref().ok().map(|response| response.status().as_u16());
            match status {
                Some(status) => record_response(&span, status),
                None => fail(&span, "_OTHER", "the service gave no response"),
            }
            shared.metrics.answered(series, status, started.elapsed());
            result
        })
    }
}

impl TraceOptions {
    /// Whether the request is neither traced nor measured.
    fn passes_by<B>(&self, request: &Request<B>) -> bool {
        let extensions = request.extensions();
        self.is_quiet(request.uri().path()) || is_join(extensions) || (self.skip)(extensions)
    }

    fn span_of<B>(&self, request: &Request<B>) -> Span {
        let span = request_span(&identity_of(request));
        if span.is_disabled() {
            return span;
        }
        let caller = header(request, "traceparent").and_then(PageTrace::from_traceparent);
        if let Some(caller) = caller {
            let meaning =
                if self.trust_incoming_trace { IncomingTrace::Parent } else { IncomingTrace::Link };
            continue_trace(&span, caller, meaning);
        }
        span
    }

    fn is_quiet(&self, path: &str) -> bool {
        self.quiet_paths.iter().any(|quiet| {
            if quiet.ends_with('/') { path.starts_with(&**quiet) } else { path == quiet }
        })
    }
}

fn series_of<B>(request: &Request<B>) -> RequestSeries {
    let route = request.extensions().get::<MatchedPath>();
    RequestSeries {
        method: method_name(request.method()),
        route: route.map(|route| route.as_str().to_owned()),
        scheme: scheme_of(request),
    }
}

fn identity_of<B>(request: &Request<B>) -> RequestIdentity<'_> {
    let (host, port) = host_of(request);
    RequestIdentity {
        method: method_name(request.method()),
        route: request.extensions().get::<MatchedPath>().map(MatchedPath::as_str),
        path: request.uri().path(),
        scheme: scheme_of(request),
        host,
        port,
        peer: peer_of(request.extensions()),
        user_agent: header(request, USER_AGENT.as_str()).map(shortened),
        protocol_version: protocol_version(request.version()),
    }
}

fn header<'a, B>(request: &'a Request<B>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The registered methods; any other text of a client must not become a name.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "_OTHER",
    }
}

/// The scheme the client used, as a proxy in front reports it.
fn scheme_of<B>(request: &Request<B>) -> &'static str {
    scheme_of_request(request.uri(), request.headers()).unwrap_or(Scheme::Http).as_str()
}

fn host_of<'a, B>(request: &'a Request<B>) -> (Option<&'a str>, Option<u16>) {
    let authority = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => header(request, HOST.as_str()),
    };
    let Some(authority) = authority else {
        return (None, None);
    };
    // A colon inside brackets belongs to an IPv6 address, whose brackets belong to the URL.
    let bare =
        |host: &'a str| host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => match port.parse() {
            Ok(port) => (Some(bare(host)), Some(port)),
            Err(_) => (None, None),
        },
        _ => (Some(bare(authority)), None),
    }
}

fn shortened(user_agent: &str) -> &str {
    // Header text is visible ASCII, so any byte is a boundary.
    &user_agent[..user_agent.len().min(MAX_USER_AGENT_BYTES)]
}

fn protocol_version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}
