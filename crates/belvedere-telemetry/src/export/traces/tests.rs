//! What waits, what goes, and that it goes as a whole.

use opentelemetry::trace::{SpanContext, SpanKind, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;

/// The span `number` of a trace; number 1 is its root.
fn span(trace: u64, number: u64) -> SpanData {
    let trace_id = TraceId::from_bytes(u128::from(trace).to_be_bytes());
    let sampled = TraceFlags::SAMPLED;
    SpanData {
        span_context: SpanContext::new(
            trace_id,
            id(trace, number),
            sampled,
            false,
            TraceState::NONE,
        ),
        parent_span_id: if number == 1 { SpanId::INVALID } else { id(trace, 1) },
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

/// The id that [`span`] gives: different in each trace, so that roots are told apart.
fn id(trace: u64, number: u64) -> SpanId {
    SpanId::from_bytes((trace << 32 | number).to_be_bytes())
}

/// The spans of a trace up to number `last` begin, all within the root.
fn begin(traces: &mut Traces, trace: u64, last: u64) {
    let now = Instant::now();
    traces.begin(id(trace, 1), None, now);
    for number in 2..=last {
        traces.begin(id(trace, number), Some(id(trace, 1)), now);
    }
}

/// A page: `n_children` queries, then the root.
fn page(traces: &mut Traces, trace: u64, n_children: u64) -> Added {
    let now = Instant::now();
    traces.begin(id(trace, 1), None, now);
    for number in 2..2 + n_children {
        traces.begin(id(trace, number), Some(id(trace, 1)), now);
        traces.end(span(trace, number), now);
    }
    traces.end(span(trace, 1), now)
}

fn sizes(traces: &mut Traces, max_spans: usize) -> Vec<usize> {
    std::iter::from_fn(|| traces.take(max_spans)).map(|batch| batch.spans.len()).collect()
}

fn lost(traces: u64, spans: u64, drought: Drought) -> Added {
    Added::Dropped(Dropped { traces, spans }, drought)
}

#[test]
fn a_trace_stands_in_line_when_all_of_it_has_ended() {
    let mut traces = Traces::new(100);
    let now = Instant::now();
    begin(&mut traces, 1, 3);
    assert_eq!(traces.end(span(1, 2), now), Added::Waits);
    assert_eq!(traces.end(span(1, 1), now), Added::Waits, "something still runs within it");
    assert!(traces.take(100).is_none());
    assert_eq!(traces.end(span(1, 3), now), Added::Ready);
    assert_eq!(traces.take(100).unwrap().spans.len(), 3);
    assert!(traces.open.is_empty() && traces.begun.is_empty());
}

#[test]
fn a_span_that_ends_long_after_its_root_is_sent_by_itself() {
    let mut traces = Traces::new(100);
    let now = Instant::now();
    begin(&mut traces, 1, 2);
    traces.end(span(1, 1), now);
    traces.give_up_waiting(now + LATE_PATIENCE / 2);
    assert_eq!(traces.n_ready(), 0);
    traces.give_up_waiting(now + LATE_PATIENCE);
    assert_eq!(sizes(&mut traces, 100), [1]);
    assert_eq!(traces.end(span(1, 2), now), Added::Ready);
    assert_eq!(sizes(&mut traces, 100), [1]);
    assert!(traces.open.is_empty() && traces.begun.is_empty());
}

#[test]
fn two_requests_of_one_trace_are_whole_each_by_itself() {
    let mut traces = Traces::new(4);
    let now = Instant::now();
    // Two roots below the caller's span, with the caller's trace id.
    let of_request = |request: u64, number: u64| {
        let mut span = span(request, number);
        let (flags, state) = (TraceFlags::SAMPLED, TraceState::NONE);
        let caller = TraceId::from_bytes([7; 16]);
        span.span_context = SpanContext::new(caller, id(request, number), flags, false, state);
        if number == 1 {
            (span.parent_span_id, span.parent_span_is_remote) = (SpanId::from_bytes([7; 8]), true);
        }
        span
    };
    begin(&mut traces, 1, 3);
    begin(&mut traces, 2, 4);
    traces.end(of_request(1, 2), now);
    traces.end(of_request(2, 2), now);
    traces.end(of_request(1, 3), now);
    assert_eq!(traces.end(of_request(1, 1), now), Added::Ready);
    assert_eq!(traces.n_ready(), 3, "nothing of the other");
    assert_eq!(traces.end(of_request(2, 3), now), lost(1, 2, Drought::Begins { n_unfinished: 1 }));
    assert_eq!(sizes(&mut traces, 100), [3], "the first is whole");
    traces.returned(3, 0);
    assert_eq!(traces.end(of_request(2, 4), now), lost(0, 1, Drought::GoesOn));
    assert_eq!(traces.end(of_request(2, 1), now), lost(0, 1, Drought::GoesOn));
    assert!(traces.take(100).is_none());
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
fn a_batch_ends_at_its_bytes_and_only_a_larger_trace_is_divided() {
    let large = |trace, number, bytes: usize| {
        let mut span = span(trace, number);
        span.attributes.push(KeyValue::new("text", "x".repeat(bytes)));
        span
    };
    let mut traces = Traces::new(1000);
    let now = Instant::now();
    for trace in 1..=4 {
        begin(&mut traces, trace, 1);
        assert!(!traces.is_batch_full(1000));
        traces.end(large(trace, 1, MAX_BATCH_BYTES / 4), now);
    }
    assert!(traces.is_batch_full(1000));
    assert_eq!(sizes(&mut traces, 1000), [3, 1]);

    begin(&mut traces, 5, 6);
    for number in [2, 3, 4, 5, 6, 1] {
        traces.end(large(5, number, MAX_BATCH_BYTES / 3), now);
    }
    let mut batch = traces.take(1).unwrap();
    let (mut requests, total) = (Vec::new(), batch.bytes);
    let mut bytes = 0;
    while !batch.spans.is_empty() {
        let rest = batch.split_off_rest();
        requests.push(batch.spans.len());
        bytes += batch.bytes;
        batch = rest;
    }
    assert_eq!((&requests[..], bytes), (&[2, 2, 2][..], total));

    let larger_than_any = span_of_bytes(MAX_BATCH_BYTES + 1);
    let bytes = bytes_of(&larger_than_any);
    let mut batch = Batch { spans: vec![larger_than_any], bytes };
    assert_eq!(batch.split_off_rest().spans.len(), 0, "it is sent all the same");
    assert_eq!(batch.spans.len(), 1);
}

fn span_of_bytes(bytes: usize) -> SpanData {
    let mut span = span(9, 1);
    span.attributes.push(KeyValue::new("text", "x".repeat(bytes)));
    span
}

#[test]
fn without_room_a_whole_trace_goes_and_what_comes_of_it_later() {
    let mut traces = Traces::new(6);
    let now = Instant::now();
    assert_eq!(page(&mut traces, 1, 3), Added::Ready);
    begin(&mut traces, 2, 5);
    traces.end(span(2, 2), now);
    traces.end(span(2, 3), now);
    let begins = Drought::Begins { n_unfinished: 2 };
    assert_eq!(traces.end(span(2, 4), now), lost(1, 3, begins));
    assert_eq!(traces.end(span(2, 5), now), lost(0, 1, Drought::GoesOn));
    assert_eq!(page(&mut traces, 3, 1), Added::Ready, "its place is free again");
    assert_eq!(sizes(&mut traces, 100), [6]);
    traces.returned(6, 0);
    // However much comes in between.
    for trace in 10..10_000 {
        assert_eq!(page(&mut traces, trace, 1), Added::Ready);
        traces.take(100);
        traces.returned(2, 0);
    }
    assert_eq!(traces.end(span(2, 1), now), lost(0, 1, Drought::GoesOn));
    assert!(traces.take(100).is_none());
    assert!(traces.open.is_empty() && traces.begun.is_empty(), "nothing is remembered for ever");
}

#[test]
fn what_is_under_way_takes_room_until_it_is_returned() {
    let mut traces = Traces::new(4);
    page(&mut traces, 1, 3);
    let batch = traces.take(10).unwrap();
    assert_eq!(page(&mut traces, 2, 0), lost(1, 1, Drought::Begins { n_unfinished: 0 }));
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
    begin(&mut traces, 1, 2);
    let mut large = span(1, 2);
    large.attributes.push(KeyValue::new("db.query.text", "x".repeat(MAX_BYTES)));
    assert_eq!(traces.end(large, now), lost(1, 1, Drought::Begins { n_unfinished: 0 }));
    assert_eq!(page(&mut traces, 2, 1), Added::Ready);
}

#[test]
fn a_trace_whose_root_does_not_come_is_sent_all_the_same() {
    let mut traces = Traces::new(100);
    let now = Instant::now();
    begin(&mut traces, 1, 3);
    traces.end(span(1, 2), now);
    traces.give_up_waiting(now + PATIENCE / 2);
    assert_eq!(traces.n_ready(), 0);
    traces.give_up_waiting(now + PATIENCE);
    assert_eq!(sizes(&mut traces, 100), [1]);
    assert_eq!(traces.end(span(1, 3), now), Added::Ready, "what comes later is sent by itself");
}
