//! The traces that wait to be exported, each whole or not at all.
//!
//! Spans end before the span around them, so a trace is whole when its root and all that began within
//! it have ended: until then its spans wait, then they stand in line together. When there is no room
//! for a span, its whole trace goes, and what still comes of it. So a back end never shows a page with
//! half of its queries.
//!
//! A trace is here what one root of this process began, told from others by that root: two requests of
//! one caller share a trace id, and each is whole by itself. What became of a trace is known until
//! the last of its spans has ended, however long that takes and whatever comes in between. A span that
//! begins when its parent has ended already is a trace by itself.
//!
//! Pure bookkeeping: the clock, the lock and the thread are [`queue`](super::queue)'s.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use opentelemetry::trace::{SpanId, Status};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// Most bytes that wait, near enough: spans of an ordinary page are some 1,500 bytes, so the number
/// of spans is the bound that is met, unless somebody writes whole documents into attributes.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most bytes of a batch, near enough and rather too many than too few: over gRPC collectors take
/// 4 MiB unless they are told otherwise.
pub(super) const MAX_BATCH_BYTES: usize = 3 * 1024 * 1024;
/// How long a trace without a root waits for another span. Then what there is of it is sent: its
/// root is a long-running task.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a trace whose root has ended waits for another span: somebody may be looking for it.
const LATE_PATIENCE: Duration = Duration::from_secs(5);

/// Traces that wait. Those under way to the collector count until they are [`returned`](Self::returned).
#[derive(Debug)]
pub(super) struct Traces {
    max_spans: usize,
    /// The root of each span that has begun and not ended. No bound of its own: whoever keeps a span
    /// open keeps far more than this entry.
    begun: HashMap<SpanId, SpanId>,
    /// By their roots, those of which a span has not ended.
    open: HashMap<SpanId, Open>,
    /// Spans in `open`.
    n_unfinished: usize,
    /// Whole ones, in the order in which they ended.
    ready: VecDeque<Batch>,
    n_ready: usize,
    ready_bytes: usize,
    n_held: usize,
    bytes: usize,
    /// Since there was no room, until there is plenty.
    drought: Option<Dropped>,
}

#[derive(Debug)]
struct Open {
    /// Spans that have begun and not ended.
    n_begun: usize,
    has_root_ended: bool,
    touched: Instant,
    fate: Fate,
}

/// What became of the spans of a trace so far, and becomes of those that come.
#[derive(Debug)]
enum Fate {
    Waits(Batch),
    /// They were sent before the trace was whole.
    Sent,
    Dropped,
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
    Begins {
        /// Spans that took room and were of traces still unfinished, those dropped included.
        n_unfinished: usize,
    },
    GoesOn,
}

/// Spans of a trace, or of several that are sent together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) spans: Vec<SpanData>,
    /// What they count for, to be given back.
    pub(super) bytes: usize,
}

impl Traces {
    pub(super) fn new(max_spans: usize) -> Self {
        Self {
            max_spans,
            begun: HashMap::new(),
            open: HashMap::new(),
            n_unfinished: 0,
            ready: VecDeque::new(),
            n_ready: 0,
            ready_bytes: 0,
            n_held: 0,
            bytes: 0,
            drought: None,
        }
    }

    /// A span has begun; `parent` is the span of this process that it began in.
    pub(super) fn begin(&mut self, span: SpanId, parent: Option<SpanId>, now: Instant) {
        let around = parent.and_then(|parent| self.begun.get(&parent).copied());
        let root = around.unwrap_or(span);
        self.begun.insert(span, root);
        self.open.entry(root).or_insert_with(|| Open::new(now)).n_begun += 1;
    }

    /// A span has ended.
    pub(super) fn end(&mut self, span: SpanData, now: Instant) -> Added {
        let id = span.span_context.span_id();
        let root = self.begun.remove(&id).unwrap_or(id);
        let mut open = self.open.remove(&root).unwrap_or_else(|| Open::new(now));
        open.n_begun = open.n_begun.saturating_sub(1);
        open.has_root_ended |= root == id;
        open.touched = now;
        let added = self.add(span, &mut open);
        if open.n_begun > 0 {
            self.open.insert(root, open);
        }
        added
    }

    fn add(&mut self, span: SpanData, trace: &mut Open) -> Added {
        if matches!(trace.fate, Fate::Dropped) {
            return self.dropped(Dropped { traces: 0, spans: 1 }, 0);
        }
        let bytes = bytes_of(&span);
        if self.n_held >= self.max_spans || self.bytes + bytes > MAX_BYTES {
            return self.drop_trace(trace);
        }
        self.n_held += 1;
        self.bytes += bytes;
        self.n_unfinished += 1;
        match &mut trace.fate {
            Fate::Waits(batch) => {
                batch.push(span, bytes);
                if trace.n_begun > 0 {
                    return Added::Waits;
                }
                let whole = std::mem::take(batch);
                self.stand_in_line(whole);
            }
            Fate::Sent | Fate::Dropped => {
                self.stand_in_line(Batch { spans: vec![span], bytes });
            }
        }
        Added::Ready
    }

    /// Spans of whole traces that wait in line.
    pub(super) fn n_ready(&self) -> usize {
        self.n_ready
    }

    /// Whether as much stands in line as a batch of `max_spans` holds.
    pub(super) fn is_batch_full(&self, max_spans: usize) -> bool {
        self.n_ready >= max_spans || self.ready_bytes >= MAX_BATCH_BYTES
    }

    /// Spans that take room, those under way included.
    pub(super) fn n_held(&self) -> usize {
        self.n_held
    }

    /// The traces at the head of the line, some `max_spans` and [`MAX_BATCH_BYTES`] together: a trace
    /// is never divided, so one that is larger comes alone.
    pub(super) fn take(&mut self, max_spans: usize) -> Option<Batch> {
        let mut batch = self.ready.pop_front()?;
        while let Some(next) = self.ready.front() {
            if batch.spans.len() + next.spans.len() > max_spans
                || batch.bytes + next.bytes > MAX_BATCH_BYTES
            {
                break;
            }
            let next = self.ready.pop_front().unwrap_or_default();
            batch.spans.extend(next.spans);
            batch.bytes += next.bytes;
        }
        self.n_ready -= batch.spans.len();
        self.ready_bytes -= batch.bytes;
        Some(batch)
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
        self.put_in_line(|open| {
            let patience = if open.has_root_ended { LATE_PATIENCE } else { PATIENCE };
            now.duration_since(open.touched) >= patience
        });
    }

    /// Puts all traces in line, whole or not.
    pub(super) fn put_all_in_line(&mut self) {
        self.put_in_line(|_| true);
    }

    fn put_in_line(&mut self, is_due: impl Fn(&Open) -> bool) {
        let due = self.open.values_mut().filter(|open| is_due(open)).filter_map(Open::send);
        for part in due.collect::<Vec<_>>() {
            self.stand_in_line(part);
        }
    }

    fn stand_in_line(&mut self, spans: Batch) {
        self.n_unfinished -= spans.spans.len();
        self.n_ready += spans.spans.len();
        self.ready_bytes += spans.bytes;
        self.ready.push_back(spans);
    }

    fn drop_trace(&mut self, trace: &mut Open) -> Added {
        let n_unfinished = self.n_unfinished;
        let waited = match std::mem::replace(&mut trace.fate, Fate::Dropped) {
            Fate::Waits(batch) => batch,
            Fate::Sent | Fate::Dropped => Batch::default(),
        };
        self.n_unfinished -= waited.spans.len();
        self.returned(waited.spans.len(), waited.bytes);
        let dropped = Dropped { traces: 1, spans: waited.spans.len() as u64 + 1 };
        self.dropped(dropped, n_unfinished)
    }

    fn dropped(&mut self, dropped: Dropped, n_unfinished: usize) -> Added {
        let goes_on = self.drought.is_some();
        let drought = if goes_on { Drought::GoesOn } else { Drought::Begins { n_unfinished } };
        let total = self.drought.get_or_insert_default();
        total.traces += dropped.traces;
        total.spans += dropped.spans;
        Added::Dropped(dropped, drought)
    }
}

impl Open {
    fn new(now: Instant) -> Self {
        Self {
            n_begun: 0,
            has_root_ended: false,
            touched: now,
            fate: Fate::Waits(Batch::default()),
        }
    }

    /// What waits is to be sent as it is, and what comes later by itself.
    fn send(&mut self) -> Option<Batch> {
        match &mut self.fate {
            Fate::Waits(batch) if !batch.spans.is_empty() => {
                let part = std::mem::take(batch);
                self.fate = Fate::Sent;
                Some(part)
            }
            Fate::Waits(_) | Fate::Sent | Fate::Dropped => None,
        }
    }
}

impl Batch {
    fn push(&mut self, span: SpanData, bytes: usize) {
        self.spans.push(span);
        self.bytes += bytes;
    }

    /// Leaves as much as one request of [`MAX_BATCH_BYTES`] has room for, one span at least; the rest.
    pub(super) fn split_off_rest(&mut self) -> Self {
        if self.bytes <= MAX_BATCH_BYTES {
            return Self::default();
        }
        let mut bytes = 0;
        let fitting = self.spans.iter().take_while(|span| {
            bytes += bytes_of(span);
            bytes <= MAX_BATCH_BYTES
        });
        let n_fitting = fitting.count().max(1).min(self.spans.len());
        let rest = self.spans.split_off(n_fitting);
        let rest = Self { bytes: rest.iter().map(bytes_of).sum(), spans: rest };
        self.bytes -= rest.bytes;
        rest
    }
}

/// What a span takes of memory, near enough; on its way to the collector it takes no more.
fn bytes_of(span: &SpanData) -> usize {
    let of_events = span
        .events
        .iter()
        .map(|event| size_of_val(event) + event.name.len() + of_values(&event.attributes));
    let of_links = span.links.iter().map(|link| size_of_val(link) + of_values(&link.attributes));
    let of_status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    size_of::<SpanData>()
        + span.name.len()
        + of_status
        + of_values(&span.attributes)
        + of_events.sum::<usize>()
        + of_links.sum::<usize>()
}

fn of_values(attributes: &[KeyValue]) -> usize {
    let texts = attributes.iter().map(|attribute| {
        let of_value = match &attribute.value {
            Value::String(text) => text.as_str().len(),
            Value::Array(array) => of_array(array),
            _ => 0,
        };
        attribute.key.as_str().len() + of_value
    });
    size_of_val(attributes) + texts.sum::<usize>()
}

fn of_array(array: &Array) -> usize {
    /// Of an element, beside its text.
    const ELEMENT: usize = 24;
    match array {
        Array::Bool(values) => ELEMENT * values.len(),
        Array::I64(values) => ELEMENT * values.len(),
        Array::F64(values) => ELEMENT * values.len(),
        Array::String(texts) => texts.iter().map(|text| ELEMENT + text.as_str().len()).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
