//! A callback that runs one query again and again, as every receiver of its span sees it.

use belvedere::telemetry::{Act, PageTrace, ViewIdentity, act_span, attribute, mount_span};
use belvedere_telemetry::n_plus_one::{COUNT, N_PLUS_ONE, QUERIES, STATEMENT, TABLE};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use belvedere_telemetry::{Extras, Settings, Telemetry};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, TraceId, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SimpleSpanProcessor, SpanData};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::logs::Lines;

/// Telemetry with one receiver of its own, and no collector.
struct Bench {
    telemetry: Telemetry,
    subscriber: Dispatch,
    tracer: SdkTracer,
    spans: InMemorySpanExporter,
    lines: Lines,
}

impl Bench {
    fn new() -> Self {
        Self::with(Settings::new("web"))
    }

    fn with(settings: Settings) -> Self {
        let spans = InMemorySpanExporter::default();
        let (writer, lines) = Lines::new();
        let extras = Extras {
            processors: vec![Box::new(SimpleSpanProcessor::new(spans.clone()))],
            log_writer: BoxMakeWriter::new(writer),
        };
        let (telemetry, subscriber) = belvedere_telemetry::build(&settings, extras).unwrap();
        let tracer = telemetry.provider().unwrap().tracer("domain");
        Self { telemetry, subscriber, tracer, spans, lines }
    }

    /// A query below the current span, as the application's connection writes it.
    fn query(&self, operation: &'static str, table: &'static str, text: &str) {
        query(&self.tracer, operation, table, text);
    }

    fn mount(&self, view: &'static str, queries: impl FnOnce()) -> SpanData {
        with_default(&self.subscriber, || mount_span(view).in_scope(queries));
        self.last()
    }

    fn last(&self) -> SpanData {
        self.spans.get_finished_spans().unwrap().pop().unwrap()
    }
}

pub(crate) fn query(
    tracer: &impl Tracer,
    operation: &'static str,
    table: &'static str,
    text: &str,
) {
    let attributes = vec![
        KeyValue::new("db.operation.name", operation),
        KeyValue::new("db.collection.name", table),
        KeyValue::new("db.query.text", text.to_owned()),
    ];
    let builder = SpanBuilder::from_name(format!("{operation} {table}"))
        .with_kind(SpanKind::Client)
        .with_attributes(attributes);
    tracer.build_with_context(builder, &Context::current()).end();
}

pub(crate) const COUNT_ITEMS: &str = r#"SELECT count(*) FROM "items" WHERE "items"."user_id" = $1"#;

/// The page that this project warns of: one query for the users, then one for each of them.
fn users_slow(bench: &Bench) {
    bench.query("SELECT", "users", r#"SELECT "users"."id" FROM "users""#);
    (0..20).for_each(|_| bench.query("SELECT", "items", COUNT_ITEMS));
}

#[test]
fn the_callback_of_an_n_plus_one_says_statement_count_and_table() {
    let bench = Bench::new();
    let mount = bench.mount("UsersSlow", || users_slow(&bench));
    assert_eq!(mount.name, "UsersSlow mount");
    assert_eq!(value_of(&mount, N_PLUS_ONE), Some(&true.into()));
    assert_eq!(value_of(&mount, STATEMENT), Some(&COUNT_ITEMS.into()), "as its spans have it");
    assert_eq!(value_of(&mount, COUNT), Some(&20.into()));
    assert_eq!(value_of(&mount, TABLE), Some(&"items".into()));
    assert_eq!(value_of(&mount, QUERIES), Some(&21.into()));
}

#[test]
fn a_page_of_different_queries_and_a_loop_of_inserts_are_not_flagged() {
    let bench = Bench::new();
    let fast = bench.mount("UsersFast", || {
        bench.query("SELECT", "users", "SELECT 1 FROM users");
        bench.query("SELECT", "users", "SELECT 2 FROM users GROUP BY id");
        (0..2).for_each(|_| bench.query("SELECT", "items", COUNT_ITEMS));
    });
    assert_eq!(value_of(&fast, N_PLUS_ONE), None);
    let inserts = bench.mount("Import", || {
        (0..30).for_each(|_| bench.query("INSERT", "items", "INSERT INTO items VALUES ($1)"));
    });
    assert_eq!(value_of(&inserts, N_PLUS_ONE), None);
    assert_eq!(value_of(&inserts, QUERIES), Some(&30.into()));
    let idle = bench.mount("Idle", || ());
    assert_eq!(value_of(&idle, QUERIES), None);
    assert!(bench.lines.is_empty());
}

#[test]
fn pages_that_run_one_statement_each_are_not_flagged() {
    let bench = Bench::new();
    for _ in 0..10 {
        let mount = bench.mount("User", || bench.query("SELECT", "items", COUNT_ITEMS));
        assert_eq!(value_of(&mount, N_PLUS_ONE), None);
    }
}

#[test]
fn parameters_and_the_lengths_of_lists_do_not_hide_it() {
    let bench = Bench::new();
    let mount = bench.mount("UsersSlow", || {
        for list in ["(1)", "(2, 3)", "($1, $2, $3, $4)"] {
            bench.query("SELECT", "items", &format!("SELECT id FROM items WHERE id IN {list}"));
        }
    });
    assert_eq!(value_of(&mount, COUNT), Some(&3.into()));
    let first = "SELECT id FROM items WHERE id IN (1)";
    assert_eq!(value_of(&mount, STATEMENT), Some(&first.into()), "one that a span has");
}

#[test]
fn a_long_statement_is_the_same_text_on_the_callback_and_on_its_queries() {
    let bench = Bench::new();
    let long = format!("SELECT id FROM items WHERE {}", "id = $1 OR ".repeat(400));
    let mount = bench.mount("UsersSlow", || {
        (0..3).for_each(|_| bench.query("SELECT", "items", &long));
    });
    let spans = bench.spans.get_finished_spans().unwrap();
    let query = value_of(&spans[0], "db.query.text");
    assert!(query.is_some() && value_of(&mount, STATEMENT) == query);
}

#[test]
fn queries_within_a_span_of_the_authors_own_count_for_the_callback() {
    let bench = Bench::new();
    let mount = bench.mount("UsersSlow", || {
        for _ in 0..3 {
            tracing::info_span!("load one").in_scope(|| {
                bench.query("SELECT", "items", COUNT_ITEMS);
            });
        }
    });
    assert_eq!(value_of(&mount, COUNT), Some(&3.into()));
    let spans = bench.spans.get_finished_spans().unwrap();
    let own = spans.iter().filter(|span| span.name == "load one");
    assert!(own.clone().count() == 3 && own.into_iter().all(|s| value_of(s, QUERIES).is_none()));
}

#[test]
fn events_are_flagged_like_mounts() {
    let bench = Bench::new();
    let identity =
        ViewIdentity { view: "UsersSlow", route: "/", view_id: "lv:1", page: PageTrace::NONE };
    with_default(&bench.subscriber, || {
        act_span(&identity, Act::Event("refresh")).in_scope(|| users_slow(&bench));
    });
    assert_eq!(value_of(&bench.last(), COUNT), Some(&20.into()));
}

#[test]
fn the_threshold_is_a_setting() {
    let bench = Bench::with(Settings { n_plus_one_threshold: 30, ..Settings::new("web") });
    let mount = bench.mount("UsersSlow", || users_slow(&bench));
    assert_eq!(value_of(&mount, N_PLUS_ONE), None);
    assert_eq!(value_of(&mount, QUERIES), Some(&21.into()));
}

#[test]
fn one_line_gives_the_advice_and_names_the_trace() {
    let mut bench = Bench::new();
    for _ in 0..100 {
        bench.mount("UsersSlow", || users_slow(&bench));
    }
    let first = bench.spans.get_finished_spans().unwrap().remove(0).span_context.trace_id();
    let line = bench.lines.try_next().unwrap();
    let advice = "UsersSlow mount ran `SELECT count(*) FROM items WHERE items.user_id = ?` \
                  20 times; load them in one query: group by, a join, or a list of ids";
    assert!(line.contains("WARN") && line.contains(advice), "{line}");
    assert!(line.contains(&format!("trace_id={first}")), "{line}");
    assert!(bench.lines.is_empty(), "a busy page floods the log");
    // Another page with the same statement is another finding.
    bench.mount("Other", || users_slow(&bench));
    assert!(bench.lines.try_next().unwrap().contains("Other mount ran"));
}

#[test]
fn every_receiver_sees_the_flag() {
    let (one, two) = (InMemorySpanExporter::default(), InMemorySpanExporter::default());
    let processor =
        |spans: &InMemorySpanExporter| -> Box<dyn opentelemetry_sdk::trace::SpanProcessor> {
            Box::new(SimpleSpanProcessor::new(spans.clone()))
        };
    let extras = Extras { processors: vec![processor(&one), processor(&two)], ..Extras::default() };
    let settings = Settings { log_filter: Default::default(), ..Settings::new("web") };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings, extras).unwrap();
    let tracer = telemetry.provider().unwrap().tracer("domain");
    with_default(&subscriber, || {
        mount_span("UsersSlow").in_scope(|| {
            (0..3).for_each(|_| query(&tracer, "SELECT", "items", COUNT_ITEMS));
        });
    });
    for spans in [one, two] {
        let mount = spans.get_finished_spans().unwrap().pop().unwrap();
        assert_eq!(value_of(&mount, COUNT), Some(&3.into()));
    }
}

#[test]
fn the_detector_knows_callbacks_by_the_runtimes_own_attribute() {
    // The two crates do not know each other, so the key is spelled in both.
    let bench = Bench::new();
    let mount = bench.mount("UsersSlow", || users_slow(&bench));
    assert!(value_of(&mount, attribute::VIEW).is_some());
    assert!(value_of(&mount, N_PLUS_ONE).is_some());
    drop(bench.telemetry);
}

#[test]
fn the_tests_recorder_flags_too() {
    let recorder = recorder();
    let mount = mount_span("Recorded");
    mount.in_scope(|| {
        let tracer = opentelemetry::global::tracer("domain");
        (0..3).for_each(|_| query(&tracer, "SELECT", "items", COUNT_ITEMS));
    });
    let trace_id = TraceId::from_bytes(PageTrace::of(&mount).to_bytes()[..16].try_into().unwrap());
    drop(mount);
    let spans = recorder.trace(trace_id);
    assert_eq!(value_of(spans.last().unwrap(), COUNT), Some(&3.into()));
}
