//! The span of one HTTP request, as OpenTelemetry's conventions for HTTP servers name its parts.

use opentelemetry::trace::TraceState;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId};
use opentelemetry::{Context, KeyValue};
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::attribute;

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
pub(crate) fn continue_trace(span: &Span, caller: SpanContext, meaning: IncomingTrace) {
    match meaning {
        IncomingTrace::Parent => {
            let parent = Context::new().with_remote_span_context(caller);
            // Fails only where no OpenTelemetry layer sees the span, and then there is no trace.
            let _ = span.set_parent(parent);
        }
        IncomingTrace::Link => {
            let attributes = vec![KeyValue::new(attribute::LINK, attribute::LINK_CLIENT)];
            span.add_link_with_attributes(caller, attributes);
        }
    }
}

/// Says how a request was answered. Only a server error is an error of the server's span.
pub(crate) fn record_response(span: &Span, status: u16) {
    span.record(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status));
    if status >= 500 {
        span.set_attribute(attribute::ERROR_TYPE, status.to_string());
        span.set_status(Status::error(""));
    }
}

/// Reads a W3C `traceparent`; anything but its exact form is `None`.
///
/// The form is `version-trace id-span id-flags` in lower-case hexadecimal. Versions above `00` may
/// carry more after another dash, which is ignored as the recommendation asks.
pub(crate) fn parse_traceparent(header: &str) -> Option<SpanContext> {
    let (known, rest) = header.split_at_checked(55)?;
    let is_version_0 = known.starts_with("00-");
    if !(rest.is_empty() || !is_version_0 && rest.starts_with('-')) || known.starts_with("ff") {
        return None;
    }
    let mut parts = known.split('-');
    let mut next = |length: usize| {
        parts.next().filter(|part| {
            part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let (_version, trace_id, span_id, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    let context = SpanContext::new(
        TraceId::from_hex(trace_id).ok()?,
        SpanId::from_hex(span_id).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::parse_traceparent;

    const IDS: &str = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

    #[test]
    fn a_traceparent_is_read() {
        let context = parse_traceparent(&format!("00-{IDS}-01")).unwrap();
        assert_eq!(context.trace_id().to_string(), &IDS[..32]);
        assert_eq!(context.span_id().to_string(), &IDS[33..]);
        assert!(context.is_sampled() && context.is_remote());
        assert!(!parse_traceparent(&format!("00-{IDS}-02")).unwrap().is_sampled());
        assert!(parse_traceparent(&format!("cc-{IDS}-01-more")).is_some());
    }

    #[test]
    fn a_malformed_traceparent_is_none() {
        let upper = IDS.to_uppercase();
        let zero_trace = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let zero_span = format!("00-{}-{}-01", &IDS[..32], "0".repeat(16));
        for header in [
            "",
            "00",
            "garbage",
            &format!("00-{IDS}-01-more"),
            &format!("00-{IDS}-0"),
            &format!("00-{IDS}-0g"),
            &format!("00-{IDS}-01x"),
            &format!("ff-{IDS}-01"),
            &format!("+0-{IDS}-01"),
            &format!("00-{upper}-01"),
            &format!("00-{}é-b7ad6b7169203331-01", &IDS[..30]),
            &zero_trace,
            &zero_span,
        ] {
            assert!(parse_traceparent(header).is_none(), "{header}");
        }
    }
}
