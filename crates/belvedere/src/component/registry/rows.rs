//! The rows of streams in which components stand.
//!
//! Nothing is remembered of a stream's rows but, where components stand in them, which the browser
//! has: as it would, by what it is told of them.

use std::collections::HashMap;

use foldhash::HashSet;

use super::Components;
use crate::diff::{RowId, RowNews, StreamOperations, hash_key};

/// Streams in streams are rarely more than two deep, and never without end.
const MAX_DEPTH: u32 = 16;

/// By the streams' names.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<u64, StreamRows>);

/// Of one stream.
#[derive(Debug)]
struct StreamRows {
    /// The component whose stream it is; none for the view's own.
    owner: Option<u64>,
    /// The row of another stream that it stands in.
    outer: Option<RowId>,
    /// In the order of the page.
    ids: Vec<u64>,
    known: HashSet<u64>,
}

impl Components {
    /// Whether it matters which streams a template shows.
    pub(crate) fn has_rows(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| !registry.rows.0.is_empty())
    }

    /// The template of `owner` was rendered for a frame, and shows the streams of these names.
    pub(crate) fn keep_streams(&mut self, owner: Option<u64>, names: &[std::sync::Arc<str>]) {
        let Some(registry) = &mut self.registry else { return };
        let names: HashSet<u64> = names.iter().map(|name| hash_key(&**name)).collect();
        registry.rows.0.retain(|name, stream| {
            stream.owner != owner || stream.outer.is_some() || names.contains(name)
        });
    }

    /// A frame tells the browser this of a stream that the template of `owner` shows.
    pub(crate) fn rows_sent(&mut self, owner: Option<u64>, news: &RowNews) {
        let Some(registry) = &mut self.registry else { return };
        let name = hash_key(&*news.operations.reference);
        let rows = &mut registry.rows.0;
        if !news.has_components && !rows.contains_key(&name) {
            return;
        }
        let stream = rows.entry(name).or_insert_with(|| StreamRows::new(owner));
        (stream.owner, stream.outer) = (owner, news.outer);
        stream.apply(&news.operations);
        if stream.ids.is_empty() {
            rows.remove(&name);
        }
    }
}

impl Rows {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the browser has a row, and the row around it.
    pub(super) fn contains(&self, row: RowId) -> bool {
        let mut next = Some(row);
        for _ in 0..MAX_DEPTH {
            let Some(row) = next else { return true };
            let stream = self.0.get(&row.stream).filter(|stream| stream.known.contains(&row.row));
            let Some(stream) = stream else { return false };
            next = stream.outer;
        }
        false
    }

    /// Drops what is known of streams whose component is gone, or the row that they stood in.
    pub(super) fn retain_owners(&mut self, is_shown: impl Fn(u64) -> bool) {
        let is_gone = |stream: &StreamRows| {
            !stream.owner.is_none_or(&is_shown)
                || stream.outer.is_some_and(|row| !self.contains(row))
        };
        let gone = self.0.iter().filter(|(_, stream)| is_gone(stream)).map(|(name, _)| *name);
        let gone: Vec<u64> = gone.collect();
        gone.iter().for_each(|name| drop(self.0.remove(name)));
    }
}

impl StreamRows {
    fn new(owner: Option<u64>) -> Self {
        Self { owner, outer: None, ids: Vec::new(), known: HashSet::default() }
    }

    fn apply(&mut self, operations: &StreamOperations) {
        if operations.reset {
            self.ids.clear();
            self.known.clear();
        }
        let deleted = operations.deletes.iter().filter(|id| self.known.remove(&hash_key(&***id)));
        if deleted.count() > 0 {
            self.ids.retain(|id| self.known.contains(id));
        }
        for insert in &operations.inserts {
            let id = hash_key(&*insert.id);
            if self.known.contains(&id) || insert.update_only {
                continue;
            }
            let end = self.ids.len();
            let at = usize::try_from(insert.at).map_or(end, |at| at.min(end));
            self.ids.insert(at, id);
            self.known.insert(id);
            self.limit(insert.limit);
        }
    }

    /// As the wire has it: positive keeps the first, negative the last.
    fn limit(&mut self, limit: Option<i64>) {
        let Some(limit) = limit else { return };
        let kept = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
        let n_beyond = self.ids.len().saturating_sub(kept);
        let beyond =
            if limit < 0 { 0..n_beyond } else { self.ids.len() - n_beyond..self.ids.len() };
        for id in self.ids.drain(beyond) {
            self.known.remove(&id);
        }
    }
}
