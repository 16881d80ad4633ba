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

#[derive(Debug, Default)]
pub(super) struct Rows {
    /// By the streams' names.
    streams: HashMap<u64, StreamRows>,
    /// A browser joins that has no row of any stream.
    is_join: bool,
}

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
    /// The browser has no others. It may where rows were sent before one of them held a component.
    is_complete: bool,
}

impl Components {
    /// Whether it matters which streams a template shows.
    pub(crate) fn has_rows(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| !registry.rows.streams.is_empty())
    }

    /// The template of `owner` was rendered for a frame, and shows the streams of these names.
    pub(crate) fn keep_streams(&mut self, owner: Option<u64>, names: &[std::sync::Arc<str>]) {
        let Some(registry) = &mut self.registry else { return };
        let names: HashSet<u64> = names.iter().map(|name| hash_key(&**name)).collect();
        registry.rows.streams.retain(|name, stream| {
            stream.owner != owner || stream.outer.is_some() || names.contains(name)
        });
    }

    /// A frame tells the browser this of a stream that the template of `owner` shows.
    pub(crate) fn rows_sent(&mut self, owner: Option<u64>, news: &RowNews) {
        let Some(registry) = &mut self.registry else { return };
        let name = hash_key(&*news.operations.reference);
        let Rows { streams, is_join } = &mut registry.rows;
        if !news.has_components && !streams.contains_key(&name) {
            return;
        }
        let is_complete = *is_join || news.operations.is_first;
        let stream = streams.entry(name).or_insert_with(|| StreamRows::new(owner, is_complete));
        (stream.owner, stream.outer) = (owner, news.outer);
        stream.apply(&news.operations);
    }

    /// Whether the browser is known not to have a row of the stream of this name.
    pub(crate) fn lacks_row(&self, stream: &str, row: &str) -> bool {
        let rows = self.registry.as_ref().map(|registry| &registry.rows);
        rows.is_some_and(|rows| rows.lacks(hash_key(stream), hash_key(row)))
    }
}

impl Rows {
    pub(super) fn begin_join(&mut self) {
        self.streams.clear();
        self.is_join = true;
    }

    pub(super) fn end_join(&mut self) {
        self.is_join = false;
    }

    fn lacks(&self, stream: u64, row: u64) -> bool {
        self.streams
            .get(&stream)
            .map_or(self.is_join, |stream| stream.is_complete && !stream.known.contains(&row))
    }

    /// Whether the browser has a row, and the row around it.
    pub(super) fn contains(&self, row: RowId) -> bool {
        let mut next = Some(row);
        for _ in 0..MAX_DEPTH {
            let Some(row) = next else { return true };
            let stream =
                self.streams.get(&row.stream).filter(|stream| stream.known.contains(&row.row));
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
        let gone = self.streams.iter().filter(|(_, stream)| is_gone(stream)).map(|(name, _)| *name);
        let gone: Vec<u64> = gone.collect();
        gone.iter().for_each(|name| drop(self.streams.remove(name)));
    }
}

impl StreamRows {
    fn new(owner: Option<u64>, is_complete: bool) -> Self {
        Self { owner, outer: None, ids: Vec::new(), known: HashSet::default(), is_complete }
    }

    fn apply(&mut self, operations: &StreamOperations) {
        if operations.reset {
            self.ids.clear();
            self.known.clear();
            self.is_complete = true;
        }
        let deleted = operations.deletes.iter().filter(|id| self.known.remove(&hash_key(&***id)));
        if deleted.count() > 0 {
            self.ids.retain(|id| self.known.contains(id));
        }
        for insert in &operations.inserts {
            let id = hash_key(&*insert.id);
            if self.known.contains(&id) {
                continue;
            }
            // One that is only updated, and not known to be absent, is taken to be there: the browser says
            // farewell to what it has, and a component that it was never sent would stop its page.
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
