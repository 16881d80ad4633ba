//! Queries of other libraries than ours, counted and shown as ours are.

use belvedere::telemetry::{PageTrace, mount_span};
use belvedere_telemetry::n_plus_one::{COUNT, N_PLUS_ONE, QUERIES, STATEMENT, TABLE};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use belvedere_telemetry::{Extras, Settings, TraceStore};
use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SimpleSpanProcessor, SpanData};
use sqlx::sqlite::SqlitePoolOptions;
use tracing::Instrument;
use tracing::dispatcher::with_default;

/// A subscriber of its own, the spans it got, and a store beside them.
fn bench() -> (tracing::Dispatch, InMemorySpanExporter, TraceStore) {
    let (spans, store) = (InMemorySpanExporter::default(), TraceStore::default());
    let processors: Vec<Box<dyn opentelemetry_sdk::trace::SpanProcessor>> =
        vec![Box::new(SimpleSpanProcessor::new(spans.clone())), Box::new(store.clone())];
    let settings = Settings::from_vars("web", |name| (name == "RUST_LOG").then(|| "off".into()));
    let extras = Extras { processors, ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings.unwrap(), extras).unwrap();
    // The provider lives on in the subscriber.
    std::mem::forget(telemetry);
    (subscriber, spans, store)
}

fn finished(spans: &InMemorySpanExporter, name: &str) -> Vec<SpanData> {
    let all = spans.get_finished_spans().unwrap();
    all.into_iter().filter(|span| span.name == name).collect()
}

fn trace_of(span: &SpanData) -> TraceId {
    span.span_context.trace_id()
}

/// `sqlx` tells of a query in a thread of its own, so the process's subscriber is the one that hears.
#[tokio::test]
async fn each_query_of_sqlx_is_a_span_whatever_the_log_shows() {
    let recorder = recorder();
    let mount = mount_span("Desks");
    let trace_id = TraceId::from_bytes(PageTrace::of(&mount).to_bytes()[..16].try_into().unwrap());
    let work = async {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:");
        let pool = pool.await.unwrap();
        for id in 1..=4 {
            let query =
                sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sqlite_master WHERE 1 = ?");
            query.bind(id).fetch_one(&pool).await.unwrap();
        }
    };
    work.instrument(mount).await;
    let spans = recorder
        .until(|recorder| {
            let spans = recorder.trace(trace_id);
            spans.iter().any(|span| span.name == "Desks mount").then_some(spans)
        })
        .await;
    let queries: Vec<_> = spans.iter().filter(|span| span.name == "SELECT sqlite_master").collect();
    let mount = spans.iter().find(|span| span.name == "Desks mount").unwrap();
    assert_eq!(queries.len(), 4);
    for query in &queries {
        assert_eq!(query.parent_span_id, mount.span_context.span_id());
        assert_eq!(query.span_kind, SpanKind::Client);
        assert!(query.start_time >= mount.start_time && query.end_time <= mount.end_time);
        assert_eq!(value_of(query, "db.collection.name"), Some(&"sqlite_master".into()));
        assert_eq!(value_of(query, "db.response.returned_rows"), Some(&1.into()));
    }
    let statement = "SELECT count(*) FROM sqlite_master WHERE 1 = ?";
    assert_eq!(value_of(mount, COUNT), Some(&4.into()));
    assert_eq!(value_of(mount, STATEMENT), Some(&statement.into()));
    assert_eq!(value_of(queries[0], "db.query.text"), Some(&statement.into()));
}

#[test]
fn spans_with_the_older_words_are_counted_and_shown_in_the_newer_ones() {
    let (subscriber, spans, store) = bench();
    with_default(&subscriber, || {
        mount_span("Desks").in_scope(|| {
            for _ in 0..3 {
                let query = tracing::info_span!(
                    "query",
                    db.system = "postgresql",
                    db.statement = "SELECT id FROM tickets WHERE desk = $1",
                );
                query.in_scope(|| ());
            }
        });
    });
    let mount = finished(&spans, "Desks mount").remove(0);
    let query = finished(&spans, "query").remove(0);
    assert_eq!(value_of(&mount, COUNT), Some(&3.into()));
    assert_eq!(value_of(&mount, TABLE), Some(&"tickets".into()));
    assert_eq!(value_of(&mount, STATEMENT), value_of(&query, "db.query.text"));
    assert_eq!(value_of(&query, "db.system.name"), Some(&"postgresql".into()));
    let trace = store.trace(trace_of(&mount)).unwrap();
    assert_eq!((trace.summary.n_queries, trace.spans.len()), (3, 4));
    assert_eq!(trace.summary.n_plus_one.as_ref().map(|found| found.count), Some(3));
    assert!(trace.spans[1].span.is_query());
}

#[test]
fn a_query_that_two_libraries_tell_of_is_counted_once() {
    let (subscriber, spans, _) = bench();
    with_default(&subscriber, || {
        mount_span("Desks").in_scope(|| {
            tracing::info_span!("outer", db.query.text = "SELECT 1").in_scope(|| {
                tracing::info_span!("inner", db.query.text = "SELECT 1").in_scope(|| ());
            });
        });
    });
    let mount = finished(&spans, "Desks mount").remove(0);
    assert_eq!(value_of(&mount, QUERIES), Some(&1.into()));
}

#[test]
fn a_plain_handlers_request_is_flagged_like_a_callback() {
    let (subscriber, spans, _) = bench();
    with_default(&subscriber, || {
        tracing::info_span!("GET /report", otel.kind = "server").in_scope(|| {
            for _ in 0..3 {
                tracing::info_span!("load").in_scope(|| {
                    tracing::info_span!("q", db.query.text = "SELECT 1 FROM t").in_scope(|| ());
                });
            }
        });
    });
    let request = finished(&spans, "GET /report").remove(0);
    assert_eq!(value_of(&request, COUNT), Some(&3.into()));
    let load = finished(&spans, "load").remove(0);
    assert_eq!(value_of(&load, N_PLUS_ONE), None);
}
