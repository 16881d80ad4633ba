//! A collector that is away or refuses: what is lost is counted, said once, and holds nobody up.

use std::net::SocketAddr;
use std::time::Duration;

use belvedere_telemetry::settings::{Collector, Protocol};
use belvedere_telemetry::{Delivery, Extras, Settings, Telemetry};
use http::StatusCode;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::export::work;
use crate::logs::Lines;
use crate::receiver::{Options, REASON, Receiver};

/// Telemetry that exports traces alone, so that log lines are about these.
pub(crate) fn start(vars: &[(&str, &str)]) -> (Telemetry, Dispatch, Lines) {
    start_with(&settings(vars))
}

fn settings(vars: &[(&str, &str)]) -> Settings {
    let traces_alone = ("OTEL_METRICS_EXPORTER", "none");
    let settings = Settings::from_vars("web", |name| {
        let mut vars = vars.iter().chain([&traces_alone]);
        vars.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    settings.unwrap()
}

fn start_with(settings: &Settings) -> (Telemetry, Dispatch, Lines) {
    let (writer, lines) = Lines::new();
    let extras = Extras { log_writer: BoxMakeWriter::new(writer), ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(settings, extras).unwrap();
    (telemetry, subscriber, lines)
}

/// An address nobody listens on: bound once, so it was free.
async fn nobody() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_endpoint_is_reported_once_with_its_cause() {
    let endpoint = format!("http://{}", nobody().await);
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
        ]);
        (0..2).for_each(|_| work(&subscriber));
        let delivery = telemetry.shutdown().await;
        assert_eq!(delivery, Delivery { lost: 4, ..Delivery::default() }, "{protocol}");
        let warning = lines.next().await;
        assert!(warning.contains("traces cannot be delivered"), "{warning}");
        assert!(warning.contains("refused"), "{warning}");
        assert!(warning.contains(&endpoint), "{warning}");
        let farewell = lines.next().await;
        assert!(farewell.contains("not all spans were delivered"), "{farewell}");
        assert!(lines.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_delays_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    for protocol in ["http/protobuf", "grpc"] {
        let settings = settings(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100"),
            // Who waited for the collector would do so for an hour.
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"),
            ("OTEL_BSP_SCHEDULE_DELAY", "1"),
        ]);
        let settings = Settings { flush_timeout: Duration::from_millis(50), ..settings };
        let (telemetry, subscriber, mut lines) = start_with(&settings);
        (0..1000).for_each(|_| work(&subscriber));
        let dropped = lines.next().await;
        assert!(dropped.contains("traces are dropped, each as a whole"), "{dropped}");
        let delivery = telemetry.shutdown().await;
        let expected = Delivery { overflowed: 1900, dropped_traces: 950, waiting: 100, ..delivery };
        assert_eq!(delivery, expected, "{protocol}");
        assert_eq!((delivery.delivered, delivery.lost), (0, 0), "{protocol}");
        let farewell = lines.next().await;
        assert!(farewell.contains("not all spans were delivered"), "{farewell}");
        assert!(lines.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_comes_back_is_reported_once() {
    let refusals = [StatusCode::UNAUTHORIZED].into();
    let mut receiver = Receiver::start(Options { refusals, ..Options::default() }).await;
    let (telemetry, subscriber, mut lines) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1"),
    ]);
    work(&subscriber);
    let away = lines.next().await;
    assert!(away.contains("the collector answered 401 Unauthorized"), "{away}");

    work(&subscriber);
    let back = lines.next().await;
    assert!(back.contains("traces are delivered again"), "{back}");
    assert!(back.contains("missed_spans=2"), "{back}");
    receiver.batch().await;
    let delivery = telemetry.shutdown().await;
    assert_eq!((delivery.delivered, delivery.lost), (2, 2));
    assert!(lines.next().await.contains("not all spans were delivered"));
    assert!(lines.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_is_given_up_at_the_timeout() {
    // The backlog accepts the connection; nobody reads from it.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "50"),
        ]);
        work(&subscriber);
        assert_eq!(telemetry.shutdown().await.lost, 2, "{protocol}");
        let warning = lines.next().await;
        assert!(warning.contains("traces cannot be delivered"), "{warning}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_in_time_when_the_collector_hangs() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings {
        collector: Some(Collector::new(
            format!("http://{}/v1/traces", listener.local_addr().unwrap()).parse().unwrap(),
            Protocol::HttpProtobuf,
        )),
        flush_timeout: Duration::from_millis(50),
        ..Settings::new("web")
    };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings, Extras::default()).unwrap();
    work(&subscriber);
    // The collector's own ten seconds have not passed: nothing is counted as lost yet.
    let shutdown = tokio::time::timeout(Duration::from_secs(5), telemetry.shutdown());
    let delivery = shutdown.await.expect("shutdown is bounded");
    assert_eq!(delivery, Delivery { waiting: 2, ..Delivery::default() });
}

#[tokio::test]
async fn an_export_after_the_runtimes_end_is_a_lost_batch() {
    let receiver = Receiver::start(Options::default()).await;
    let url = receiver.url();
    let outcome = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let vars = [("OTLP_ENDPOINT", url.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")];
        let (telemetry, subscriber, mut lines) = runtime.block_on(async { start(&vars) });
        drop(runtime);
        with_default(&subscriber, || drop(tracing::info_span!("late")));
        let flushed = telemetry.provider().unwrap().force_flush();
        assert!(flushed.is_err());
        (telemetry.delivery(), lines.try_next().unwrap())
    });
    let (delivery, warning) = outcome.await.unwrap();
    assert_eq!(delivery.lost, 1);
    assert!(warning.contains("the export was cut off"), "{warning}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_collector_refuses_of_a_batch_is_counted_as_lost_and_said_once() {
    for protocol in ["http/protobuf", "grpc"] {
        let receiver = Receiver::start(Options { refused: 1, ..Options::default() }).await;
        let (telemetry, subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &receiver.url()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
        ]);
        work(&subscriber);
        work(&subscriber);
        let delivery = telemetry.shutdown().await;
        assert_eq!((delivery.delivered, delivery.lost), (2, 2), "{protocol}");
        let warning = lines.next().await;
        assert!(warning.contains("WARN") && warning.contains("traces arrive only in part"));
        assert!(warning.contains("refused=1") && warning.contains(REASON), "{warning}");
        assert!(lines.next().await.contains("not all spans were delivered"));
        assert!(lines.is_empty(), "{protocol}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_the_collector_refuses_are_said_once() {
    use opentelemetry::metrics::MeterProvider;

    let receiver = Receiver::start(Options { refused: 1, ..Options::default() }).await;
    let (telemetry, _subscriber, mut lines) =
        start(&[("OTLP_ENDPOINT", &receiver.url()), ("OTEL_METRICS_EXPORTER", "otlp")]);
    telemetry.meters().unwrap().meter("test").u64_counter("things").build().add(1, &[]);
    telemetry.shutdown().await;
    let warning = lines.next().await;
    assert!(warning.contains("metrics arrive only in part") && warning.contains(REASON));
}
