//! Spans on their way to a collector, by every protocol and address.

use belvedere_telemetry::{Delivery, Extras, Settings, Telemetry};
use opentelemetry::metrics::MeterProvider;
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use crate::receiver::{Options, Receiver};

/// Telemetry set up from variables, without touching the process.
pub(crate) fn start(vars: &[(&str, &str)]) -> (Telemetry, Dispatch) {
    let settings = Settings::from_vars("web", |name| {
        vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    belvedere_telemetry::build(&settings.unwrap(), Extras::default()).unwrap()
}

/// A span `outer` around a span `inner`.
pub(crate) fn work(subscriber: &Dispatch) {
    with_default(subscriber, || {
        tracing::info_span!("outer", answer = 42).in_scope(|| {
            tracing::info_span!("inner").in_scope(|| ());
        });
    });
}

#[tokio::test]
async fn spans_arrive_over_http() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())]);
    let expected = format!("traces → {}/v1/traces (http/protobuf)", receiver.url());
    assert_eq!(telemetry.description(), expected);
    work(&subscriber);
    telemetry.shutdown().await;

    let batch = receiver.batch().await;
    assert_eq!(batch.path, "/v1/traces");
    assert_eq!(batch.resource("service.name").as_deref(), Some("web"));
    assert_eq!(batch.resource("telemetry.sdk.language").as_deref(), Some("rust"));
    let spans = batch.spans();
    let [inner, outer] = &spans[..] else { panic!("two spans: {spans:?}") };
    assert_eq!((inner.name.as_str(), outer.name.as_str()), ("inner", "outer"));
    assert_eq!(inner.parent_span_id, outer.span_id);
    // Nothing is attached but what the author wrote, and the level.
    let keys: Vec<_> = outer.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    assert_eq!(keys, ["answer"]);
}

#[tokio::test]
async fn spans_arrive_over_grpc() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-scope-orgid=7"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ]);
    assert_eq!(telemetry.description(), format!("traces → {}/ (grpc)", receiver.url()));
    work(&subscriber);
    telemetry.shutdown().await;

    let batch = receiver.batch().await;
    assert_eq!(batch.path, "grpc");
    assert_eq!(batch.headers["x-scope-orgid"], "7");
    assert_eq!(batch.spans().len(), 2);
}

#[tokio::test]
async fn spans_arrive_over_ipv6() {
    let localhost = Options { address: Some("[::1]:0".parse().unwrap()), ..Options::default() };
    let mut receiver = Receiver::start(localhost).await;
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber) =
            start(&[("OTLP_ENDPOINT", &receiver.url()), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]);
        work(&subscriber);
        telemetry.shutdown().await;
        assert_eq!(receiver.batch().await.spans().len(), 2, "{protocol}");
    }
}

#[tokio::test]
async fn headers_and_compression_reach_the_collector() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc,x-scope-orgid=7"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ]);
    work(&subscriber);
    telemetry.shutdown().await;
    let batch = receiver.batch().await;
    assert_eq!(batch.headers["authorization"], "Bearer abc");
    assert_eq!(batch.headers["x-scope-orgid"], "7");
    assert_eq!(batch.headers["content-encoding"], "gzip");
    assert_eq!(batch.spans().len(), 2);
}

#[tokio::test]
async fn what_is_set_for_one_signal_does_not_reach_the_receiver_of_the_other() {
    let mut traces = Receiver::start(Options::default()).await;
    let mut metrics = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{}/v1/traces", traces.url())),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &format!("{}/v1/metrics", metrics.url())),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-scope-orgid=7"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=Bearer%20traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
    ]);
    work(&subscriber);
    telemetry.meters().unwrap().meter("test").u64_counter("things").build().add(1, &[]);
    telemetry.shutdown().await;
    let traces = traces.batch().await.headers;
    assert_eq!(traces["authorization"], "Bearer traces");
    assert_eq!(traces["content-encoding"], "gzip");
    assert!(!traces.contains_key("x-scope-orgid"), "a signal's own list replaces the general one");
    let metrics = metrics.metrics().await.headers;
    assert_eq!(metrics["x-scope-orgid"], "7");
    assert!(!metrics.contains_key("authorization") && !metrics.contains_key("content-encoding"));
}

#[tokio::test]
async fn a_process_is_an_instance_of_its_service_unless_the_environment_names_it() {
    let mut receiver = Receiver::start(Options::default()).await;
    let url = receiver.url();
    let endpoint = ("OTLP_ENDPOINT", url.as_str());
    let mut instances = Vec::new();
    let named = ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=one");
    for vars in [&[endpoint][..], &[endpoint], &[endpoint, named]] {
        let (telemetry, subscriber) = start(vars);
        work(&subscriber);
        telemetry.shutdown().await;
        let batch = receiver.batch().await;
        assert_eq!(batch.scope().name, "belvedere-telemetry");
        assert!(!batch.scope().version.is_empty());
        assert!(batch.schema_url().starts_with("https://opentelemetry.io/schemas/"));
        instances.push(batch.resource("service.instance.id").unwrap());
    }
    assert_eq!(instances[0], instances[1], "of one process");
    assert_eq!((instances[0].len(), &*instances[2]), (36, "one"), "{instances:?}");
}

#[tokio::test]
async fn the_standard_variable_wins_over_ours() {
    let mut ours = Receiver::start(Options::default()).await;
    let mut standard = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) =
        start(&[("OTLP_ENDPOINT", &ours.url()), ("OTEL_EXPORTER_OTLP_ENDPOINT", &standard.url())]);
    work(&subscriber);
    let delivery = telemetry.shutdown().await;
    assert_eq!(delivery, Delivery { delivered: 2, ..Delivery::default() });
    assert_eq!(standard.batch().await.spans().len(), 2);
    assert!(ours.is_idle());
}

#[tokio::test]
async fn the_environments_service_name_arrives() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop,deployment.environment.name=test"),
    ]);
    work(&subscriber);
    telemetry.shutdown().await;
    let batch = receiver.batch().await;
    assert_eq!(batch.resource("service.name").as_deref(), Some("shop"));
    assert_eq!(batch.resource("deployment.environment.name").as_deref(), Some("test"));
}

#[tokio::test]
async fn spans_of_the_opentelemetry_interface_arrive_as_children() {
    use opentelemetry::trace::{Tracer, TracerProvider};

    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) = start(&[("OTLP_ENDPOINT", &receiver.url())]);
    let tracer = telemetry.provider().unwrap().tracer("domain");
    with_default(&subscriber, || {
        tracing::info_span!("mount").in_scope(|| drop(tracer.start("SELECT users")));
    });
    telemetry.shutdown().await;
    let spans = receiver.batch().await.spans();
    let mount = spans.iter().find(|span| span.name == "mount").unwrap();
    let query = spans.iter().find(|span| span.name == "SELECT users").unwrap();
    assert_eq!(query.parent_span_id, mount.span_id);
}

#[tokio::test]
async fn the_last_spans_are_delivered_at_shutdown() {
    let mut receiver = Receiver::start(Options::default()).await;
    // No batch would leave by itself before the test's patience ends.
    let (telemetry, subscriber) =
        start(&[("OTLP_ENDPOINT", &receiver.url()), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
    work(&subscriber);
    assert_eq!(telemetry.delivery(), Delivery { waiting: 2, ..Delivery::default() });
    assert_eq!(telemetry.shutdown().await.delivered, 2);
    assert_eq!(receiver.batch().await.spans().len(), 2);
    // Afterwards spans cost nothing and go nowhere.
    work(&subscriber);
    assert!(receiver.is_idle());
}

#[test]
fn without_a_collector_spans_are_off_and_no_runtime_is_needed() {
    for vars in [&[][..], &[("OTLP_ENDPOINT", "http://host"), ("OTEL_SDK_DISABLED", "true")]] {
        let (telemetry, subscriber) = start(vars);
        assert!(telemetry.provider().is_none());
        assert!(telemetry.description().starts_with("traces: off, "), "{vars:?}");
        with_default(&subscriber, || {
            assert!(tracing::info_span!("work").is_disabled());
            assert!(tracing::error_span!("work").is_disabled());
        });
    }
}

#[test]
fn export_without_a_runtime_is_an_error() {
    let settings = Settings::from_vars("web", |name| {
        (name == "OTLP_ENDPOINT").then(|| "http://localhost:4318".to_owned())
    });
    let error = belvedere_telemetry::build(&settings.unwrap(), Extras::default()).unwrap_err();
    assert_eq!(error.to_string(), "traces can only be exported from within a tokio runtime");
}
