//! One trace: its spans, what a list shows of it, and its spans as a tree.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::attribute;
use super::span::{SpanLink, StoredSpan};

/// What a list shows of a trace. Kept up as spans arrive.
#[derive(Clone, Debug)]
pub struct TraceSummary {
    /// The trace's id.
    pub id: TraceId,
    /// The root's name: `GET /users-slow`.
    pub name: Box<str>,
    /// Template of the route it belongs to.
    pub route: Option<Box<str>>,
    /// The live view it belongs to.
    pub view: Option<Box<str>>,
    /// When its root began.
    pub started: SystemTime,
    /// How long its root took.
    pub duration: Duration,
    /// Whether its root has ended.
    pub is_complete: bool,
    /// Whether its root is an HTTP request, and not a later act of a view.
    pub is_request: bool,
    /// The status that the request was answered with.
    pub status: Option<u64>,
    /// Whether anything in it failed.
    pub is_error: bool,
    /// Spans kept.
    pub n_spans: usize,
    /// Spans beyond the limit, which are not kept.
    pub n_spans_dropped: usize,
    /// Statements sent to a database.
    pub n_queries: usize,
    /// How long these took, one after another.
    pub query_time: Duration,
    /// Bytes of HTML and diffs that it rendered.
    pub rendered_bytes: u64,
    /// The worst statement that a callback ran again and again.
    pub n_plus_one: Option<NPlusOne>,
}

/// One statement, run again and again within one callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NPlusOne {
    /// The statement with placeholders; empty where it is not known.
    pub statement: Box<str>,
    /// How often it ran.
    pub count: u64,
}

/// A trace with everything that is kept of it.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What a list shows of it.
    pub summary: Arc<TraceSummary>,
    /// Its spans in the order of a drawing: each parent before its children, siblings by their
    /// start.
    pub spans: Vec<SpanRow>,
    /// The traces it came from, then those that came from it, oldest first.
    pub links: Vec<TraceLink>,
}

/// A span and its place in the tree.
#[derive(Clone, Debug)]
pub struct SpanRow {
    /// The span.
    pub span: Arc<StoredSpan>,
    /// Spans above it.
    pub depth: usize,
}

/// Two traces that belong together.
#[derive(Clone, Debug)]
pub struct TraceLink {
    /// Which of the two names the other.
    pub direction: Direction,
    /// The other trace.
    pub trace_id: TraceId,
    /// What stands at the link's far end: `page`, `publisher` or `client`.
    pub meaning: Option<Box<str>>,
    /// The other trace, if it is kept.
    pub summary: Option<Arc<TraceSummary>>,
}

/// Which way a link points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// This trace followed from the other.
    Outgoing,
    /// The other followed from this one.
    Incoming,
}

/// A trace as it is kept.
pub(super) struct StoredTrace {
    pub(super) summary: Arc<TraceSummary>,
    pub(super) spans: Vec<Arc<StoredSpan>>,
    pub(super) bytes: usize,
}

impl StoredTrace {
    pub(super) fn new(id: TraceId) -> Self {
        let summary = TraceSummary {
            id,
            name: Box::default(),
            route: None,
            view: None,
            started: SystemTime::UNIX_EPOCH,
            duration: Duration::ZERO,
            is_complete: false,
            is_request: false,
            status: None,
            is_error: false,
            n_spans: 0,
            n_spans_dropped: 0,
            n_queries: 0,
            query_time: Duration::ZERO,
            rendered_bytes: 0,
            n_plus_one: None,
        };
        Self { summary: Arc::new(summary), spans: Vec::new(), bytes: 0 }
    }

    /// Adds a span and returns the bytes that it takes. Beyond `max_spans` only the root is kept.
    pub(super) fn add(&mut self, span: StoredSpan, max_spans: usize) -> usize {
        let is_root = span.parent.is_none();
        let kept = self.spans.len() < max_spans || is_root;
        Arc::make_mut(&mut self.summary).count(&span, kept);
        if !kept {
            return 0;
        }
        let bytes = span.bytes();
        self.bytes += bytes;
        self.spans.push(Arc::new(span));
        bytes
    }

    /// The links of its spans, each trace once.
    pub(super) fn outgoing_links(&self) -> impl Iterator<Item = &SpanLink> {
        let links = self.spans.iter().rev().flat_map(|span| &span.links);
        let mut seen = Vec::new();
        links.filter(move |link| {
            let is_new = !seen.contains(&link.trace_id);
            if is_new {
                seen.push(link.trace_id);
            }
            is_new
        })
    }
}

impl TraceSummary {
    fn count(&mut self, span: &StoredSpan, kept: bool) {
        if kept {
            self.n_spans += 1;
        } else {
            self.n_spans_dropped += 1;
        }
        if span.is_query() {
            self.n_queries += 1;
            self.query_time += span.duration;
        }
        self.is_error |= span.error.is_some();
        self.rendered_bytes += span.number(attribute::DIFF_BYTES).unwrap_or(0);
        if self.view.is_none() {
            self.view = span.text(attribute::VIEW).map(Box::from);
        }
        if span.is(attribute::N_PLUS_ONE) {
            let count = span.number(attribute::N_PLUS_ONE_COUNT).unwrap_or(0);
            let statement = span.text(attribute::N_PLUS_ONE_STATEMENT).unwrap_or_default().into();
            if self.n_plus_one.as_ref().is_none_or(|worst| worst.count < count) {
                self.n_plus_one = Some(NPlusOne { statement, count });
            }
        }
        if span.parent.is_none() {
            self.root(span);
        }
    }

    fn root(&mut self, span: &StoredSpan) {
        self.name = span.name.clone();
        self.route = span.text(attribute::HTTP_ROUTE).map(Box::from);
        self.started = span.started;
        self.duration = span.duration;
        self.is_complete = true;
        self.is_request = span.kind == SpanKind::Server;
        self.status = span.number(attribute::HTTP_RESPONSE_STATUS_CODE);
    }
}

/// Each parent before its children, siblings by their start. A span whose parent is not kept stands
/// at the top.
pub(super) fn tree(mut spans: Vec<Arc<StoredSpan>>) -> Vec<SpanRow> {
    spans.sort_by_key(|span| span.started);
    let known: HashSet<SpanId> = spans.iter().map(|span| span.id).collect();
    let mut children: HashMap<Option<SpanId>, Vec<&Arc<StoredSpan>>> = HashMap::new();
    for span in &spans {
        let parent = span.parent.filter(|parent| known.contains(parent) && *parent != span.id);
        children.entry(parent).or_default().push(span);
    }
    // A stack of its own: the depth of a trace is not bounded by ours.
    let mut rows = Vec::with_capacity(spans.len());
    let mut waiting: Vec<(&Arc<StoredSpan>, usize)> = Vec::new();
    let tops = children.remove(&None).unwrap_or_default();
    waiting.extend(tops.into_iter().rev().map(|span| (span, 0)));
    while let Some((span, depth)) = waiting.pop() {
        rows.push(SpanRow { span: Arc::clone(span), depth });
        let below = children.remove(&Some(span.id)).unwrap_or_default();
        waiting.extend(below.into_iter().rev().map(|span| (span, depth + 1)));
    }
    rows
}
