//! The queries of the callbacks under way, counted by statement.

use std::collections::VecDeque;
use std::collections::hash_map::{DefaultHasher, HashMap};
use std::hash::{Hash, Hasher};

use belvedere::telemetry::attribute::VIEW;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use super::pieces::Pieces;
use crate::statement::{Kind, Statement};

/// Most spans with queries that may be waiting for their end. A server runs far fewer callbacks at
/// once; spans whose parent has ended before them, such as those of tasks left behind, wait in vain
/// and make room in their turn.
const MAX_OPEN: usize = 512;
/// Most different `SELECT`s counted within one callback: pages run a few dozen. What comes later is
/// counted as a query only.
pub(super) const MAX_STATEMENTS: usize = 32;
/// Most bytes of statements kept in all. Where it is met, a `SELECT` more is counted as a query only.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Counts by the span that the queries ran in.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    open: HashMap<SpanId, Tally>,
    /// The keys of `open`, oldest first, and some that have left it.
    order: VecDeque<SpanId>,
    /// Of the statements in `open`.
    bytes: usize,
    pieces: Pieces,
}

/// The queries of one span.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    queries: u32,
    selects: Vec<Repeated>,
    /// Bytes of their texts.
    bytes: usize,
}

/// One `SELECT`.
#[derive(Debug)]
struct Repeated {
    /// Of the whole text.
    hash: u64,
    count: u32,
    statement: Statement,
}

/// A `SELECT` that ran too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) statement: Statement,
    pub(crate) count: u32,
}

impl Watch {
    /// A span is over, a query's if it has a `statement`. Returns the queries of a span that they are counted
    /// for; those of a piece of work together with those of the pieces that the same act has started.
    pub(crate) fn see(&mut self, span: &SpanData, statement: Option<Statement>) -> Option<Tally> {
        // What a query's span has within it is the same query, said by another library.
        let within = self.end(span.span_context.span_id());
        if let Some(statement) = statement {
            self.query(span.parent_span_id, statement);
            return None;
        }
        let mut tally = within?;
        if !takes_queries(span) {
            self.pass_on(span.parent_span_id, tally);
            return None;
        }
        self.pieces.add(span, &mut tally);
        Some(tally)
    }

    /// A query ran in the span `parent`.
    fn query(&mut self, parent: SpanId, statement: Statement) {
        if parent != SpanId::INVALID {
            self.change(parent, |tally, max_bytes| tally.add(statement, max_bytes));
        }
    }

    /// A span is over: its queries, if it had any.
    fn end(&mut self, span: SpanId) -> Option<Tally> {
        let tally = self.open.remove(&span)?;
        self.bytes -= tally.bytes;
        Some(tally)
    }

    /// Queries of a span that is no callback belong to what is around it.
    fn pass_on(&mut self, parent: SpanId, inner: Tally) {
        self.change(parent, |tally, max_bytes| tally.merge(inner, max_bytes));
    }

    /// Changes the tally of `span`, which is told how many bytes of text it may have.
    fn change(&mut self, span: SpanId, change: impl FnOnce(&mut Tally, usize)) {
        if !self.open.contains_key(&span) {
            self.make_room();
            self.order.push_back(span);
        }
        let tally = self.open.entry(span).or_default();
        let before = tally.bytes;
        change(tally, before + MAX_BYTES.saturating_sub(self.bytes));
        self.bytes += tally.bytes - before;
    }

    fn make_room(&mut self) {
        while self.open.len() >= MAX_OPEN {
            let Some(oldest) = self.order.pop_front() else { return };
            self.end(oldest);
        }
        if self.order.len() >= 2 * MAX_OPEN {
            self.order.retain(|span| self.open.contains_key(span));
        }
    }
}

/// Whether the queries within a span are counted for it: a callback, or the root of a trace, as
/// opposed to a span that the author opened within it.
fn takes_queries(span: &SpanData) -> bool {
    // The runtime puts the view's name on each callback.
    has(span, VIEW) || span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote
}

pub(super) fn has(span: &SpanData, key: &str) -> bool {
    span.attributes.iter().any(|attribute| attribute.key.as_str() == key)
}

impl Tally {
    /// How many statements ran, of any kind.
    pub(crate) fn queries(&self) -> u32 {
        self.queries
    }

    /// The `SELECT` that ran most often, if that is `threshold` times or more.
    pub(crate) fn finding(self, threshold: u32) -> Option<Finding> {
        let candidates = self.selects.into_iter().filter(|repeated| repeated.count >= threshold);
        // Of equals the one that ran first.
        let found = candidates.rev().max_by_key(|repeated| repeated.count)?;
        Some(Finding { statement: found.statement, count: found.count })
    }

    /// How often each `SELECT` ran, by its hash.
    pub(super) fn counts(&mut self) -> impl Iterator<Item = (u64, &mut u32)> {
        self.selects.iter_mut().map(|repeated| (repeated.hash, &mut repeated.count))
    }

    fn add(&mut self, statement: Statement, max_bytes: usize) {
        self.queries = self.queries.saturating_add(1);
        if statement.kind == Kind::Select {
            let mut hasher = DefaultHasher::new();
            statement.text.hash(&mut hasher);
            self.count(Repeated { hash: hasher.finish(), count: 1, statement }, max_bytes);
        }
    }

    fn merge(&mut self, inner: Self, max_bytes: usize) {
        self.queries = self.queries.saturating_add(inner.queries);
        for repeated in inner.selects {
            self.count(repeated, max_bytes);
        }
    }

    fn count(&mut self, repeated: Repeated, max_bytes: usize) {
        let known = self.selects.iter_mut().find(|known| known.hash == repeated.hash);
        if let Some(known) = known {
            known.count = known.count.saturating_add(repeated.count);
            return;
        }
        let bytes = repeated.statement.text.len() + repeated.statement.recorded.len();
        if self.selects.len() < MAX_STATEMENTS && self.bytes + bytes <= max_bytes {
            self.bytes += bytes;
            self.selects.push(repeated);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(text: &str) -> Statement {
        let (text, recorded) = (text.to_owned(), text.to_owned());
        Statement { text, recorded, table: None, kind: Kind::Select }
    }

    fn id(number: u64) -> SpanId {
        SpanId::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn the_most_frequent_select_is_found_at_the_threshold() {
        let mut watch = Watch::default();
        for (text, times) in [("a", 3), ("b", 4), ("c", 4), ("d", 2)] {
            (0..times).for_each(|_| watch.query(id(1), select(text)));
        }
        let tally = watch.end(id(1)).unwrap();
        assert_eq!(tally.queries(), 13);
        assert_eq!(tally.finding(3), Some(Finding { statement: select("b"), count: 4 }));
        assert!(watch.end(id(1)).is_none());
        (0..4).for_each(|_| watch.query(id(1), select("a")));
        assert_eq!(watch.end(id(1)).unwrap().finding(5), None);
    }

    #[test]
    fn an_inner_spans_queries_count_for_the_outer() {
        let mut watch = Watch::default();
        for inner in 2..6 {
            watch.query(id(inner), select("a"));
            let tally = watch.end(id(inner)).unwrap();
            watch.pass_on(id(1), tally);
        }
        let tally = watch.end(id(1)).unwrap();
        assert_eq!(tally.finding(3), Some(Finding { statement: select("a"), count: 4 }));
    }

    #[test]
    fn spans_that_never_end_make_room() {
        let mut watch = Watch::default();
        for number in 1..=10_000 {
            watch.query(id(number), select("a"));
            if number % 2 == 0 {
                watch.end(id(number));
            }
        }
        assert!(watch.open.len() <= MAX_OPEN && watch.order.len() <= 2 * MAX_OPEN);
        // The youngest is counted all the same.
        assert!(watch.end(id(9_999)).is_some());
        assert!(watch.end(id(1)).is_none());
    }

    #[test]
    fn a_callback_of_very_many_statements_is_bounded() {
        let mut watch = Watch::default();
        for number in 0..1_000 {
            (0..3).for_each(|_| watch.query(id(1), select(&number.to_string())));
        }
        let tally = watch.end(id(1)).unwrap();
        assert_eq!(tally.queries(), 3_000);
        assert_eq!(tally.selects.len(), MAX_STATEMENTS);
        assert_eq!(watch.bytes, 0);
    }

    #[test]
    fn the_texts_of_all_callbacks_are_bounded() {
        let mut watch = Watch::default();
        let long = "x".repeat(MAX_BYTES / 4);
        for number in 1..=10 {
            (0..3).for_each(|_| watch.query(id(number), select(&format!("{number} {long}"))));
        }
        assert!(watch.bytes <= MAX_BYTES, "{}", watch.bytes);
        assert_eq!(watch.end(id(1)).unwrap().finding(3).unwrap().count, 3);
        assert_eq!(watch.end(id(10)).unwrap().queries(), 3, "counted all the same");
    }
}
