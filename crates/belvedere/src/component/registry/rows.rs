//! The rows of streams in which components stand.
//!
//! Nothing is remembered of a stream's rows but, where components stand in them, which the browser
//! has: as it would, by what it is told of them.

use std::collections::HashMap;

use foldhash::HashSet;

use super::{Components, Registry};
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
    /// Those that were put in, in the order of the page.
    ids: Vec<u64>,
    /// These and, unless this `is_complete`, those that were updated since.
    known: HashSet<u64>,
    /// The browser has no others. It may where rows were sent before one of them held a component.
    is_complete: bool,
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
        let is_complete = news.operations.is_first;
        let stream = rows.entry(name).or_insert_with(|| StreamRows::new(owner, is_complete));
        (stream.owner, stream.outer) = (owner, news.outer);
        let had_rows = !stream.known.is_empty();
        stream.apply(&news.operations);
        if had_rows {
            registry.leave_rows(name, &news.operations);
        }
    }

    /// Whether the browser is known not to have a row of the stream of this name.
    pub(crate) fn lacks_row(&self, stream: &str, row: &str) -> bool {
        let rows = self.registry.as_ref().map(|registry| &registry.rows.0);
        let stream = rows.and_then(|rows| rows.get(&hash_key(stream)));
        stream.is_some_and(|stream| stream.is_complete && !stream.known.contains(&hash_key(row)))
    }
}

impl Registry {
    /// What stood in the rows that this frame sends, and stands there no more, is in no row.
    fn leave_rows(&mut self, stream: u64, operations: &StreamOperations) {
        let sent: HashSet<u64> =
            operations.inserts.iter().map(|insert| hash_key(&*insert.id)).collect();
        for entry in self.entries.values_mut().filter(|entry| entry.seen < self.pass) {
            let stood = entry.row.filter(|row| row.stream == stream && sent.contains(&row.row));
            if stood.is_some() {
                entry.row = None;
            }
        }
    }
}

impl Rows {
    /// A browser joins that has no row of any stream.
    pub(super) fn begin_join(&mut self) {
        self.0.values_mut().for_each(StreamRows::clear);
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
    fn new(owner: Option<u64>, is_complete: bool) -> Self {
        Self { owner, outer: None, ids: Vec::new(), known: HashSet::default(), is_complete }
    }

    /// The browser has none.
    fn clear(&mut self) {
        self.ids.clear();
        self.known.clear();
        self.is_complete = true;
    }

    fn apply(&mut self, operations: &StreamOperations) {
        if operations.reset {
            self.clear();
        }
        let deleted = operations.deletes.iter().filter(|id| self.known.remove(&hash_key(&***id)));
        if deleted.count() > 0 {
            self.ids.retain(|id| self.known.contains(id));
        }
        for insert in &operations.inserts {
            let id = hash_key(&*insert.id);
            if insert.update_only {
                // It may be there: what the browser has, it says farewell to.
                if !self.is_complete {
                    self.known.insert(id);
                }
                continue;
            }
            if self.known.contains(&id) {
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
