//! Streams: rows that are sent complete and then forgotten, with what the browser does with them.
//!
//! ```text
//! {"s":["<li id=\"","\">","</li>"],"k":{"0":{"0":"m-1","1":"Hi"},"kc":1},
//!  "stream":["m",[["m-1",-1,null,null]],[]]}
//! ```
//!
//! The slot of the tape is one word, the template of the rows: nothing of a row is remembered.

use std::fmt;
use std::sync::Arc;

use super::{
    differ::{Differ, Frame, FrameKind, Root},
    hash_key,
    list::Place,
    tape,
};
use crate::template::statics::Statics;
use crate::wire::json::{self, write_json_string};

/// What a browser is to do with a stream, beside the items themselves.
#[derive(Debug, Default)]
pub(crate) struct StreamOperations {
    /// The stream's name.
    pub(crate) reference: Arc<str>,
    /// One for each row that follows, in order.
    pub(crate) inserts: Vec<StreamInsert>,
    /// Ids of elements to remove.
    pub(crate) deletes: Vec<Arc<str>>,
    /// Remove every element that is not inserted again.
    pub(crate) reset: bool,
    /// The browser has no item of the stream before these.
    pub(crate) is_first: bool,
}

/// Where one row goes.
#[derive(Debug)]
pub(crate) struct StreamInsert {
    /// The element's id.
    pub(crate) id: Arc<str>,
    /// -1 for the end, otherwise the index among the container's children.
    pub(crate) at: i64,
    /// Positive keeps the first, negative the last.
    pub(crate) limit: Option<i64>,
    /// Only where the element is there already.
    pub(crate) update_only: bool,
}

/// A row of a stream: the hashes of the stream's name and of the row's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowId {
    pub(crate) stream: u64,
    pub(crate) row: u64,
}

/// What a render tells of a stream.
#[derive(Debug)]
pub(crate) struct RowNews {
    pub(crate) operations: StreamOperations,
    /// The row of another stream that it stands in.
    pub(crate) outer: Option<RowId>,
    /// Components stand in the rows that follow.
    pub(crate) has_components: bool,
}

/// Something that holds what a render sends, until it was sent.
pub(crate) trait Forget: Send + Sync {
    /// The frame with it is complete.
    fn forget(&self);
}

/// A stream being rendered.
#[derive(Debug)]
pub(super) struct Stream {
    statics: &'static Statics,
    operations: StreamOperations,
    /// The end of its slot in the new tape; what rows write there is dropped.
    end: usize,
    n_rows: usize,
    /// The browser has nothing in this place: the rows' statics travel too.
    is_new: bool,
    /// A component stands in one of the rows.
    has_components: bool,
}

/// The streams of a render.
#[derive(Default)]
pub(super) struct Streams {
    /// Of all of them, to tell two of one name.
    names: Vec<Arc<str>>,
    /// Those whose operations the render has written.
    sent: Vec<Arc<dyn Forget>>,
    /// Those around the hole being filled, outermost first.
    open: Vec<Stream>,
    /// What the render tells of rows.
    news: Vec<RowNews>,
}

impl Streams {
    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.sent.clear();
        self.open.clear();
        self.news.clear();
    }

    /// The frame is complete; returns how many streams it told the browser something about.
    pub(super) fn forget_sent(&mut self) -> usize {
        let n_streams = self.sent.len();
        self.sent.drain(..).for_each(|stream| stream.forget());
        n_streams
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Streams").field("names", &self.names).finish_non_exhaustive()
    }
}

impl StreamOperations {
    fn is_empty(&self) -> bool {
        self.inserts.is_empty() && self.deletes.is_empty() && !self.reset
    }

    /// Appends `["m",[["m-1",-1,null,null]],["m-2"],true]`. The last element only when it holds:
    /// the client resets on any fourth element.
    fn write(&self, out: &mut String) {
        out.push('[');
        write_json_string(out, &self.reference);
        out.push_str(",[");
        for (index, insert) in self.inserts.iter().enumerate() {
            out.push_str(if index == 0 { "[" } else { ",[" });
            write_json_string(out, &insert.id);
            out.push(',');
            json::number(out, insert.at);
            out.push(',');
            match insert.limit {
                Some(limit) => json::number(out, limit),
                None => out.push_str("null"),
            }
            out.push_str(if insert.update_only { ",true]" } else { ",null]" });
        }
        out.push_str("],[");
        for (index, id) in self.deletes.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_json_string(out, id);
        }
        out.push_str(if self.reset { "],true]" } else { "]]" });
    }
}

impl Differ {
    /// Fills the hole with a stream whose new rows follow. False when its rows must not follow,
    /// because the render has sent them elsewhere.
    pub(crate) fn begin_stream(
        &mut self,
        statics: &'static Statics,
        mut operations: StreamOperations,
        forget: Arc<dyn Forget>,
    ) -> bool {
        let is_first = !self.streams.names.contains(&operations.reference);
        if !is_first {
            tracing::error!(
                template = statics.location,
                stream = &*operations.reference,
                "two streams of one view have the same name; only the first is shown"
            );
            operations = StreamOperations { reference: operations.reference, ..Default::default() };
        }
        operations.reset |= is_first && matches!(self.root, Root::Component { is_back: true, .. });
        let word = tape::stream(statics.fingerprint);
        if !self.is_in_step_with(word) {
            self.push(word);
        }
        let resume = self.enter(word);
        let is_new = self.is_fresh || self.borrows;
        if !self.is_fresh {
            self.cursor += 1;
        }
        let has_news = is_new || !operations.is_empty();
        self.push_frame(Frame { name: self.hole, kind: FrameKind::Stream, resume });
        if has_news {
            self.open_frames();
            self.n_sent += 1;
        }
        if !operations.is_empty() {
            self.streams.sent.push(forget);
        }
        self.streams.names.push(Arc::clone(&operations.reference));
        self.streams.open.push(Stream {
            statics,
            operations,
            end: self.place(),
            n_rows: 0,
            is_new,
            has_components: false,
        });
        is_first
    }

    /// Begins the next row, which is complete whatever the tape says.
    pub(super) fn begin_stream_entry(&mut self) {
        let stream = self.streams.open.last_mut().expect("a stream's row stands within a stream");
        let name = stream.n_rows;
        stream.n_rows += 1;
        let resume = (!self.is_fresh).then_some(self.cursor);
        self.fall_out_of_step();
        self.is_fresh = true;
        self.push_frame(Frame { name, kind: FrameKind::Entry(Place::New), resume });
        self.open_frames();
    }

    /// The stream's row in which a component fills the hole.
    pub(crate) fn row_of_component(&mut self) -> Option<RowId> {
        self.streams.open.iter_mut().for_each(|stream| stream.has_components = true);
        self.streams.open.last().and_then(Stream::row)
    }

    /// What the render has told of rows, and the names of all its streams.
    pub(crate) fn take_row_news(&mut self) -> (Vec<RowNews>, Vec<Arc<str>>) {
        (std::mem::take(&mut self.streams.news), std::mem::take(&mut self.streams.names))
    }

    pub(super) fn end_stream(&mut self) {
        let stream = self.streams.open.pop().expect("every end has its begin");
        if !self.in_step {
            self.tape.truncate(stream.end);
        }
        let (frame, is_open) = self.close_frame();
        if is_open {
            self.named_member("\"kc\":");
            json::number(&mut self.out, stream.n_rows);
            self.out.push_str("},\"stream\":");
            stream.operations.write(&mut self.out);
            if stream.is_new {
                self.out.push_str(",\"s\":");
                self.templates.write(&mut self.out, stream.statics);
            }
            self.out.push('}');
        }
        self.leave(frame.resume);
        let Stream { operations, has_components, .. } = stream;
        if !operations.is_empty() {
            let outer = self.streams.open.last().and_then(Stream::row);
            self.streams.news.push(RowNews { operations, outer, has_components });
        }
    }
}

impl Stream {
    /// The row being rendered.
    fn row(&self) -> Option<RowId> {
        let insert = self.operations.inserts.get(self.n_rows.checked_sub(1)?)?;
        Some(RowId { stream: hash_key(&*self.operations.reference), row: hash_key(&*insert.id) })
    }
}
