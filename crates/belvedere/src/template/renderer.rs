//! The one thing every template writes to: HTML, or the diff to what a browser has.
//!
//! A *hole* is filled once: by a text, a node, a list, or nothing. Calls nest as the template does:
//!
//! ```text
//! node(T) · go_to(hole 0) begin_text … end_text · go_to(hole 1) list(R)
//!         · entry(key) · go_to(hole 0) … · end_entry · entry(key) · … · end_list · end_node
//! ```
//!
//! A hole that one value fills is one call, `hole_value`.

use std::{cell::Cell, fmt, sync::Arc};

use super::{Key, Render, private::Template, statics::Statics};
use crate::{
    diff::{Differ, Forget, StreamOperations},
    stream::LiveStream,
};
pub use hole::Hole;
pub(crate) use lent::Lent;

mod hole;
mod leading;
mod lent;
mod value;

/// Capacity that a thread's renderer keeps between renders, per buffer. A page beyond it, which is
/// rare, pays for its own growth.
const KEPT_BYTES: usize = 256 * 1024;

/// Writes one render of a template, as HTML or as a diff.
///
/// Made by [`to_html`](super::to_html) and by `diff`, one per thread, reused; authors only pass it
/// on.
#[derive(Default)]
pub struct Renderer {
    mode: Mode,
    /// HTML: the page so far. Diff: the text of the hole being filled.
    text: String,
    /// Whose hole is being filled, for messages to the author.
    template: Option<&'static Statics>,
    /// The lists being rendered, outermost first.
    lists: Vec<List>,
    /// How far the hole being filled, or the root, has come.
    fill: Fill,
    /// Where in `text` the text of a hole at a template's or an element's start begins.
    text_start: usize,
    /// Whether the root, which must be a node, was made one around a list.
    is_wrapped: bool,
    /// Keeps what the templates of a view place, while `is_lent`; empty otherwise.
    lent: Option<Box<dyn Lent>>,
    is_lent: bool,
    pub(crate) differ: Differ,
}

/// What a render makes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Mode {
    #[default]
    Html,
    /// Only what the template places matters.
    Collect,
    Diff,
}

/// A list being rendered.
#[derive(Clone, Copy)]
struct List {
    row: &'static Statics,
    is_stream: bool,
}

/// How far a hole has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fill {
    /// It has what belongs into it.
    is_filled: bool,
    /// Nothing stands between it and the start of an element whose first line break is dropped.
    leads: bool,
}

impl Fill {
    const FILLED: Self = Self { is_filled: true, leads: false };
}

/// A node or row whose holes are being filled.
#[derive(Clone, Copy, Debug)]
pub struct Node(&'static Statics);

/// Proof that a walk came to its end: a `return` within a template does not type-check.
#[derive(Debug)]
pub struct Done(());

thread_local! {
    /// The renderer of this thread while no render runs. A render that panics leaves nothing here,
    /// and one within another finds nothing: both make do with a new one.
    static SPARE: Cell<Option<Box<Renderer>>> = const { Cell::new(None) };
}

impl Renderer {
    /// Renders `template` and gives its HTML to `take`.
    pub(crate) fn html<T: Render + ?Sized, R>(template: &T, take: impl FnOnce(&str) -> R) -> R {
        Self::scoped(Mode::Html, |renderer| {
            renderer.live(template);
            take(&renderer.text)
        })
    }

    /// Renders `template` as a diff; `prepare` and `finish` set up and read the differ.
    pub(crate) fn diff<T: Render + ?Sized, R>(
        template: &T,
        prepare: impl FnOnce(&mut Differ),
        finish: impl FnOnce(&mut Differ) -> R,
    ) -> R {
        Self::scoped(Mode::Diff, |renderer| {
            prepare(&mut renderer.differ);
            renderer.live(template);
            finish(&mut renderer.differ)
        })
    }

    fn scoped<R>(mode: Mode, render: impl FnOnce(&mut Self) -> R) -> R {
        let mut renderer = SPARE.take().unwrap_or_default();
        renderer.mode = mode;
        renderer.text.clear();
        renderer.template = None;
        renderer.fill = Fill::default();
        let rendered = render(&mut renderer);
        renderer.text.clear();
        renderer.text.shrink_to(KEPT_BYTES);
        renderer.differ.shrink_to(KEPT_BYTES);
        SPARE.set(Some(renderer));
        rendered
    }

    /// Fills the hole with a template's own node or list, or with nothing when it renders none.
    pub(crate) fn live<T: Render + ?Sized>(&mut self, template: &T) {
        template.render_to(self);
        if !self.fill.is_filled {
            self.empty();
        }
    }

    /// Fills the hole with a list of templates, known by their place. They may be of several kinds
    /// (`Vec<Box<dyn Render>>`), so each is a node in a row of nothing else.
    pub(super) fn items<T: Render>(&mut self, items: impl Iterator<Item = T>) {
        static ITEM: Template = Template::one_hole();
        self.list(&ITEM);
        for template in items {
            let row = self.entry_at_index();
            self.go_to(row.first_hole(0));
            self.live(&template);
            self.end_entry(row);
        }
        self.end_list();
    }

    fn begin_fill(&mut self) {
        assert!(!self.fill.is_filled, "`Render::render_to` rendered more than one template");
    }
}

/// Called by the expansion of `live!`.
#[doc(hidden)]
impl Renderer {
    /// Fills the hole with a node; its own holes follow, then `end_node`.
    pub fn node(&mut self, template: &'static Template) -> Node {
        self.begin_fill();
        let statics = template.statics();
        if cfg!(debug_assertions) {
            statics.note();
        }
        if self.mode == Mode::Diff {
            self.differ.begin_node(statics);
        }
        Node(statics)
    }

    pub fn end_node(&mut self, node: Node) -> Done {
        match self.mode {
            Mode::Html | Mode::Collect => self.text.push_str(node.0.last_part()),
            Mode::Diff => self.differ.end_node(node.0),
        }
        self.end_part(node.0);
        self.fill.is_filled = true;
        Done(())
    }

    /// Fills the hole with what is written to `text` until `end_text`.
    pub fn begin_text(&mut self) {
        self.begin_fill();
        if self.mode == Mode::Diff {
            self.text.clear();
        }
    }

    pub fn text(&mut self) -> &mut String {
        &mut self.text
    }

    pub fn end_text(&mut self) {
        if self.fill.leads {
            self.end_leading_text();
        }
        if self.mode == Mode::Diff {
            self.differ.text(&self.text);
        }
        self.fill.is_filled = true;
    }

    /// Fills the hole with nothing.
    pub fn empty(&mut self) {
        self.begin_fill();
        if self.mode == Mode::Diff {
            let wrapper = self.wrap_root();
            self.differ.text("");
            self.unwrap_root(wrapper);
        }
        self.fill.is_filled = true;
    }

    /// Fills the hole with a list of rows of one template; entries follow, then `end_list`.
    pub fn list(&mut self, row: &'static Template) {
        self.begin_fill();
        let statics = row.statics();
        if self.mode == Mode::Diff {
            if self.lists.is_empty() {
                self.is_wrapped = self.wrap_root();
            }
            self.differ.begin_list(statics);
        }
        self.lists.push(List { row: statics, is_stream: false });
    }

    /// Fills the hole with a stream of rows of one template; entries for what is returned follow,
    /// then `end_list`.
    pub(super) fn stream<T: Send + Sync + 'static>(
        &mut self,
        stream: &LiveStream<T>,
        row: &'static Template,
    ) -> Vec<(Arc<str>, Arc<T>)> {
        if stream.is_lost() {
            self.stream_lost();
        }
        if self.mode != Mode::Diff {
            self.begin_fill();
            self.lists.push(List { row: row.statics(), is_stream: true });
            return stream.shown();
        }
        self.forget_absent(stream);
        let is_sent = self.stream_diff(row, stream.operations(), stream.forget_sent());
        if is_sent { stream.inserted() } else { Vec::new() }
    }

    fn stream_diff(
        &mut self,
        row: &'static Template,
        operations: StreamOperations,
        forget: Arc<dyn Forget>,
    ) -> bool {
        self.begin_fill();
        // The browser has rows that are not rendered here.
        self.fill.leads = false;
        if self.lists.is_empty() {
            self.is_wrapped = self.wrap_root();
        }
        self.lists.push(List { row: row.statics(), is_stream: true });
        self.differ.begin_stream(row.statics(), operations, forget)
    }

    /// Begins a row that is known by its key; its holes follow, then `end_entry`.
    pub fn entry<K: Key + ?Sized>(&mut self, key: &K) -> Node {
        let row = self.row();
        if self.mode == Mode::Diff {
            self.differ.begin_keyed_entry(row.0, key);
        }
        row
    }

    /// Begins a row that is known by its place.
    pub fn entry_at_index(&mut self) -> Node {
        if self.mode == Mode::Diff {
            self.differ.begin_indexed_entry();
        }
        self.row()
    }

    fn row(&self) -> Node {
        let row = self.lists.last().expect("an entry stands within a list").row;
        if cfg!(debug_assertions) {
            row.note();
        }
        Node(row)
    }

    /// Whether what is rendered stands in a row of a stream, without a component between.
    pub(crate) fn is_in_stream_row(&self) -> bool {
        self.lists.iter().any(|list| list.is_stream)
    }

    #[inline]
    pub fn end_entry(&mut self, row: Node) {
        match self.mode {
            Mode::Html | Mode::Collect => self.text.push_str(row.0.last_part()),
            Mode::Diff => self.differ.end_entry(),
        }
        self.end_part(row.0);
    }

    pub fn end_list(&mut self) {
        self.lists.pop();
        if self.mode == Mode::Diff {
            self.differ.end_list();
            if self.lists.is_empty() {
                let is_wrapped = std::mem::take(&mut self.is_wrapped);
                self.unwrap_root(is_wrapped);
            }
        }
        self.fill.is_filled = true;
    }

    /// A whole template of ready markup.
    pub fn markup(&mut self, markup: &maud::Markup) -> Done {
        let node = self.node(&WRAPPER);
        super::pick::Maud.splice(markup, self, node.first_hole(0));
        self.end_node(node)
    }

    /// A template that shows nothing.
    pub fn nothing(&mut self) -> Done {
        self.empty();
        Done(())
    }
}

static WRAPPER: Template = Template::one_hole();

impl Renderer {
    /// The root of a diff is a node: makes one around a list or nothing. Says whether it did.
    fn wrap_root(&mut self) -> bool {
        let is_root = self.differ.is_at_root();
        if is_root {
            self.differ.begin_node(WRAPPER.statics());
            self.differ.hole = 0;
        }
        is_root
    }

    fn unwrap_root(&mut self, is_wrapped: bool) {
        if is_wrapped {
            self.differ.end_node(WRAPPER.statics());
        }
    }
}

impl fmt::Debug for Renderer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Renderer").field("mode", &self.mode).finish_non_exhaustive()
    }
}
