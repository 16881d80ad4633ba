//! The server span around a request.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::get;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::telemetry::{attribute, mount_span};
use belvedere_telemetry::testing::{self, Caller, recorder};
use http::{Request, StatusCode};
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use tower::ServiceExt;
use tracing::Instrument;

/// Marks a request of the runtime's own.
#[derive(Clone)]
struct Internal;

fn app(options: TraceOptions) -> Router {
    let page = || async {
        async { tokio::task::yield_now().await }.instrument(mount_span("UsersSlow")).await;
        "page"
    };
    Router::new()
        .route("/users/{id}", get(page))
        .route("/broken", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/assets/{file}", get(|| async { "asset" }))
        .layer(trace_layer(options))
}

fn options() -> TraceOptions {
    TraceOptions {
        quiet_paths: vec!["/healthz".into(), "/assets/".into()],
        skip: |extensions| extensions.get::<Internal>().is_some(),
        trust_incoming_trace: false,
    }
}

fn request(path: &str, caller: &Caller) -> Request<Body> {
    let request = Request::get(path).header("traceparent", caller.traceparent());
    request.header("host", "shop.example:8443").body(Body::empty()).unwrap()
}

async fn answer(options: TraceOptions, request: Request<Body>) -> StatusCode {
    recorder();
    app(options).oneshot(request).await.unwrap().status()
}

/// The server span of a caller's request, and its whole trace.
async fn traced(caller: &Caller) -> (SpanData, Vec<SpanData>) {
    let spans = recorder().page_of(caller, |_| true).await;
    let server = spans.iter().find(|span| span.span_kind == SpanKind::Server).unwrap();
    (server.clone(), spans)
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    testing::attribute(span, key).map(|value| value.as_str().into_owned())
}

#[tokio::test]
async fn a_request_has_a_server_span_named_by_method_and_route() {
    let caller = Caller::new();
    let mut page = request("/users/7?token=hush", &caller);
    page.headers_mut().insert("user-agent", "x".repeat(1000).parse().unwrap());
    page.headers_mut().insert("cookie", "session=hush".parse().unwrap());
    page.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
    page.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 5000))));
    answer(options(), page).await;

    let (server, spans) = traced(&caller).await;
    assert_eq!(server.name, "GET /users/{id}");
    let expected = [
        (attribute::HTTP_REQUEST_METHOD, "GET"),
        (attribute::HTTP_ROUTE, "/users/{id}"),
        (attribute::URL_PATH, "/users/7"),
        (attribute::URL_SCHEME, "https"),
        (attribute::SERVER_ADDRESS, "shop.example"),
        (attribute::SERVER_PORT, "8443"),
        (attribute::CLIENT_ADDRESS, "192.0.2.7"),
        (attribute::NETWORK_PEER_ADDRESS, "192.0.2.7"),
        (attribute::NETWORK_PEER_PORT, "5000"),
        (attribute::NETWORK_PROTOCOL_VERSION, "1.1"),
        (attribute::HTTP_RESPONSE_STATUS_CODE, "200"),
    ];
    for (key, value) in expected {
        assert_eq!(text(&server, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(testing::attribute(&server, attribute::SERVER_PORT), Some(&8443_i64.into()));
    assert_eq!(text(&server, attribute::USER_AGENT).unwrap().len(), 256);
    assert_eq!(server.attributes.len(), expected.len() + 1);
    assert!(!format!("{server:?}").contains("hush"));
    assert_eq!(server.status, Status::Unset);

    let mount = spans.iter().find(|span| span.name == "UsersSlow mount").unwrap();
    assert_eq!(mount.parent_span_id, server.span_context.span_id());
    // The span covers the work inside it: neither cut off at a suspension nor drawn out.
    assert!(server.start_time <= mount.start_time && mount.end_time <= server.end_time);
}

#[tokio::test]
async fn the_brackets_of_an_ipv6_host_belong_to_its_url() {
    for (host, port) in [("[2001:db8::7]:8443", Some(8443_i64)), ("[2001:db8::7]", None)] {
        let caller = Caller::new();
        let mut page = request("/users/7", &caller);
        page.headers_mut().insert("host", host.parse().unwrap());
        answer(options(), page).await;
        let (server, _) = traced(&caller).await;
        assert_eq!(text(&server, attribute::SERVER_ADDRESS).as_deref(), Some("2001:db8::7"));
        let port = port.map(opentelemetry::Value::from);
        assert_eq!(testing::attribute(&server, attribute::SERVER_PORT), port.as_ref());
    }
}

#[tokio::test]
async fn a_path_without_route_and_an_unknown_method_make_no_names() {
    let caller = Caller::new();
    assert_eq!(answer(options(), request("/wp-admin", &caller)).await, StatusCode::NOT_FOUND);
    let (server, _) = traced(&caller).await;
    assert_eq!(server.name, "GET");
    assert_eq!(text(&server, attribute::HTTP_ROUTE), None);
    assert_eq!(server.status, Status::Unset);

    let caller = Caller::new();
    let mut brewed = request("/users/7", &caller);
    *brewed.method_mut() = "BREW".parse().unwrap();
    answer(options(), brewed).await;
    let (server, _) = traced(&caller).await;
    assert_eq!(server.name, "HTTP /users/{id}");
    assert_eq!(text(&server, attribute::HTTP_REQUEST_METHOD).as_deref(), Some("_OTHER"));
}

#[tokio::test]
async fn only_a_server_error_is_an_error() {
    let caller = Caller::new();
    answer(options(), request("/broken", &caller)).await;
    let (server, _) = traced(&caller).await;
    assert_eq!(server.status, Status::error(""));
    assert_eq!(text(&server, attribute::ERROR_TYPE).as_deref(), Some("502"));
}

#[tokio::test]
async fn quiet_paths_and_internal_requests_have_no_span() {
    let caller = Caller::new();
    for path in ["/healthz", "/assets/app.js"] {
        assert_eq!(answer(options(), request(path, &caller)).await, StatusCode::OK);
    }
    let mut internal = request("/broken", &caller);
    internal.extensions_mut().insert(Internal);
    answer(options(), internal).await;
    assert!(recorder().linked_to(caller.trace_id()).is_empty());
}

#[tokio::test]
async fn a_callers_trace_is_a_link_and_only_when_trusted_the_parent() {
    let caller = Caller::new();
    answer(options(), request("/users/7", &caller)).await;
    let (server, _) = traced(&caller).await;
    assert_ne!(server.span_context.trace_id(), caller.trace_id());
    assert_eq!(server.parent_span_id, SpanId::INVALID);
    assert_eq!(server.links[0].attributes[0].value.as_str(), attribute::LINK_CLIENT);

    let caller = Caller::new();
    let trusting = TraceOptions { trust_incoming_trace: true, ..options() };
    answer(trusting, request("/users/7", &caller)).await;
    let spans = recorder().trace(caller.trace_id());
    let server = spans.iter().find(|span| span.span_kind == SpanKind::Server).unwrap();
    assert_eq!(server.parent_span_id, caller.span_id());
    assert!(server.parent_span_is_remote && server.links.is_empty());
}

#[tokio::test]
async fn a_malformed_traceparent_is_ignored() {
    recorder();
    let caller = Caller::new();
    let mut page = request("/users/7", &caller);
    let broken = caller.traceparent().to_uppercase().parse().unwrap();
    page.headers_mut().insert("traceparent", broken);
    let trusting = TraceOptions { trust_incoming_trace: true, ..options() };
    assert_eq!(answer(trusting, page).await, StatusCode::OK);
    assert!(recorder().trace(caller.trace_id()).is_empty());
    assert!(recorder().linked_to(caller.trace_id()).is_empty());
}

#[tokio::test]
async fn a_request_given_up_by_its_client_still_has_a_span() {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    recorder();
    let caller = Caller::new();
    {
        let mut response = pin!(app(options()).oneshot(request("/users/7", &caller)));
        // Once, up to the page's suspension; then the client is gone.
        poll_fn(|context| {
            assert!(response.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let (server, spans) = traced(&caller).await;
    assert_eq!(text(&server, attribute::HTTP_RESPONSE_STATUS_CODE), None);
    assert!(spans.iter().any(|span| span.name == "UsersSlow mount"));
}
