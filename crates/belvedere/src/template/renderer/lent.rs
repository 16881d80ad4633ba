//! What is placed in a template and is neither text nor template: whose it is lends the renderer a
//! keeper of such things, and fills their holes with what the renderer offers here.

use std::any::Any;

use super::{Fill, Mode, Renderer};
use crate::stream::LiveStream;

/// Keeps what templates place, for whoever renders; its type is the lender's own affair.
pub(crate) trait Lent: Any + Send {
    /// The template being rendered shows a stream that has forgotten its changes.
    fn stream_lost(&mut self);

    /// Whether the browser is known not to have a row of the stream of this name.
    fn lacks_row(&self, stream: &str, row: &str) -> bool;
}

impl Renderer {
    /// Runs one render that has `lent` for as long.
    pub(crate) fn lending<L: Lent + Default, R>(
        mode: Mode,
        lent: &mut L,
        render: impl FnOnce(&mut Self) -> R,
    ) -> R {
        Self::scoped(mode, |renderer| {
            renderer.is_lent = true;
            std::mem::swap(renderer.lent(), lent);
            let rendered = render(renderer);
            std::mem::swap(renderer.lent(), lent);
            renderer.is_lent = false;
            rendered
        })
    }

    /// Whether anything is lent; a template rendered by itself has nobody to keep what it places.
    pub(crate) fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// What is lent. Its place stays when a render is over, with nothing in it, for the next one.
    pub(crate) fn lent<L: Lent + Default>(&mut self) -> &mut L {
        let lent: &mut dyn Any = &mut **self.lent.get_or_insert_with(|| Box::<L>::default());
        lent.downcast_mut().expect("only one type is ever lent")
    }

    /// A stream in the template being rendered has forgotten its changes.
    pub(super) fn stream_lost(&mut self) {
        if let Some(lent) = self.lent.as_mut().filter(|_| self.is_lent) {
            lent.stream_lost();
        }
    }

    /// What changes in rows that the browser does not have is not sent.
    pub(super) fn forget_absent<T: Send + Sync + 'static>(&self, stream: &LiveStream<T>) {
        if let Some(lent) = self.lent.as_ref().filter(|_| self.is_lent) {
            stream.forget_absent(|name, row| lent.lacks_row(name, row));
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Where the template being rendered stands in the author's code.
    pub(crate) fn location(&self) -> &'static str {
        self.template.map_or("", |statics| statics.location)
    }

    /// The HTML so far.
    pub(crate) fn html_so_far(&self) -> &str {
        &self.text
    }

    /// Forgets the HTML so far.
    pub(crate) fn forget_html(&mut self) {
        self.text.clear();
    }

    /// Renders a template as a root of its own.
    pub(crate) fn tree(&mut self, render: impl FnOnce(&mut Self)) {
        self.fill = Fill::default();
        render(self);
    }

    /// Fills the hole with a template that does not belong to the rows around it, or with nothing
    /// when none is rendered.
    pub(crate) fn in_place(&mut self, render: impl FnOnce(&mut Self)) {
        let lists = std::mem::take(&mut self.lists);
        render(self);
        self.lists = lists;
        if !self.fill.is_filled {
            self.empty();
        }
    }

    /// Fills the hole of a diff with what `fill` has the differ write.
    pub(crate) fn slot(&mut self, fill: impl FnOnce(&mut Self)) {
        self.begin_fill();
        let wrapper = self.wrap_root();
        fill(self);
        self.unwrap_root(wrapper);
        self.fill = Fill::FILLED;
    }

    /// Fills the hole with ready HTML that `write` appends, as what is lent has it.
    pub(crate) fn ready<L: Lent + Default>(&mut self, write: impl FnOnce(&mut L, &mut String)) {
        self.begin_text();
        let mut text = std::mem::take(&mut self.text);
        write(self.lent(), &mut text);
        self.text = text;
        let wrapper = self.mode == Mode::Diff && self.wrap_root();
        self.end_text();
        self.unwrap_root(wrapper);
    }
}
