//! What is kept, in which bounds, and what is found again.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Link, SpanContext, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::{
    Direction, SpanId, SpanKind, StoreLimits, TraceFilter, TraceId, TraceStore, attribute,
};

/// A span of trace `trace` with id `id` below `parent` (0: a root), `from..to` in milliseconds.
fn span(trace: u8, id: u8, parent: u8, name: &'static str, (from, to): (u64, u64)) -> SpanData {
    let at = |ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
    SpanData {
        span_context: context(trace, id),
        parent_span_id: SpanId::from_bytes([0, 0, 0, 0, 0, 0, 0, parent]),
        parent_span_is_remote: false,
        span_kind: if parent == 0 { SpanKind::Server } else { SpanKind::Internal },
        name: Cow::Borrowed(name),
        start_time: at(from),
        end_time: at(to),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn context(trace: u8, id: u8) -> SpanContext {
    let (trace_id, span_id) = (trace_id(trace), SpanId::from_bytes([0, 0, 0, 0, 0, 0, 0, id]));
    SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::default())
}

fn trace_id(trace: u8) -> TraceId {
    TraceId::from_bytes([trace; 16])
}

fn with(mut span: SpanData, attributes: &[(&'static str, &'static str)]) -> SpanData {
    span.attributes.extend(attributes.iter().map(|(key, value)| KeyValue::new(*key, *value)));
    span
}

fn page(trace: u8, route: &'static str) -> SpanData {
    with(span(trace, 1, 0, "GET", (0, 10)), &[(attribute::HTTP_ROUTE, route)])
}

fn store(limits: StoreLimits) -> TraceStore {
    TraceStore::new(limits)
}

fn listed(store: &TraceStore, filter: &TraceFilter) -> Vec<u8> {
    store.list(filter, 100).iter().map(|trace| trace.id.to_bytes()[0]).collect()
}

fn all(store: &TraceStore) -> Vec<u8> {
    listed(store, &TraceFilter::default())
}

#[test]
fn the_newest_traces_are_kept_and_listed_first() {
    let store = store(StoreLimits { max_traces: 3, ..StoreLimits::default() });
    for trace in 1..=5 {
        store.on_end(page(trace, "/"));
    }
    assert_eq!(all(&store), [5, 4, 3]);
    assert_eq!(store.list(&TraceFilter::default(), 2).len(), 2);
    assert!(store.trace(trace_id(1)).is_none());
}

#[test]
fn a_trace_that_is_not_complete_yet_outlives_those_that_are() {
    let store = store(StoreLimits { max_traces: 4, ..StoreLimits::default() });
    store.on_end(span(1, 2, 1, "first query", (1, 2)));
    for trace in 2..=9 {
        store.on_end(page(trace, "/"));
    }
    store.on_end(span(1, 3, 1, "last query", (8, 9)));
    store.on_end(page(1, "/users-slow"));
    assert_eq!(all(&store), [9, 8, 7, 1]);
    assert_eq!(store.trace(trace_id(1)).expect("kept").summary.n_spans, 3);
    store.on_end(page(10, "/"));
    assert_eq!(all(&store), [10, 9, 8, 7], "now it is the oldest");
}

#[test]
fn of_a_trace_that_is_gone_no_rest_is_shown() {
    let store = store(StoreLimits { max_traces: 4, ..StoreLimits::default() });
    for trace in 1..=7 {
        store.on_end(span(trace, 2, 1, "query", (1, 2)));
    }
    for trace in 1..=7 {
        store.on_end(page(trace, "/"));
    }
    assert_eq!(all(&store), [7, 6, 5, 4]);
    store.on_end(page(8, "/"));
    store.on_end(span(4, 3, 1, "late", (11, 12)));
    assert!(store.trace(trace_id(4)).is_none());
    assert_eq!((all(&store), store.usage().0), (vec![8, 7, 6, 5], 4));
}

#[test]
fn bytes_are_bounded() {
    let max_bytes = 20_000;
    let store = store(StoreLimits { max_bytes, ..StoreLimits::default() });
    let long: &'static str = Box::leak("x".repeat(100_000).into_boxed_str());
    for trace in 1..=50 {
        store.on_end(with(page(trace, "/"), &[(attribute::DB_QUERY_TEXT, long)]));
    }
    let (n_traces, bytes) = store.usage();
    assert!(bytes <= max_bytes && bytes > max_bytes / 2, "{bytes}");
    assert_eq!(all(&store).len(), n_traces);
    assert_eq!(all(&store)[0], 50);
    for trace in 51..=60 {
        store.on_end(page(trace, "/"));
    }
    assert!(store.usage().1 <= max_bytes);
}

#[test]
fn spans_beyond_the_limit_are_counted_and_the_root_is_kept() {
    let store = store(StoreLimits { max_spans_per_trace: 3, ..StoreLimits::default() });
    for id in 2..=10 {
        store.on_end(span(1, id, 1, "child", (1, 2)));
    }
    store.on_end(page(1, "/"));
    let trace = store.trace(trace_id(1)).expect("kept");
    assert_eq!((trace.summary.n_spans, trace.summary.n_spans_dropped), (4, 6));
    assert_eq!(trace.spans[0].span.name.as_ref(), "GET");
}

#[test]
fn a_trace_is_listed_when_its_root_has_ended() {
    let store = store(StoreLimits::default());
    let changes = store.subscribe();
    store.on_end(span(1, 2, 1, "mount", (1, 2)));
    assert!(all(&store).is_empty());
    assert!(!changes.has_changed().expect("the store lives"));
    store.on_end(page(1, "/"));
    assert_eq!(all(&store), [1]);
    assert!(changes.has_changed().expect("the store lives"));
}

#[test]
fn a_trace_that_began_elsewhere_has_a_root_here() {
    let store = store(StoreLimits::default());
    let mut root = span(1, 2, 9, "GET", (0, 1));
    root.parent_span_is_remote = true;
    store.on_end(root);
    assert_eq!(all(&store), [1]);
}

#[test]
fn only_listed_attributes_are_kept() {
    let store = store(StoreLimits::default());
    let secrets = [("url.query", "token=1"), ("user_agent.original", "x"), ("form.name", "Ann")];
    store.on_end(with(page(1, "/users/{id}"), &secrets));
    let trace = store.trace(trace_id(1)).expect("kept");
    let root = &trace.spans[0].span;
    assert_eq!(root.text(attribute::HTTP_ROUTE), Some("/users/{id}"));
    assert!(secrets.iter().all(|(key, _)| root.text(key).is_none()));
    assert!(!format!("{root:?}").contains("token=1"));
}

#[test]
fn the_inspectors_own_traffic_is_not_kept() {
    let own = StoreLimits { ignored_path: Some("/inspector"), ..StoreLimits::default() };
    let store = store(own);
    let changes = store.subscribe();
    for (trace, route) in [(1, "/inspector"), (2, "/inspector/trace/{id}"), (3, "/inspectors")] {
        store.on_end(span(trace, 2, 1, "render", (1, 2)));
        store.on_end(page(trace, route));
    }
    let unknown = with(span(4, 1, 0, "GET", (0, 1)), &[(attribute::URL_PATH, "/inspector/x")]);
    store.on_end(unknown);
    assert_eq!(all(&store), [3]);
    assert_eq!(store.usage().0, 1);
    assert_eq!(*changes.borrow(), 1, "nobody is told of what is not shown");
}

#[test]
fn a_summary_counts_queries_bytes_and_the_worst_statement() {
    let store = store(StoreLimits::default());
    for id in 3..6 {
        let mut query = with(
            span(1, id, 2, "SELECT users", (u64::from(id), u64::from(id) + 2)),
            &[(attribute::DB_QUERY_TEXT, "SELECT 1")],
        );
        query.span_kind = SpanKind::Client;
        store.on_end(query);
    }
    let mut mount = with(
        span(1, 2, 1, "UsersSlow mount", (1, 9)),
        &[(attribute::VIEW, "UsersSlow"), (attribute::N_PLUS_ONE_STATEMENT, "SELECT 1")],
    );
    mount.attributes.push(KeyValue::new(attribute::N_PLUS_ONE, true));
    mount.attributes.push(KeyValue::new(attribute::N_PLUS_ONE_COUNT, 3_i64));
    mount.attributes.push(KeyValue::new(attribute::DIFF_BYTES, 500_i64));
    store.on_end(mount);
    store.on_end(page(1, "/users-slow"));
    let summary = &store.list(&TraceFilter::default(), 1)[0];
    assert_eq!((summary.n_queries, summary.query_time.as_millis()), (3, 6));
    assert_eq!(summary.rendered_bytes, 500);
    assert_eq!(summary.view.as_deref(), Some("UsersSlow"));
    let worst = summary.n_plus_one.as_ref().expect("flagged");
    assert_eq!((worst.count, &*worst.statement), (3, "SELECT 1"));
}

#[test]
fn filters_narrow_the_list() {
    let store = store(StoreLimits::default());
    store.on_end(page(1, "/"));
    let mut slow = with(page(2, "/users-slow"), &[(attribute::VIEW, "UsersSlow")]);
    slow.end_time += Duration::from_millis(90);
    store.on_end(slow);
    let mut failed = page(3, "/users-fast");
    failed.status = Status::error("no connection");
    store.on_end(failed);
    let check =
        |filter: TraceFilter, expected: &[u8]| assert_eq!(listed(&store, &filter), expected);
    let filter = TraceFilter::default;
    check(filter(), &[3, 2, 1]);
    check(TraceFilter { route: Some("/".into()), ..filter() }, &[1]);
    check(TraceFilter { view: Some("UsersSlow".into()), ..filter() }, &[2]);
    check(TraceFilter { min_duration: Duration::from_millis(50), ..filter() }, &[2]);
    check(TraceFilter { only_errors: true, ..filter() }, &[3]);
    check(TraceFilter { only_n_plus_one: true, ..filter() }, &[]);
    let facets = store.facets();
    assert_eq!(facets.routes, ["/", "/users-fast", "/users-slow"].map(Box::from));
    assert_eq!(facets.views, ["UsersSlow"].map(Box::from));
}

#[test]
fn spans_stand_below_their_parents_in_the_order_they_began() {
    let store = store(StoreLimits::default());
    store.on_end(span(1, 4, 2, "second query", (4, 5)));
    store.on_end(span(1, 3, 2, "first query", (2, 3)));
    store.on_end(span(1, 2, 1, "mount", (1, 6)));
    store.on_end(span(1, 5, 1, "render", (7, 8)));
    store.on_end(span(1, 6, 77, "orphan", (9, 9)));
    store.on_end(page(1, "/"));
    let trace = store.trace(trace_id(1)).expect("kept");
    let rows: Vec<_> = trace.spans.iter().map(|row| (row.depth, row.span.name.as_ref())).collect();
    let expected =
        [(0, "GET"), (1, "mount"), (2, "first query"), (2, "second query"), (1, "render")];
    assert_eq!(rows[..5], expected);
    assert_eq!(rows[5], (0, "orphan"));
}

#[test]
fn a_ring_of_parents_ends() {
    let store = store(StoreLimits::default());
    store.on_end(span(1, 2, 3, "a", (0, 1)));
    store.on_end(span(1, 3, 2, "b", (0, 1)));
    store.on_end(span(1, 4, 4, "own parent", (0, 1)));
    store.on_end(page(1, "/"));
    assert_eq!(store.trace(trace_id(1)).expect("kept").spans.len(), 2);
}

#[test]
fn links_are_found_from_both_ends() {
    let store = store(StoreLimits::default());
    store.on_end(page(1, "/"));
    let mut join = span(2, 1, 0, "UsersSlow join", (20, 30));
    let page_link = vec![KeyValue::new(attribute::LINK, "page")];
    join.links.links.push(Link::new(context(1, 1), page_link, 0));
    join.links.links.push(Link::new(context(9, 1), Vec::new(), 0));
    store.on_end(join);

    let links = |trace| store.trace(trace_id(trace)).expect("kept").links;
    let [incoming] = &links(1)[..] else { panic!("one link") };
    assert_eq!((incoming.direction, incoming.trace_id), (Direction::Incoming, trace_id(2)));
    assert_eq!(incoming.summary.as_ref().expect("kept").name.as_ref(), "UsersSlow join");
    let join_links = links(2);
    assert_eq!(join_links.len(), 2);
    let to_page = join_links.iter().find(|link| link.trace_id == trace_id(1)).expect("linked");
    assert_eq!(
        (to_page.direction, to_page.meaning.as_deref()),
        (Direction::Outgoing, Some("page"))
    );
    let elsewhere = join_links.iter().find(|link| link.trace_id == trace_id(9)).expect("linked");
    assert!(elsewhere.summary.is_none());
}

#[test]
fn the_newest_page_of_a_route_is_no_later_act() {
    let store = store(StoreLimits::default());
    store.on_end(page(1, "/users-slow"));
    store.on_end(page(2, "/users-slow"));
    let mut act = page(3, "/users-slow");
    act.span_kind = SpanKind::Internal;
    store.on_end(act);
    assert_eq!(store.newest_page("/users-slow").expect("kept").summary.id, trace_id(2));
    assert!(store.newest_page("/nowhere").is_none());
}

#[test]
fn keys_are_the_runtimes() {
    use belvedere::telemetry::attribute as runtime;
    let pairs = [
        (attribute::VIEW, runtime::VIEW),
        (attribute::EVENT, runtime::EVENT),
        (attribute::ADOPTED, runtime::ADOPTED),
        (attribute::TRANSPORT, runtime::TRANSPORT),
        (attribute::DIFF_BYTES, runtime::DIFF_BYTES),
        (attribute::HOLES_CHANGED, runtime::HOLES_CHANGED),
        (attribute::LINK, runtime::LINK),
        (attribute::OUTCOME, runtime::OUTCOME),
        (attribute::HTTP_ROUTE, runtime::HTTP_ROUTE),
        (attribute::HTTP_REQUEST_METHOD, runtime::HTTP_REQUEST_METHOD),
        (attribute::HTTP_RESPONSE_STATUS_CODE, runtime::HTTP_RESPONSE_STATUS_CODE),
        (attribute::URL_PATH, runtime::URL_PATH),
        (attribute::ERROR_TYPE, runtime::ERROR_TYPE),
    ];
    for (own, runtime) in pairs {
        assert_eq!(own, runtime);
    }
}
