//! Which two traces are worth a comparison: the slowest page with an N+1, and the page most like it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use belvedere_telemetry::store::{TraceFilter, TraceStore, TraceSummary};

/// The newest trace of each name.
pub(super) struct Newest(BTreeMap<Box<str>, Arc<TraceSummary>>);

impl Newest {
    pub(super) fn of(store: &TraceStore) -> Self {
        let mut newest = BTreeMap::new();
        for summary in store.list(&TraceFilter::default(), usize::MAX) {
            newest.entry(summary.name.clone()).or_insert(summary);
        }
        Self(newest)
    }

    /// The names there are, in alphabetical order.
    pub(super) fn names(&self) -> Vec<Box<str>> {
        self.0.keys().cloned().collect()
    }

    /// The traces of these names; for an empty one, whichever stands best beside the other.
    pub(super) fn pair(
        &self,
        left: &str,
        right: &str,
    ) -> (Option<&Arc<TraceSummary>>, Option<&Arc<TraceSummary>>) {
        match (left, right) {
            ("", "") => {
                let right = self.worst();
                (right.and_then(|right| self.neighbour(right)), right)
            }
            ("", right) => {
                let right = self.0.get(right);
                (right.and_then(|right| self.neighbour(right)), right)
            }
            (left, "") => {
                let left = self.0.get(left);
                (left, left.and_then(|left| self.neighbour(left)))
            }
            (left, right) => (self.0.get(left), self.0.get(right)),
        }
    }

    /// The slowest with an N+1, else the slowest; a page rather than anything else.
    fn worst(&self) -> Option<&Arc<TraceSummary>> {
        let rank = |summary: &TraceSummary| {
            (summary.is_request, summary.n_plus_one.is_some(), summary.duration)
        };
        self.0.values().max_by_key(|summary| rank(summary))
    }

    /// The one whose name has most in common with this one's; of equal ones the fastest.
    fn neighbour(&self, of: &TraceSummary) -> Option<&Arc<TraceSummary>> {
        let rank = |summary: &TraceSummary| {
            let is_alike = summary.is_request == of.is_request;
            (is_alike, n_in_common(&summary.name, &of.name), Reverse(summary.duration))
        };
        let others = self.0.values().filter(|summary| summary.name != of.name);
        others.max_by_key(|summary| rank(summary))
    }
}

/// How many characters two names begin with alike.
fn n_in_common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}
