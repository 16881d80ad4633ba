//! The state of one diff: a walk over the old tape beside the new render, and the JSON so far.

use super::{
    Changes,
    component::Donor,
    hash::Hashing,
    list::{List, Place},
    moves::Moves,
    stream::Streams,
    tape,
    templates::Templates,
};
use crate::wire::json::{self, write_json_string};

/// Compares a render, hole by hole, with the tape of the last one.
#[derive(Debug, Default)]
pub(crate) struct Differ {
    /// The hole being filled, of the innermost frame.
    pub(crate) hole: usize,
    /// The frame under way; the diff's members start at `start`.
    pub(super) out: String,
    start: usize,
    /// The tape of the last render. While `in_step` it becomes that of this one: texts that have changed are
    /// written over, up to the cursor.
    pub(crate) old: Box<[u64]>,
    /// The words that were written over, with their places.
    overwritten: Vec<(usize, u64)>,
    /// In `old`: the slot of the hole being filled. Meaningless while `is_fresh`.
    pub(super) cursor: usize,
    /// The browser has nothing of what is being rendered: everything travels, with its statics.
    pub(super) is_fresh: bool,
    /// What is rendered takes statics over from the tree that `old` is of: texts and rows travel
    /// even where they are equal.
    pub(super) borrows: bool,
    pub(super) root: Root,
    /// The root's statics travelled.
    pub(crate) is_root_new: bool,
    /// The tape of this render, which ends with what was rendered last; empty while `in_step`.
    pub(super) tape: Vec<u64>,
    /// What was rendered so far has the shape of `old`, and nothing of it is fresh or borrowed.
    pub(super) in_step: bool,
    /// Nodes, lists and entries around the hole being filled, outermost first.
    pub(super) frames: Vec<Frame>,
    /// The row around the hole being filled, which becomes a frame when there is something in it.
    pub(super) row: Option<Row>,
    /// How many of `frames` have been opened in `out`; the others hold no change yet.
    pub(super) n_open: usize,
    pub(super) lists: Vec<List>,
    pub(super) streams: Streams,
    pub(super) templates: Templates,
    /// Tables of moved rows, kept for reuse.
    pub(super) spare_moves: Vec<Moves>,
    /// How many lists this render has begun.
    pub(super) n_lists: usize,
    /// Keys of every list of this render, by the list's number; only filled in debug
    /// builds, to report duplicates.
    pub(super) seen_keys: foldhash::HashSet<(usize, u64)>,
    pub(super) n_sent: usize,
    pub(crate) hashing: Hashing,
}

/// Whose tree is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Root {
    #[default]
    View,
    /// A component's, perhaps with the statics of another.
    Component {
        donor: Option<Donor>,
        /// The first number of a template that comes again in it.
        n_shared: usize,
        /// It had left the page: nobody knows what the browser still has of its streams.
        is_back: bool,
    },
}

/// A JSON object that is open or may have to be opened.
#[derive(Debug)]
pub(super) struct Frame {
    /// Its name in the enclosing object: hole or index.
    pub(super) name: usize,
    pub(super) kind: FrameKind,
    /// Where the old tape goes on when this frame is the one that has no counterpart in it.
    pub(super) resume: Option<usize>,
}

/// A row of which nothing was said yet.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: usize,
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FrameKind {
    /// The message itself: its braces are the caller's.
    Root,
    Node,
    /// A node that the browser skips when a message says nothing in it.
    Element,
    List,
    Stream,
    Entry(Place),
}

impl Differ {
    pub(crate) fn begin(&mut self, old: Box<[u64]>, out: String, root: Root) {
        self.root = root;
        self.borrows = false;
        self.is_root_new = false;
        self.start = out.len();
        self.out = out;
        self.is_fresh = old.is_empty();
        self.in_step = !self.is_fresh;
        self.tape.clear();
        self.overwritten.clear();
        self.old = old;
        self.cursor = 0;
        self.frames.clear();
        self.row = None;
        self.n_open = 0;
        self.lists.clear();
        self.streams.clear();
        self.templates.clear();
        self.templates.next_number = match root {
            Root::View => 0,
            Root::Component { n_shared, .. } => n_shared,
        };
        self.n_lists = 0;
        self.seen_keys.clear();
        self.n_sent = 0;
    }

    /// The new tape, the frame with the members appended, and what it says. Streams forget what it
    /// carries. A view's members that only lead to components are dropped where nothing else is
    /// said, so that the message is of components alone.
    pub(crate) fn finish(&mut self) -> (Box<[u64]>, String, Changes) {
        if self.n_sent == 0 && self.root == Root::View {
            self.out.truncate(self.start);
        }
        let mut tape = std::mem::take(&mut self.old);
        if !self.in_step && self.n_sent > 0 {
            if tape.len() == self.tape.len() {
                tape.copy_from_slice(&self.tape);
            } else {
                tape = self.tape.as_slice().into();
            }
        }
        let changes = Changes { holes: self.n_sent, streams: self.streams.forget_sent() };
        (tape, std::mem::take(&mut self.out), changes)
    }

    /// The old tape and the frame, as they were.
    pub(crate) fn give_up(&mut self) -> (Box<[u64]>, String) {
        self.out.truncate(self.start);
        self.streams.clear();
        for (at, word) in self.overwritten.drain(..) {
            self.old[at] = word;
        }
        (std::mem::take(&mut self.old), std::mem::take(&mut self.out))
    }

    /// Gives back what an unusually large render left, down to `bytes` per buffer.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        self.tape.clear();
        self.tape.shrink_to(bytes / size_of::<u64>());
        self.overwritten.clear();
        self.overwritten.shrink_to(bytes / size_of::<(usize, u64)>());
        self.spare_moves.iter_mut().for_each(|moves| moves.shrink_to(bytes));
        self.templates.shrink_to(bytes);
    }

    /// The first number that no template of this tree has.
    pub(crate) fn n_shared(&self) -> usize {
        self.templates.next_number
    }

    pub(crate) fn is_at_root(&self) -> bool {
        self.frames.is_empty()
    }

    /// Fills the hole with a text, written as HTML.
    pub(crate) fn text(&mut self, html: &str) {
        if self.has_changed(self.hashing.html(html)) {
            self.send_text(self.hole, html);
        }
    }

    /// Fills the hole with a text that has this hash. Says whether it is to be sent: the browser
    /// has another one, or none.
    pub(crate) fn has_changed(&mut self, hash: u64) -> bool {
        let word = tape::text(hash);
        if self.in_step && tape::is_text(self.old_word()) {
            return self.write_over(word);
        }
        if self.is_fresh {
            // Nothing is in step with what the browser does not have.
            self.tape.push(word);
            return true;
        }
        self.push(word);
        if self.old_word() == word {
            self.cursor += 1;
            return self.borrows;
        }
        self.cursor = tape::after_slot(&self.old, self.cursor);
        true
    }

    /// Puts the word of a text in place of another one. Says whether they differ.
    fn write_over(&mut self, word: u64) -> bool {
        let was = std::mem::replace(&mut self.old[self.cursor], word);
        if was != word {
            self.overwritten.push((self.cursor, was));
        }
        self.cursor += 1;
        was != word
    }

    /// Fills the hole with a text that has this hash, if it need not be sent and nothing stands in the
    /// way of doing so at once.
    pub(crate) fn keeps(&mut self, hash: u64) -> bool {
        let word = tape::text(hash);
        if self.old_word() != word {
            return false;
        }
        if !self.in_step {
            let is_kept = !self.is_fresh && !self.borrows;
            if !is_kept || self.tape.len() == self.tape.capacity() {
                return false;
            }
            self.tape.push(word);
        }
        self.cursor += 1;
        true
    }

    pub(crate) fn send_text(&mut self, name: usize, text: &str) {
        write_json_string(self.text_member(name), text);
    }

    /// Where the text of a hole is to be written, as a JSON string.
    pub(crate) fn text_member(&mut self, name: usize) -> &mut String {
        self.open_frames();
        self.member(name);
        self.n_sent += 1;
        &mut self.out
    }

    /// Appends a word that the old tape does not have here, or that is rendered out of its order.
    pub(super) fn push(&mut self, word: u64) {
        self.fall_out_of_step();
        self.tape.push(word);
    }

    /// Whether the old tape goes on with `word`, the head of a slot of the same shape.
    pub(super) fn is_in_step_with(&self, word: u64) -> bool {
        self.in_step && self.old_word() == word
    }

    /// From here on the tape is written anew.
    pub(super) fn fall_out_of_step(&mut self) {
        if std::mem::take(&mut self.in_step) {
            self.tape.reserve(self.old.len());
            self.tape.extend_from_slice(&self.old[..self.cursor]);
        }
    }

    /// Where the new tape goes on.
    pub(super) fn place(&self) -> usize {
        if self.in_step { self.cursor } else { self.tape.len() }
    }

    pub(super) fn push_frame(&mut self, frame: Frame) {
        self.settle_row();
        self.frames.push(frame);
    }

    /// Makes a frame of the row, in which there is something.
    #[inline]
    fn settle_row(&mut self) {
        if let Some(Row { name, place }) = self.row.take() {
            self.frames.push(Frame { name, kind: FrameKind::Entry(place), resume: None });
        }
    }

    /// The old word at the cursor; one that no slot has when the tape is at its end.
    pub(super) fn old_word(&self) -> u64 {
        self.old.get(self.cursor).copied().unwrap_or(u64::MAX)
    }

    /// Matches the hole's slot with `word`, the head of a node or list. When the old slot is
    /// another, what follows is fresh; returns where the old tape then goes on.
    pub(super) fn enter(&mut self, word: u64) -> Option<usize> {
        if self.is_fresh || self.old_word() == word {
            return None;
        }
        self.is_fresh = true;
        Some(tape::after_slot(&self.old, self.cursor))
    }

    /// Undoes `enter` when the frame is done.
    pub(super) fn leave(&mut self, resume: Option<usize>) {
        if let Some(cursor) = resume {
            self.is_fresh = false;
            self.cursor = cursor;
        }
    }

    /// Opens every object around the hole being filled that is not open yet.
    #[inline]
    pub(super) fn open_frames(&mut self) {
        self.settle_row();
        if self.n_open < self.frames.len() {
            self.open_unopened();
        }
    }

    /// Apart, since most texts of what is new follow another one.
    #[inline(never)]
    fn open_unopened(&mut self) {
        while let Some(frame) = self.frames.get(self.n_open) {
            let (name, kind) = (frame.name, frame.kind);
            self.n_open += 1;
            if kind == FrameKind::Root {
                continue;
            }
            self.member(name);
            match kind {
                FrameKind::List | FrameKind::Stream => self.out.push_str("{\"k\":{"),
                FrameKind::Entry(Place::Moved { from }) => {
                    self.out.push('[');
                    json::place(&mut self.out, from);
                    self.out.push_str(",{");
                }
                _ => self.out.push('{'),
            }
        }
    }

    /// Takes the innermost frame off; says whether it was opened.
    pub(super) fn close_frame(&mut self) -> (Frame, bool) {
        let frame = self.frames.pop().expect("every end has its begin");
        let is_open = self.n_open > self.frames.len();
        self.n_open = self.n_open.min(self.frames.len());
        (frame, is_open)
    }

    /// Starts the member `"name":` of the object that is open.
    pub(super) fn member(&mut self, name: usize) {
        let is_first = self.is_first();
        json::member(&mut self.out, is_first, name);
    }

    /// Starts the member `key` (quoted, with its colon) of the object that is open.
    pub(super) fn named_member(&mut self, key: &str) {
        if !self.is_first() {
            self.out.push(',');
        }
        self.out.push_str(key);
    }

    /// Whether the object that is open has no member yet.
    fn is_first(&self) -> bool {
        self.out.len() == self.start || matches!(self.out.as_bytes().last(), Some(b'{' | b'['))
    }
}
