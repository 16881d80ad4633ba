//! A collector that is away: what is lost is counted, said once, and holds nobody up.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belvedere_telemetry::settings::{Collector, Protocol};
use belvedere_telemetry::{Delivery, Extras, Settings, Telemetry};
use http::StatusCode;
use tokio::sync::Semaphore;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::export::work;
use crate::logs::Lines;
use crate::receiver::{Options, Receiver};

/// Telemetry that exports traces alone, so that log lines are about these.
fn start(vars: &[(&str, &str)]) -> (Telemetry, Dispatch, Lines) {
    let traces_alone = ("OTEL_METRICS_EXPORTER", "none");
    let settings = Settings::from_vars("web", |name| {
        let mut vars = vars.iter().chain([&traces_alone]);
        vars.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    let (writer, lines) = Lines::new();
    let extras = Extras { log_writer: BoxMakeWriter::new(writer), ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings.unwrap(), extras).unwrap();
    (telemetry, subscriber, lines)
}

/// An address nobody listens on: bound once, so it was free.
async fn nobody() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_endpoint_is_reported_once_with_its_cause_and_delays_nothing() {
    let endpoint = format!("http://{}", nobody().await);
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber, mut lines) = start(&[
            ("OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
            ("OTEL_BSP_SCHEDULE_DELAY", "1"),
        ]);
        let started = Instant::now();
        (0..1000).for_each(|_| work(&subscriber));
        let elapsed = started.elapsed();
        // An export alone takes longer to fail than this; the margin is for a loaded machine.
        assert!(elapsed < Duration::from_secs(5), "2000 spans took {elapsed:?}");
        assert!(telemetry.delivery().overflowed > 0);

        let mut warnings = [lines.next().await, lines.next().await];
        warnings.sort_by_key(|warning| warning.contains("cannot be delivered"));
        let [dropped, warning] = warnings;
        assert!(dropped.contains("traces are dropped, each as a whole"), "{dropped}");
        assert!(warning.contains("traces cannot be delivered"), "{warning}");
        assert!(warning.contains("refused"), "{warning}");
        assert!(warning.contains(&endpoint), "{warning}");

        let delivery = telemetry.shutdown().await;
        assert_eq!(delivery.delivered, 0);
        assert!(delivery.overflowed >= 1800, "{delivery:?}");
        assert_eq!(delivery.dropped_traces * 2, delivery.overflowed, "each as a whole");
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
    assert!(warning.contains("the runtime has ended"), "{warning}");
}

/// A page of `n` queries.
fn page(subscriber: &Dispatch, n: usize) {
    with_default(subscriber, || {
        tracing::info_span!("page").in_scope(|| {
            (0..n).for_each(|_| tracing::info_span!("query").in_scope(|| ()));
        });
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_too_slow_is_sent_whole_traces_and_the_rest_is_counted() {
    let gate = Arc::new(Semaphore::new(0));
    let mut receiver =
        Receiver::start(Options { gate: Some(Arc::clone(&gate)), ..Options::default() }).await;
    let (telemetry, subscriber, mut lines) = start(&[
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{}/v1/traces", receiver.url())),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "200"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "50"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1"),
    ]);
    // Four threads at once, so that traces are cut into by each other.
    let visits = (0..4).map(|_| {
        let subscriber = subscriber.clone();
        tokio::task::spawn_blocking(move || (0..100).for_each(|_| page(&subscriber, 20)))
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
    let begins = lines.next().await;
    assert!(begins.contains("WARN") && begins.contains("traces are dropped"), "{begins}");
    assert!(begins.contains("OTEL_BSP_MAX_QUEUE_SIZE"), "{begins}");
    gate.add_permits(1000);
    let ends = lines.next().await;
    assert!(ends.contains("traces are recorded again"), "{ends}");
    let dropped = telemetry.delivery();
    assert!(ends.contains(&format!("dropped_traces={} ", dropped.dropped_traces)), "{ends}");
    page(&subscriber, 20);

    let delivery = telemetry.shutdown().await;
    assert_eq!(delivery.delivered + delivery.overflowed, 401 * 21);
    assert_eq!(delivery.overflowed, delivery.dropped_traces * 21, "{delivery:?}");
    assert!(delivery.delivered >= 8 * 21, "{delivery:?}");
    let mut traces: HashMap<Vec<u8>, usize> = HashMap::new();
    while traces.values().sum::<usize>() < delivery.delivered as usize {
        for span in receiver.batch().await.spans() {
            *traces.entry(span.trace_id).or_default() += 1;
        }
    }
    assert!(traces.values().all(|n_spans| *n_spans == 21), "{:?}", traces.values());
    assert!(lines.next().await.contains("not all spans were delivered"));
    assert!(lines.is_empty());
}
