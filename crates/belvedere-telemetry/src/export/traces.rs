//! The traces that wait to be exported, each whole or not at all.
//!
//! Spans end before the span around them, so a trace is whole when its root ends: until then its
//! spans wait under its id, then they stand in line together. When there is no room for a span, its
//! whole trace goes, and what still comes of it. So a back end never shows a page with half of its
//! queries.
//!
//! Pure bookkeeping: the clock, the lock and the thread are [`queue`](super::queue)'s.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// Most bytes that wait, near enough: spans of an ordinary page are some 1,500 bytes, so the number
/// of spans is the bound that is met, unless somebody writes whole documents into attributes.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// How long a trace without a root waits for another span. Then what there is of it is sent: its
/// root is a long-running task, or was never recorded here.
const PATIENCE: Duration = Duration::from_secs(60);
/// Traces whose fate is remembered after their root's end, for spans that come later.
const MAX_FATES: usize = 4096;

/// Traces that wait. Those under way to the collector count until they are [`returned`](Self::returned).
#[derive(Debug)]
pub(super) struct Traces {
    max_spans: usize,
    /// Whose root has not ended.
    open: HashMap<TraceId, Open>,
    /// Whole ones, in the order in which they ended.
    ready: VecDeque<Vec<SpanData>>,
    n_ready: usize,
    fates: Fates,
    n_held: usize,
    bytes: usize,
    /// Since there was no room, until there is plenty.
    drought: Option<Dropped>,
}

#[derive(Debug)]
struct Open {
    spans: Vec<SpanData>,
    touched: Instant,
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) traces: u64,
    pub(super) spans: u64,
}

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It waits for its root.
    Waits,
    /// Its trace is whole and stands in line.
    Ready,
    /// There was no room: so much went with it.
    Dropped(Dropped, Drought),
}

/// Whether a loss is the first after a time without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drought {
    Begins,
    GoesOn,
}

/// Spans to be sent, of whole traces.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) spans: Vec<SpanData>,
    /// What they count for, to be given back.
    pub(super) bytes: usize,
}

impl Traces {
    pub(super) fn new(max_spans: usize) -> Self {
        Self {
            max_spans,
            open: HashMap::new(),
            ready: VecDeque::new(),
            n_ready: 0,
            fates: Fates::default(),
            n_held: 0,
            bytes: 0,
            drought: None,
        }
    }

    /// A span has ended.
    pub(super) fn add(&mut self, span: SpanData, now: Instant) -> Added {
        let trace = span.span_context.trace_id();
        let fate = self.fates.of(trace);
        if fate == Some(Fate::Dropped) {
            return self.dropped(Dropped { traces: 0, spans: 1 });
        }
        let bytes = bytes_of(&span);
        if self.n_held >= self.max_spans || self.bytes + bytes > MAX_BYTES {
            return self.drop_trace(trace);
        }
        self.n_held += 1;
        self.bytes += bytes;
        let is_root = span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote;
        if !is_root && fate.is_none() {
            let open = self.open.entry(trace).or_insert(Open { spans: Vec::new(), touched: now });
            open.touched = now;
            open.spans.push(span);
            return Added::Waits;
        }
        let mut spans = self.open.remove(&trace).map(|open| open.spans).unwrap_or_default();
        spans.push(span);
        self.stand_in_line(trace, spans);
        Added::Ready
    }

    /// Spans of whole traces that wait in line.
    pub(super) fn n_ready(&self) -> usize {
        self.n_ready
    }

    /// Spans that take room, those under way included.
    pub(super) fn n_held(&self) -> usize {
        self.n_held
    }

    /// The traces at the head of the line, some `max_spans` together: a trace is never divided.
    pub(super) fn take(&mut self, max_spans: usize) -> Option<Batch> {
        let mut spans = self.ready.pop_front()?;
        while let Some(next) = self.ready.front() {
            if spans.len() + next.len() > max_spans {
                break;
            }
            spans.extend(self.ready.pop_front().into_iter().flatten());
        }
        self.n_ready -= spans.len();
        let bytes = spans.iter().map(bytes_of).sum();
        Some(Batch { spans, bytes })
    }

    /// A batch needs no more room.
    pub(super) fn returned(&mut self, n_spans: usize, bytes: usize) {
        self.n_held = self.n_held.saturating_sub(n_spans);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Ends a drought when there is plenty of room again: what was dropped in it.
    pub(super) fn end_drought(&mut self) -> Option<Dropped> {
        let is_roomy = self.n_held <= self.max_spans / 2 && self.bytes <= MAX_BYTES / 2;
        if is_roomy { self.drought.take() } else { None }
    }

    /// Puts traces in line that nothing was added to for long.
    pub(super) fn give_up_waiting(&mut self, now: Instant) {
        self.put_in_line(|open| now.duration_since(open.touched) >= PATIENCE);
    }

    /// Puts all traces in line, whole or not.
    pub(super) fn put_all_in_line(&mut self) {
        self.put_in_line(|_| true);
    }

    fn put_in_line(&mut self, is_due: impl Fn(&Open) -> bool) {
        let due: Vec<_> = self.open.extract_if(|_, open| is_due(open)).collect();
        for (trace, open) in due {
            self.stand_in_line(trace, open.spans);
        }
    }

    fn stand_in_line(&mut self, trace: TraceId, spans: Vec<SpanData>) {
        self.n_ready += spans.len();
        self.ready.push_back(spans);
        self.fates.set(trace, Fate::Kept);
    }

    fn drop_trace(&mut self, trace: TraceId) -> Added {
        let spans = self.open.remove(&trace).map(|open| open.spans).unwrap_or_default();
        let bytes = spans.iter().map(bytes_of).sum();
        self.n_held -= spans.len();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.fates.set(trace, Fate::Dropped);
        self.dropped(Dropped { traces: 1, spans: spans.len() as u64 + 1 })
    }

    fn dropped(&mut self, dropped: Dropped) -> Added {
        let drought = if self.drought.is_some() { Drought::GoesOn } else { Drought::Begins };
        let total = self.drought.get_or_insert_default();
        total.traces += dropped.traces;
        total.spans += dropped.spans;
        Added::Dropped(dropped, drought)
    }
}

/// What became of the traces that ended a short while ago.
#[derive(Debug, Default)]
struct Fates {
    known: HashMap<TraceId, Fate>,
    /// The keys of `known`, oldest first.
    order: VecDeque<TraceId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Dropped,
}

impl Fates {
    fn of(&self, trace: TraceId) -> Option<Fate> {
        self.known.get(&trace).copied()
    }

    fn set(&mut self, trace: TraceId, fate: Fate) {
        if self.known.insert(trace, fate).is_some() {
            return;
        }
        self.order.push_back(trace);
        if self.order.len() > MAX_FATES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// What a span takes of memory, near enough.
fn bytes_of(span: &SpanData) -> usize {
    let of_events = span.events.iter().map(|event| event.name.len() + of_values(&event.attributes));
    let of_links = span.links.iter().map(|link| size_of_val(link) + of_values(&link.attributes));
    size_of::<SpanData>()
        + span.name.len()
        + of_values(&span.attributes)
        + of_events.sum::<usize>()
        + of_links.sum::<usize>()
}

fn of_values(attributes: &[KeyValue]) -> usize {
    let texts = attributes.iter().map(|attribute| match &attribute.value {
        Value::String(text) => text.as_str().len(),
        _ => 0,
    });
    size_of_val(attributes) + texts.sum::<usize>()
}

#[cfg(test)]
mod tests;
