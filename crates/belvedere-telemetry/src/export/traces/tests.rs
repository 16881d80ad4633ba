//! What waits, what goes, and that it goes as a whole.

use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;

/// The span `number` of a trace; number 1 is its root.
fn span(trace: u64, number: u64) -> SpanData {
    let id = |number: u64| SpanId::from_bytes(number.to_be_bytes());
    let trace = TraceId::from_bytes(u128::from(trace).to_be_bytes());
    let sampled = TraceFlags::SAMPLED;
    SpanData {
        span_context: SpanContext::new(trace, id(number), sampled, false, TraceState::NONE),
        parent_span_id: if number == 1 { SpanId::INVALID } else { id(1) },
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "span".into(),
        start_time: std::time::SystemTime::UNIX_EPOCH,
        end_time: std::time::SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: Default::default(),
    }
}

/// A page: `n_children` queries, then the root.
fn page(traces: &mut Traces, trace: u64, n_children: u64) -> Added {
    let now = Instant::now();
    for number in 2..2 + n_children {
        traces.add(span(trace, number), now);
    }
    traces.add(span(trace, 1), now)
}

fn sizes(traces: &mut Traces, max_spans: usize) -> Vec<usize> {
    std::iter::from_fn(|| traces.take(max_spans)).map(|batch| batch.spans.len()).collect()
}

fn lost(traces: u64, spans: u64, drought: Drought) -> Added {
    Added::Dropped(Dropped { traces, spans }, drought)
}

#[test]
fn a_trace_stands_in_line_when_its_root_ends() {
    let mut traces = Traces::new(100);
    let now = Instant::now();
    assert_eq!(traces.add(span(1, 2), now), Added::Waits);
    assert!(traces.take(100).is_none());
    assert_eq!(traces.add(span(1, 1), now), Added::Ready);
    assert_eq!(traces.take(100).unwrap().spans.len(), 2);
    assert_eq!(traces.add(span(1, 3), now), Added::Ready, "a child that ended late");
}

#[test]
fn batches_hold_whole_traces() {
    let mut traces = Traces::new(100);
    for trace in 1..=5 {
        assert_eq!(page(&mut traces, trace, 2), Added::Ready);
    }
    assert_eq!(page(&mut traces, 6, 19), Added::Ready);
    assert_eq!(sizes(&mut traces, 7), [6, 6, 3, 20]);
}

#[test]
fn without_room_a_whole_trace_goes_and_what_comes_of_it_later() {
    let mut traces = Traces::new(6);
    let now = Instant::now();
    assert_eq!(page(&mut traces, 1, 3), Added::Ready);
    traces.add(span(2, 2), now);
    traces.add(span(2, 3), now);
    assert_eq!(traces.add(span(2, 4), now), lost(1, 3, Drought::Begins));
    assert_eq!(traces.add(span(2, 1), now), lost(0, 1, Drought::GoesOn));
    assert_eq!(page(&mut traces, 3, 1), Added::Ready, "its place is free again");
    assert_eq!(sizes(&mut traces, 100), [6]);
}

#[test]
fn what_is_under_way_takes_room_until_it_is_returned() {
    let mut traces = Traces::new(4);
    page(&mut traces, 1, 3);
    let batch = traces.take(10).unwrap();
    assert_eq!(page(&mut traces, 2, 0), lost(1, 1, Drought::Begins));
    assert_eq!(page(&mut traces, 3, 0), lost(1, 1, Drought::GoesOn));
    assert_eq!(traces.end_drought(), None, "there is no room");
    traces.returned(batch.spans.len(), batch.bytes);
    assert_eq!(traces.end_drought(), Some(Dropped { traces: 2, spans: 2 }));
    assert_eq!(traces.end_drought(), None, "said once");
    assert_eq!(page(&mut traces, 4, 3), Added::Ready);
    assert_eq!((traces.n_held, traces.bytes), (4, 4 * bytes_of(&span(4, 1))));
}

#[test]
fn bytes_are_a_bound_as_well() {
    let mut traces = Traces::new(1000);
    let now = Instant::now();
    let mut large = span(1, 2);
    large.attributes.push(KeyValue::new("db.query.text", "x".repeat(MAX_BYTES)));
    assert_eq!(traces.add(large, now), lost(1, 1, Drought::Begins));
    assert_eq!(page(&mut traces, 2, 1), Added::Ready);
}

#[test]
fn a_trace_whose_root_does_not_come_is_sent_all_the_same() {
    let mut traces = Traces::new(100);
    let now = Instant::now();
    traces.add(span(1, 2), now);
    traces.give_up_waiting(now + PATIENCE / 2);
    assert_eq!((traces.open.len(), traces.n_ready()), (1, 0));
    traces.give_up_waiting(now + PATIENCE);
    assert!(traces.open.is_empty());
    assert_eq!(sizes(&mut traces, 100), [1]);
}

#[test]
fn the_memory_of_fates_is_bounded() {
    let mut traces = Traces::new(1);
    page(&mut traces, 1, 0);
    for trace in 2..20_000 {
        page(&mut traces, trace, 2);
    }
    assert_eq!(traces.fates.known.len(), MAX_FATES);
    assert_eq!(traces.fates.order.len(), MAX_FATES);
}
