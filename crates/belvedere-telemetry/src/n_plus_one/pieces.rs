//! The queries of pieces of work, counted over all that one act has started.

use std::collections::{HashMap, VecDeque};

use belvedere::telemetry::attribute::ASYNC;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use super::watch::{MAX_STATEMENTS, Tally, has};

/// Most acts whose pieces are counted. Which is a piece's last is not known, so each act stays until so many
/// others have come.
const MAX_ACTS: usize = 512;

/// How often each `SELECT` ran in the pieces of an act.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// By the act's span and the hash of the statement.
    acts: HashMap<SpanId, Vec<(u64, u32)>>,
    /// The keys of `acts`, oldest first.
    order: VecDeque<SpanId>,
}

impl Pieces {
    /// The span of a piece is over: its `SELECT`s count together with those of the pieces before it.
    pub(super) fn add(&mut self, piece: &SpanData, tally: &mut Tally) {
        let act = piece.parent_span_id;
        if !has(piece, ASYNC) || act == SpanId::INVALID || piece.parent_span_is_remote {
            return;
        }
        if !self.acts.contains_key(&act) {
            if self.order.len() >= MAX_ACTS
                && let Some(oldest) = self.order.pop_front()
            {
                self.acts.remove(&oldest);
            }
            self.order.push_back(act);
        }
        let counts = self.acts.entry(act).or_default();
        for (hash, count) in tally.counts() {
            if let Some((_, known)) = counts.iter_mut().find(|(known, _)| *known == hash) {
                *known = known.saturating_add(*count);
                *count = *known;
            } else if counts.len() < MAX_STATEMENTS {
                counts.push((hash, *count));
            }
        }
    }
}
