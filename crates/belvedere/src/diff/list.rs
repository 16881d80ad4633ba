//! Lists: rows of one template, known by key.
//!
//! Rows that stand where they stood cost one comparison each. The table of old places is made at the
//! first row that does not, and only for the rows from there on.

use super::{
    differ::{Differ, Frame, FrameKind, Row},
    hash::Key,
    moves::Moves,
    tape,
};
use crate::template::statics::Statics;
use crate::wire::json;

/// A list being rendered.
#[derive(Debug)]
pub(super) struct List {
    statics: &'static Statics,
    /// Its head in the new tape.
    at: usize,
    /// Tells it from the other lists of this render.
    number: usize,
    /// Its slot in the old tape, when there is one: whatever stood there.
    old_at: Option<usize>,
    n_rows: usize,
    n_old_rows: usize,
    /// Set once a row was not where it stood.
    moves: Option<Moves>,
    has_moved: bool,
}

/// Where a row was in the list that the browser has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Same,
    Moved { from: usize },
    New,
}

impl Differ {
    /// Fills the hole with a list whose rows follow.
    pub(crate) fn begin_list(&mut self, statics: &'static Statics) {
        let word = tape::list(statics.fingerprint);
        let at = self.place();
        self.n_lists += 1;
        if !self.is_in_step_with(word) {
            self.push(word);
            self.tape.push(0);
        }
        let old_at = (!self.is_fresh).then_some(self.cursor);
        let resume = self.enter(word);
        let is_borrowed = self.borrows && !self.is_fresh;
        let n_old_rows = if self.is_fresh { 0 } else { tape::n_rows(&self.old, self.cursor) };
        self.cursor += tape::LIST_HEAD;
        self.push_frame(Frame { name: self.hole, kind: FrameKind::List, resume });
        self.lists.push(List {
            statics,
            at,
            number: self.n_lists,
            old_at,
            n_rows: 0,
            n_old_rows,
            moves: None,
            has_moved: false,
        });
        if is_borrowed {
            self.open_frames();
            self.n_sent += 1;
        }
    }

    pub(crate) fn begin_keyed_entry<K: Key + ?Sized>(&mut self, row: &Statics, key: &K) {
        if self.is_at_stream() {
            return self.begin_stream_entry();
        }
        let hash = self.hashing.key(key);
        if cfg!(debug_assertions) {
            self.report_duplicate(row, hash, key);
        }
        self.begin_entry(hash);
    }

    pub(crate) fn begin_indexed_entry(&mut self) {
        if self.is_at_stream() {
            return self.begin_stream_entry();
        }
        let index = self.lists.last().map_or(0, |list| list.n_rows);
        self.begin_entry(index as u64);
    }

    fn report_duplicate<K: Key + ?Sized>(&mut self, row: &Statics, hash: u64, key: &K) {
        let list = self.lists.last().map_or(0, |list| list.number);
        if !self.seen_keys.insert((list, hash)) {
            tracing::error!(
                template = row.location,
                ?key,
                "two rows of one `@for` have the same key; the second is sent anew when it moves"
            );
        }
    }

    /// Without a call, since most rows stand where they stood.
    #[inline(always)]
    fn begin_entry(&mut self, key: u64) {
        let list = self.lists.last_mut().expect("an entry stands within a list");
        let is_there = self.in_step || (!self.is_fresh && !self.borrows && list.moves.is_none());
        if is_there && list.n_rows < list.n_old_rows && self.old.get(self.cursor) == Some(&key) {
            if !self.in_step {
                self.tape.push(key);
            }
            self.cursor += 1;
            self.row = Some(Row { name: list.n_rows, place: Place::Same });
            list.n_rows += 1;
        } else if self.is_fresh {
            self.begin_fresh_entry(key);
        } else {
            self.begin_entry_elsewhere(key);
        }
    }

    /// A row of a list that the browser does not have. Apart, as what comes next.
    #[inline(never)]
    fn begin_fresh_entry(&mut self, key: u64) {
        self.tape.push(key);
        self.open_frames();
        let list = self.lists.last_mut().expect("an entry stands within a list");
        let name = list.n_rows;
        list.n_rows += 1;
        self.member(name);
        self.out.push('{');
        self.frames.push(Frame { name, kind: FrameKind::Entry(Place::New), resume: None });
        self.n_open = self.frames.len();
        self.n_sent += 1;
    }

    /// Apart, since most rows stand where they stood and pay for what a call needs.
    #[inline(never)]
    fn begin_entry_elsewhere(&mut self, key: u64) {
        self.push(key);
        let place = self.place_row(key);
        let list = self.lists.last_mut().expect("an entry stands within a list");
        let name = list.n_rows;
        list.n_rows += 1;
        list.has_moved |= matches!(place, Place::Moved { .. });
        if place != Place::New {
            self.row = Some(Row { name, place });
            return;
        }
        self.is_fresh = true;
        let resume = Some(self.cursor);
        self.push_frame(Frame { name, kind: FrameKind::Entry(place), resume });
        self.open_frames();
        self.n_sent += 1;
    }

    /// Whether what comes next is a row of a stream, or its end, and not of a list. The macro refuses a
    /// `continue` that leaves a row half written, unless another macro hides it.
    fn is_at_stream(&self) -> bool {
        match self.frames.last().map(|frame| frame.kind) {
            Some(FrameKind::List) if self.row.is_none() => false,
            Some(FrameKind::Stream) => true,
            _ => panic!("`continue` or `break` left a row of `live!` half written"),
        }
    }

    /// Finds a row that does not stand where it stood in the old list and goes to its slots. A key
    /// that a row before it has claimed is not found again: the second is new, and so complete.
    fn place_row(&mut self, key: u64) -> Place {
        let list = self.lists.last_mut().expect("an entry stands within a list");
        if self.borrows {
            return Place::New;
        }
        if list.moves.is_none() {
            if list.n_rows >= list.n_old_rows {
                return Place::New;
            }
            let mut moves = self.spare_moves.pop().unwrap_or_default();
            let rows = (list.n_rows, list.n_old_rows - list.n_rows);
            moves.fill(&self.old, self.cursor, rows, list.statics.fingerprint.n_holes);
            list.moves = Some(moves);
        }
        let Some((index, at)) = list.moves.as_mut().and_then(|moves| moves.claim(key)) else {
            return Place::New;
        };
        self.cursor = at + 1;
        if index == list.n_rows { Place::Same } else { Place::Moved { from: index } }
    }

    #[inline]
    pub(crate) fn end_entry(&mut self) {
        match self.row.take() {
            Some(Row { name, place: Place::Moved { from } }) => self.end_moved_entry(name, from),
            Some(_) => {}
            None => self.end_entry_with_news(),
        }
    }

    /// A row that shows what it showed, elsewhere. Apart, as what comes next.
    #[inline(never)]
    fn end_moved_entry(&mut self, name: usize, from: usize) {
        self.open_frames();
        self.member(name);
        json::place(&mut self.out, from);
        self.n_sent += 1;
    }

    /// Apart, as [`begin_entry_elsewhere`](Self::begin_entry_elsewhere).
    #[inline(never)]
    fn end_entry_with_news(&mut self) {
        let (frame, is_open) = self.close_frame();
        match frame.kind {
            FrameKind::Entry(Place::Moved { from }) if !is_open => {
                self.end_moved_entry(frame.name, from);
            }
            FrameKind::Entry(Place::Moved { .. }) => {
                self.out.push_str("}]");
                self.n_sent += 1;
            }
            _ if is_open => self.out.push('}'),
            _ => {}
        }
        self.leave(frame.resume);
    }

    pub(crate) fn end_list(&mut self) {
        if self.is_at_stream() {
            return self.end_stream();
        }
        let list = self.lists.pop().expect("every end has its begin");
        if list.n_rows != list.n_old_rows {
            self.fall_out_of_step();
        }
        self.finish_old_rows(&list);
        if !self.in_step
            && let Some(count) = self.tape.get_mut(list.at + 1)
        {
            *count = list.n_rows as u64;
        }
        if self.is_fresh && list.n_rows == 0 {
            return self.end_list_as_nothing(&list);
        }
        if !self.is_fresh && list.n_rows != list.n_old_rows {
            self.open_frames();
            self.n_sent += 1;
        }
        let (frame, is_open) = self.close_frame();
        if is_open {
            self.close_list(&list);
        }
        self.leave(frame.resume);
        self.spare_moves.extend(list.moves);
    }

    fn close_list(&mut self, list: &List) {
        self.named_member("\"kc\":");
        json::number(&mut self.out, list.n_rows);
        if list.has_moved {
            self.out.push_str(",\"km\":true");
        }
        self.out.push('}');
        if self.is_fresh {
            self.out.push_str(",\"s\":");
            self.templates.write(&mut self.out, list.statics);
        }
        self.out.push('}');
    }

    /// Goes past the old rows that this render did not visit.
    fn finish_old_rows(&mut self, list: &List) {
        if self.is_fresh {
            return;
        }
        match &list.moves {
            Some(moves) => self.cursor = moves.end(),
            None => {
                // Rows that take statics over are new: none of the old ones was visited.
                let n_visited = if self.borrows { 0 } else { list.n_rows };
                let n_left = list.n_old_rows.saturating_sub(n_visited);
                let n_holes = list.statics.fingerprint.n_holes;
                self.cursor = tape::after_rows(&self.old, self.cursor, n_left, n_holes);
            }
        }
    }

    /// A list that appears without rows is the text "" until it has some.
    fn end_list_as_nothing(&mut self, list: &List) {
        let (frame, _) = self.close_frame();
        self.leave(frame.resume);
        let word = tape::text(self.hashing.text(""));
        self.tape.truncate(list.at);
        self.tape.push(word);
        let was_nothing = list.old_at.is_some_and(|at| self.old.get(at) == Some(&word));
        if !was_nothing || self.borrows {
            self.send_text(frame.name, "");
        }
    }
}
