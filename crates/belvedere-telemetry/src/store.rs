//! The last traces of this process in bounded memory: what an inspector inside the application
//! reads, without any back end.
//!
//! ```text
//! span ends ─▶ TraceStore (SpanProcessor) ─▶ its trace, newest last ─▶ list, trace, newest
//!                     └▶ version number ─▶ whoever shows them
//! ```
//!
//! A query is any span with the conventions' attributes for databases, whoever wrote it. Of each span
//! only listed attributes are kept ([`attribute`]): no query string, no header, no
//! value of a form or a statement. Spans of the inspector's own pages are not kept at all.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::watch;

pub use filter::{Facets, TraceFilter};
pub use span::{SpanLink, StoredSpan};
pub use trace::{Direction, NPlusOne, SpanRow, Trace, TraceLink, TraceSummary};

use trace::StoredTrace;

pub mod attribute;
mod filter;
mod span;
#[cfg(test)]
mod tests;
mod trace;

/// How much a [`TraceStore`] keeps. Whatever is beyond goes, the oldest trace first; those whose root has not ended yet
/// stay meanwhile, as long as they are no more than half of all.
#[derive(Clone, Debug)]
pub struct StoreLimits {
    /// Traces kept. Default: 500, many pages of a list.
    pub max_traces: usize,
    /// Spans kept of one trace; more are counted. Default: 1000, more than anybody reads.
    pub max_spans_per_trace: usize,
    /// Bytes kept in all, near enough. Default: 16 MiB.
    pub max_bytes: usize,
    /// Traces with a span whose route or path is this one or lies below are not kept: those of the
    /// pages that show the store. Default: none.
    pub ignored_path: Option<&'static str>,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            max_traces: 500,
            max_spans_per_trace: 1000,
            max_bytes: 16 * 1024 * 1024,
            ignored_path: None,
        }
    }
}

/// A ring of the last traces; clones share it.
///
/// To be given to [`init_storing`](crate::init_storing) and, the same or a clone, to whoever shows
/// traces. It is a [`SpanProcessor`]. A span is stored in the thread that ends it, under one
/// short lock.
#[derive(Clone)]
pub struct TraceStore(Arc<Shared>);

struct Shared {
    limits: StoreLimits,
    ring: Mutex<Ring>,
    /// Counts changes; whoever shows traces looks again when it has moved.
    version: watch::Sender<u64>,
}

#[derive(Default)]
struct Ring {
    traces: HashMap<TraceId, StoredTrace>,
    /// In the order of their first span, oldest first.
    order: VecDeque<TraceId>,
    /// Those whose root has not ended yet.
    n_open: usize,
    bytes: usize,
    /// Those that went last: a rest that comes later would be shown as if it were all. Who has a span again is the last
    /// to be forgotten.
    gone: VecDeque<TraceId>,
}

impl Default for TraceStore {
    /// An empty store with the usual limits.
    fn default() -> Self {
        Self::new(StoreLimits::default())
    }
}

impl TraceStore {
    /// An empty store.
    #[must_use]
    pub fn new(limits: StoreLimits) -> Self {
        let version = watch::Sender::new(0);
        Self(Arc::new(Shared { limits, ring: Mutex::default(), version }))
    }

    /// Told of every change to what [`list`](Self::list) shows, as a number that grows; a slow
    /// reader skips numbers and loses nothing. Ignored traces change nothing.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.version.subscribe()
    }

    /// The traces whose root has ended and that `filter` lets pass, newest first, at most `limit`.
    #[must_use]
    pub fn list(&self, filter: &TraceFilter, limit: usize) -> Vec<Arc<TraceSummary>> {
        let ring = self.ring();
        let newest_first = ring.order.iter().rev().filter_map(|id| ring.traces.get(id));
        newest_first
            .map(|trace| &trace.summary)
            .filter(|summary| summary.is_complete && filter.matches(summary))
            .take(limit)
            .cloned()
            .collect()
    }

    /// Routes and views of the traces kept, for choosing a filter.
    #[must_use]
    pub fn facets(&self) -> Facets {
        let ring = self.ring();
        Facets::of(ring.traces.values().map(|trace| &*trace.summary))
    }

    /// One trace with its spans as a tree and its links in both directions.
    #[must_use]
    pub fn trace(&self, id: TraceId) -> Option<Trace> {
        let ring = self.ring();
        let stored = ring.traces.get(&id)?;
        let summary_of = |id: TraceId| ring.traces.get(&id).map(|trace| &trace.summary).cloned();
        let outgoing = stored.outgoing_links().map(|link| TraceLink {
            direction: Direction::Outgoing,
            trace_id: link.trace_id,
            meaning: link.meaning.clone(),
            summary: summary_of(link.trace_id),
        });
        let linking = ring.order.iter().filter_map(|id| ring.traces.get(id));
        let incoming = linking.filter_map(|other| {
            let link = other.outgoing_links().find(|link| link.trace_id == id)?;
            Some(TraceLink {
                direction: Direction::Incoming,
                trace_id: other.summary.id,
                meaning: link.meaning.clone(),
                summary: Some(Arc::clone(&other.summary)),
            })
        });
        let links = outgoing.chain(incoming).collect();
        let (summary, spans) = (Arc::clone(&stored.summary), stored.spans.clone());
        // The tree is built after the lock is gone: a large trace keeps no span from ending.
        drop(ring);
        Some(Trace { summary, spans: trace::tree(spans), links })
    }

    /// The newest whole page of a route: a request that was answered, not one of its later acts.
    #[must_use]
    pub fn newest_page(&self, route: &str) -> Option<Trace> {
        let id = {
            let ring = self.ring();
            let newest_first = ring.order.iter().rev().filter_map(|id| ring.traces.get(id));
            let mut pages = newest_first.map(|trace| &trace.summary).filter(|summary| {
                summary.is_complete && summary.is_request && summary.route.as_deref() == Some(route)
            });
            pages.next()?.id
        };
        self.trace(id)
    }

    /// Traces and bytes kept now.
    #[must_use]
    pub fn usage(&self) -> (usize, usize) {
        let ring = self.ring();
        (ring.order.len(), ring.bytes)
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, trace_id: TraceId, span: StoredSpan) {
        let limits = &self.0.limits;
        let ignored = limits.ignored_path.is_some_and(|path| span.is_of_path(path));
        let is_seen = {
            let mut ring = self.ring();
            if ignored {
                ring.remove(trace_id);
                false
            } else {
                ring.add(trace_id, span, limits)
            }
        };
        if is_seen {
            self.0.version.send_modify(|version| *version += 1);
        }
    }
}

impl Ring {
    /// Whether the trace is one that is listed now.
    fn add(&mut self, trace_id: TraceId, span: StoredSpan, limits: &StoreLimits) -> bool {
        if !self.traces.contains_key(&trace_id) {
            if self.is_gone(trace_id) {
                return false;
            }
            self.order.push_back(trace_id);
            self.n_open += 1;
        }
        let trace = self.traces.entry(trace_id).or_insert_with(|| StoredTrace::new(trace_id));
        let was_complete = trace.summary.is_complete;
        self.bytes += trace.add(span, limits.max_spans_per_trace);
        let is_complete = trace.summary.is_complete;
        self.n_open -= usize::from(is_complete && !was_complete);
        while self.order.len() > limits.max_traces || self.bytes > limits.max_bytes {
            let Some(trace_id) = self.order.remove(self.next_to_go(limits)) else { break };
            self.forget(trace_id);
            self.gone.push_back(trace_id);
        }
        let n_over = self.gone.len().saturating_sub(limits.max_traces);
        self.gone.drain(..n_over);
        is_complete
    }

    /// The place of the oldest trace; among those that are complete, unless too many are open.
    fn next_to_go(&self, limits: &StoreLimits) -> usize {
        let are_too_many_open = self.n_open > limits.max_traces.div_ceil(2);
        let is_complete =
            |id: &TraceId| self.traces.get(id).is_some_and(|trace| trace.summary.is_complete);
        let goes = |id: &TraceId| is_complete(id) != are_too_many_open;
        self.order.iter().position(goes).unwrap_or(0)
    }

    /// Whether the trace went not long ago.
    fn is_gone(&mut self, trace_id: TraceId) -> bool {
        let Some(place) = self.gone.iter().rposition(|id| *id == trace_id) else { return false };
        self.gone.remove(place);
        self.gone.push_back(trace_id);
        true
    }

    fn remove(&mut self, trace_id: TraceId) {
        // A trace is ignored while it is young, so it stands near the end.
        let Some(place) = self.order.iter().rposition(|id| *id == trace_id) else { return };
        self.order.remove(place);
        self.forget(trace_id);
    }

    fn forget(&mut self, trace_id: TraceId) {
        if let Some(trace) = self.traces.remove(&trace_id) {
            self.bytes = self.bytes.saturating_sub(trace.bytes);
            self.n_open -= usize::from(!trace.summary.is_complete);
        }
    }
}

impl SpanProcessor for TraceStore {
    fn on_start(&self, _span: &mut Span, _context: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.store(span.span_context.trace_id(), StoredSpan::of(span));
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl fmt::Debug for TraceStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TraceStore").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}
