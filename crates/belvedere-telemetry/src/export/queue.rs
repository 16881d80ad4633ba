//! A bounded queue of traces and the thread that empties it.
//!
//! The SDK's batch processor is not used: it drops single spans when it is full, cuts batches through
//! traces, and tells nobody but a log that is off. Spans are taken under one short lock, in the
//! thread that ends them; the exporting thread waits for [`Batch::delay`], a full batch or a flush,
//! and blocks while a batch is under way, as one at a time is what the specification asks.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanId, TraceContextExt};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::DeliveryState;
use super::exporter::{Exporter, Sent};
use super::traces::{self, Added, Dropped, Drought, Traces};
use crate::settings::Batch;

/// How often traces are looked through for those whose root does not come.
const SWEEP: Duration = Duration::from_secs(10);

/// The span processor in front of an [`Exporter`].
#[derive(Debug)]
pub(super) struct Queue {
    shared: Arc<Shared>,
    /// Longest that a flush waits: as long as a batch may take, and a little.
    flush_timeout: Duration,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Told of whatever the exporting thread or somebody who flushes may wait for.
    changed: Condvar,
    batch: Batch,
    delivery: Arc<DeliveryState>,
}

#[derive(Debug)]
struct State {
    traces: Traces,
    /// When the first trace of the line came.
    waiting_since: Option<Instant>,
    /// Traces put in line so far, in spans, and those of them that are dealt with.
    queued: u64,
    dealt_with: u64,
    /// Batches that were lost.
    failures: u64,
    /// How many wait for the line to be empty.
    flushes: usize,
    /// When traces were last looked through for those whose root does not come.
    swept: Instant,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// Nothing is taken any more, and what waits is sent.
    Closing,
    /// The exporting thread has ended.
    Ended,
}

impl Queue {
    /// Starts the thread that hands whole traces to `exporter`.
    pub(super) fn start(exporter: Exporter, batch: Batch) -> std::io::Result<Self> {
        let flush_timeout = exporter.timeout + Duration::from_secs(1);
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                traces: Traces::new(batch.max_queue_spans),
                waiting_since: None,
                queued: 0,
                dealt_with: 0,
                failures: 0,
                flushes: 0,
                swept: Instant::now(),
                stage: Stage::Open,
            }),
            changed: Condvar::new(),
            batch,
            delivery: Arc::clone(&exporter.state),
        });
        let own = Arc::clone(&shared);
        let run = move || own.run(&exporter);
        std::thread::Builder::new().name("telemetry-export".to_owned()).spawn(run)?;
        Ok(Self { shared, flush_timeout })
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        let own = span.span_context();
        if own.is_sampled() {
            let around = context.span();
            let parent = around.span_context();
            let is_local = parent.is_valid() && !parent.is_remote();
            self.shared.begin(own.span_id(), is_local.then(|| parent.span_id()));
        }
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.shared.end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        let mut state = self.shared.lock();
        if state.stage != Stage::Open {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        state.put_all_in_line();
        let (goal, failures) = (state.queued, state.failures);
        state.flushes += 1;
        self.shared.changed.notify_all();
        let is_done = |state: &State| state.dealt_with >= goal || state.stage == Stage::Ended;
        let (mut state, is_in_time) = self.shared.wait(state, self.flush_timeout, is_done);
        state.flushes -= 1;
        match (is_in_time, state.failures == failures) {
            (false, _) => Err(OTelSdkError::Timeout(self.flush_timeout)),
            (true, false) => Err(OTelSdkError::InternalFailure("a batch was lost".to_owned())),
            (true, true) => Ok(()),
        }
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let mut state = self.shared.lock();
        if state.stage == Stage::Open {
            state.stage = Stage::Closing;
            state.put_all_in_line();
            self.shared.changed.notify_all();
        }
        let (_state, is_in_time) =
            self.shared.wait(state, timeout, |state| state.stage == Stage::Ended);
        if is_in_time { Ok(()) } else { Err(OTelSdkError::Timeout(timeout)) }
    }

    /// The exporter was given its resource before it was handed in.
    fn set_resource(&mut self, _resource: &Resource) {}
}

impl Drop for Queue {
    /// A thread that nobody can hand anything has no reason to stay.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if state.stage == Stage::Open {
            state.stage = Stage::Closing;
            state.put_all_in_line();
            self.shared.changed.notify_all();
        }
    }
}

impl Shared {
    fn begin(&self, span: SpanId, parent: Option<SpanId>) {
        let now = Instant::now();
        let mut state = self.lock();
        if state.stage == Stage::Open {
            state.traces.begin(span, parent, now);
        }
    }

    fn end(&self, span: SpanData) {
        let now = Instant::now();
        let (added, is_due) = {
            let mut state = self.lock();
            if state.stage != Stage::Open {
                return;
            }
            let max_batch = self.batch.max_batch_spans;
            let before = state.traces.n_ready();
            let was_full = state.traces.is_batch_full(max_batch);
            let added = state.traces.end(span, now);
            let after = state.traces.n_ready();
            self.delivery.set_waiting(state.traces.n_held());
            state.queued += (after - before) as u64;
            let is_first = added == Added::Ready && state.waiting_since.is_none();
            if is_first {
                state.waiting_since = Some(now);
            }
            (added, is_first || !was_full && state.traces.is_batch_full(max_batch))
        };
        if is_due {
            self.changed.notify_all();
        }
        if let Added::Dropped(dropped, drought) = added {
            self.dropped(dropped, drought);
        }
    }

    fn dropped(&self, dropped: Dropped, drought: Drought) {
        self.delivery.overflowed(dropped.traces, dropped.spans);
        let Drought::Begins { n_unfinished } = drought else { return };
        let max_spans = self.batch.max_queue_spans;
        self.delivery.report(|| {
            if n_unfinished > max_spans / 2 {
                tracing::warn!(
                    max_spans,
                    unfinished_spans = n_unfinished,
                    "traces are dropped, each as a whole: most spans that wait are of traces \
                     that have not ended, so the collector is not the cause; let more wait \
                     (OTEL_BSP_MAX_QUEUE_SIZE), make shorter traces, or record fewer \
                     (OTEL_TRACES_SAMPLER)"
                );
            } else {
                tracing::warn!(
                    max_spans,
                    unfinished_spans = n_unfinished,
                    "traces are dropped, each as a whole: as many spans as may wait are waiting \
                     for the collector; look at the collector, let more wait \
                     (OTEL_BSP_MAX_QUEUE_SIZE) or record fewer (OTEL_TRACES_SAMPLER)"
                );
            }
        });
    }

    /// Exports until the queue is closed and empty.
    fn run(&self, exporter: &Exporter) {
        while let Some(batch) = self.next_batch() {
            let (n_spans, bytes) = (batch.spans.len(), batch.bytes);
            let outcome = exporter.deliver(batch);
            let (ended_drought, is_open) = {
                let mut state = self.lock();
                state.dealt_with += n_spans as u64;
                state.failures += u64::from(outcome != Sent::Whole);
                state.traces.returned(n_spans, bytes);
                self.delivery.set_waiting(state.traces.n_held());
                // A collector that is away makes room as well, by losing what it was sent.
                let is_away = outcome == Sent::InVain;
                let has_room = if is_away { None } else { state.traces.end_drought() };
                (has_room, state.stage == Stage::Open)
            };
            self.changed.notify_all();
            if let Some(Dropped { traces, spans }) = ended_drought.filter(|_| is_open) {
                self.delivery.report(|| {
                    tracing::info!(
                        dropped_traces = traces,
                        dropped_spans = spans,
                        "traces are recorded again; some are missing"
                    );
                });
            }
        }
        self.lock().stage = Stage::Ended;
        self.changed.notify_all();
    }

    /// Waits for the next batch; `None` when there will be none.
    fn next_batch(&self) -> Option<traces::Batch> {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            state.sweep(now);
            let is_full = state.traces.is_batch_full(self.batch.max_batch_spans);
            let is_hurried = state.flushes > 0 || state.stage != Stage::Open;
            let due = state.waiting_since.map(|since| since + self.batch.delay);
            if is_full || is_hurried || due.is_some_and(|due| due <= now) {
                if let Some(batch) = state.traces.take(self.batch.max_batch_spans) {
                    state.waiting_since = (state.traces.n_ready() > 0).then_some(now);
                    return Some(batch);
                }
                state.waiting_since = None;
                if state.stage != Stage::Open {
                    return None;
                }
            }
            let until_due = state.waiting_since.and(due).map(|due| due - now);
            let time = until_due.unwrap_or(SWEEP).min(SWEEP);
            let waited = self.changed.wait_timeout(state, time);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until `is_done`, at most for `time`; whether it was.
    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        time: Duration,
        is_done: impl Fn(&State) -> bool,
    ) -> (MutexGuard<'a, State>, bool) {
        let waited = self.changed.wait_timeout_while(state, time, |state| !is_done(state));
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        (state, !timeout.timed_out())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put_all_in_line(&mut self) {
        let before = self.traces.n_ready();
        self.traces.put_all_in_line();
        self.queued += (self.traces.n_ready() - before) as u64;
    }

    /// From time to time, puts traces in line whose root does not come.
    fn sweep(&mut self, now: Instant) {
        if now.duration_since(self.swept) < SWEEP {
            return;
        }
        self.swept = now;
        let before = self.traces.n_ready();
        self.traces.give_up_waiting(now);
        let added = self.traces.n_ready() - before;
        self.queued += added as u64;
        if added > 0 {
            self.waiting_since.get_or_insert(now);
        }
    }
}
