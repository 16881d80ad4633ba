//! Traces arrive whole or not at all, whatever else happens meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tracing::dispatcher::with_default;
use tracing::{Dispatch, Span, info_span};

use crate::delivery::start;
use crate::receiver::{Options, Receiver};

/// Longer than any test: no batch leaves before it is full or telemetry is shut down.
const NEVER: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "3600000");

fn query() {
    info_span!("query").in_scope(|| ());
}

/// A page of `n` queries.
fn page(subscriber: &Dispatch, n: usize) {
    with_default(subscriber, || {
        info_span!("page").in_scope(|| (0..n).for_each(|_| query()));
    });
}

/// Pages of `n_queries` each that are open at the same time: each runs its next query when all have
/// run the one before.
fn overlapping_pages(subscriber: &Dispatch, n_pages: usize, n_queries: usize) {
    with_default(subscriber, || {
        let pages: Vec<_> = (0..n_pages).map(|_| info_span!("page")).collect();
        for _ in 0..n_queries {
            pages.iter().for_each(|page| page.in_scope(query));
        }
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
    // Far more spans are of pages still open than there is room for.
    let visits = (0..4).map(|_| {
        let subscriber = subscriber.clone();
        tokio::task::spawn_blocking(move || {
            (0..10).for_each(|_| overlapping_pages(&subscriber, 10, 20));
        })
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_to_come_of_a_dropped_trace_is_dropped_after_any_number_of_others() {
    let gate = Arc::new(Semaphore::new(0));
    let mut receiver =
        Receiver::start(Options { gate: Some(Arc::clone(&gate)), ..Options::default() }).await;
    let (telemetry, subscriber, mut lines) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "6000"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "6000"),
        NEVER,
    ]);
    page(&subscriber, 5999);
    let slow: Span = with_default(&subscriber, || info_span!("slow"));
    let run_query = || with_default(&subscriber, || slow.in_scope(query));
    run_query();
    assert!(lines.next().await.contains("waiting for the collector"), "the queue is full");
    gate.add_permits(1000);
    assert!(lines.next().await.contains("traces are recorded again"));
    (0..5000).for_each(|_| page(&subscriber, 0));
    (0..3).for_each(|_| run_query());
    drop(slow);

    let delivery = telemetry.shutdown().await;
    assert_eq!((delivery.delivered, delivery.overflowed), (11_000, 5), "{delivery:?}");
    assert_eq!(delivery.dropped_traces, 1);
    assert_eq!(receiver.batch().await.spans().len(), 6000);
    let others = receiver.batch().await.spans();
    assert!(others.iter().all(|span| span.name == "page"), "nothing of the slow one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_larger_than_the_queue_is_not_said_to_be_the_collectors_fault() {
    let receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber, mut lines) =
        start(&[("OTLP_ENDPOINT", &receiver.url()), ("OTEL_BSP_MAX_QUEUE_SIZE", "100"), NEVER]);
    page(&subscriber, 200);
    let warning = lines.next().await;
    assert!(warning.contains("unfinished_spans=100"), "{warning}");
    assert!(warning.contains("so the collector is not the cause"), "{warning}");
    assert_eq!(telemetry.shutdown().await.overflowed, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_of_more_spans_than_a_batch_arrives_in_one_request() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber, _lines) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100"),
        NEVER,
    ]);
    page(&subscriber, 3000);
    telemetry.shutdown().await;
    assert_eq!(receiver.batch().await.spans().len(), 3001);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_statements_fit_the_limit_of_a_grpc_collector() {
    let receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber, _lines) = start(&[
        ("OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        NEVER,
    ]);
    // Five megabytes in fewer spans than a batch may have.
    let statement = "x".repeat(2560);
    for _ in 0..2000 {
        with_default(&subscriber, || {
            info_span!("query", db.query.text = statement).in_scope(|| ());
        });
    }
    let delivery = telemetry.shutdown().await;
    assert_eq!((delivery.delivered, delivery.lost), (2000, 0));
}
