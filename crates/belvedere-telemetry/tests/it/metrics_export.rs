//! Metrics on their way to a collector, and a collector that is away or takes none.

use belvedere_telemetry::{Delivery, Extras, Settings, Telemetry, metrics};
use http::StatusCode;
use opentelemetry::metrics::MeterProvider;
use tracing::Dispatch;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::export::work;
use crate::logs::Lines;
use crate::receiver::{Options, Receiver};

fn start(vars: &[(&str, &str)]) -> (Telemetry, Dispatch, Lines) {
    let settings = Settings::from_vars("web", |name| {
        vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    let (writer, lines) = Lines::new();
    let extras = Extras { log_writer: BoxMakeWriter::new(writer), ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings.unwrap(), extras).unwrap();
    (telemetry, subscriber, lines)
}

fn count(telemetry: &Telemetry) {
    telemetry.meters().unwrap().meter("test").u64_counter("things").build().add(3, &[]);
}

#[tokio::test]
async fn metrics_arrive_at_shutdown_with_the_services_name() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, _subscriber, _) = start(&[("OTLP_ENDPOINT", &receiver.url())]);
    count(&telemetry);
    telemetry.shutdown().await;
    let batch = receiver.metrics().await;
    assert_eq!(batch.path, "/v1/metrics");
    let resource = &batch.metrics.resource_metrics[0];
    let keys: Vec<_> =
        resource.resource.as_ref().unwrap().attributes.iter().map(|a| a.key.as_str()).collect();
    assert!(keys.contains(&"service.name"), "{keys:?}");
    assert!(keys.contains(&"service.instance.id"), "{keys:?}");
    let metrics = resource.scope_metrics.iter().flat_map(|scope| &scope.metrics);
    assert!(metrics.clone().any(|metric| metric.name == "things"));
    let own = metrics.filter(|metric| metric.name != "things");
    assert!(own.clone().all(|metric| !metric.description.is_empty()));
    let own: Vec<_> = own.map(|metric| metric.name.as_str()).collect();
    assert_eq!(own, [metrics::SPANS_PROCESSED, metrics::SPANS_EXPORTED, metrics::TRACES_DROPPED]);
}

#[tokio::test]
async fn metrics_arrive_in_each_interval() {
    let mut receiver = Receiver::start(Options::default()).await;
    let vars = [("OTLP_ENDPOINT", receiver.url()), ("OTEL_METRIC_EXPORT_INTERVAL", "1".to_owned())];
    let (telemetry, _subscriber, _) = start(&vars.each_ref().map(|(k, v)| (*k, v.as_str())));
    count(&telemetry);
    for _ in 0..3 {
        assert_eq!(receiver.metrics().await.path, "/v1/metrics");
    }
    drop(receiver);
    telemetry.shutdown().await;
}

#[tokio::test]
async fn metrics_can_be_left_out_alone() {
    let off = start(&[("OTLP_ENDPOINT", "http://host"), ("OTEL_METRICS_EXPORTER", "none")]).0;
    assert!(off.meters().is_none() && off.provider().is_some());
    let traces = start(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://host/v1/traces")]).0;
    assert!(traces.meters().is_none() && traces.provider().is_some());
    let metrics = start(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://host/in")]).0;
    assert!(metrics.meters().is_some() && metrics.provider().is_none());
    assert!(start(&[]).0.meters().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_takes_no_metrics_is_asked_once() {
    let refusals = [StatusCode::NOT_FOUND].into();
    let mut receiver = Receiver::start(Options { refusals, ..Options::default() }).await;
    let (telemetry, subscriber, mut lines) = start(&[("OTLP_ENDPOINT", &receiver.url())]);
    count(&telemetry);
    telemetry.meters().unwrap().force_flush().unwrap();
    let line = lines.next().await;
    assert!(line.contains("INFO") && line.contains("the collector takes no metrics"), "{line}");
    telemetry.meters().unwrap().force_flush().unwrap();
    work(&subscriber);
    assert_eq!(telemetry.shutdown().await.delivered, 2);
    assert_eq!(receiver.batch().await.path, "/v1/traces");
    assert!(receiver.is_idle() && lines.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grpc_server_without_the_service_is_asked_once() {
    let routes = tonic::service::Routes::default().into_axum_router();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(crate::receiver::accept(listener, None, routes));
    let vars = [("OTLP_ENDPOINT", &*endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let (telemetry, _subscriber, mut lines) = start(&vars);
    count(&telemetry);
    telemetry.meters().unwrap().force_flush().unwrap();
    let line = lines.next().await;
    assert!(line.contains("the collector takes no metrics"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_is_one_warning_for_traces_and_metrics() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "200"),
        ]);
        work(&subscriber);
        assert!(telemetry.provider().unwrap().force_flush().is_err());
        let warning = lines.next().await;
        assert!(warning.contains("traces cannot be delivered"), "{warning}");
        count(&telemetry);
        assert!(telemetry.meters().unwrap().force_flush().is_err());
        let lost = Delivery { lost: 4, ..Delivery::default() };
        assert_eq!(telemetry.metrics_delivery(), lost, "one, and three about the spans");
        assert!(lines.is_empty(), "{protocol}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_holds_metrics_up_for_the_timeout_only() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, _subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "50"),
        ]);
        count(&telemetry);
        assert!(telemetry.meters().unwrap().force_flush().is_err());
        assert_eq!(telemetry.metrics_delivery().lost, 4);
        assert!(lines.next().await.contains("metrics cannot be delivered"));
    }
}
