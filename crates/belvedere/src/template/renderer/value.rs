//! Holes that are filled with one value of text or a number.

use super::{Mode, Renderer};
use crate::template::pick::Textual;

impl Renderer {
    /// Fills the hole, or is the root, with a text.
    pub(in crate::template) fn text_alone<T: Textual + ?Sized>(&mut self, value: &T) {
        let wrapper = self.mode == Mode::Diff && self.wrap_root();
        self.value(value);
        self.unwrap_root(wrapper);
    }

    /// Fills the hole with a text, which in a diff is written only where somebody is to see it: not where
    /// the hash of the last render is found.
    pub(in crate::template) fn value<T: Textual + ?Sized>(&mut self, value: &T) {
        if self.mode != Mode::Diff {
            return self.write(value);
        }
        let hash = if self.fill.leads { None } else { value.hash(&self.differ.hashing) };
        if !self.keeps(hash) {
            self.show(value, hash);
        }
    }

    /// Apart, so that a template has one call for each of its values.
    #[inline(never)]
    fn write<T: Textual + ?Sized>(&mut self, value: &T) {
        self.begin_fill();
        value.write(&mut self.text);
        if self.fill.leads {
            self.end_leading_text();
        }
        self.fill.is_filled = true;
    }

    /// Whether the hole shows what it showed. Calls nothing, since most values of a diff come no further.
    #[inline]
    fn keeps(&mut self, hash: Option<u64>) -> bool {
        let is_kept = !self.fill.is_filled && hash.is_some_and(|hash| self.differ.keeps(hash));
        self.fill.is_filled |= is_kept;
        is_kept
    }

    /// Apart, so that [`keeps`](Self::keeps) pays for no call.
    #[inline(never)]
    fn show<T: Textual + ?Sized>(&mut self, value: &T, hash: Option<u64>) {
        self.begin_text();
        let Some(hash) = hash else {
            value.write(&mut self.text);
            return self.end_text();
        };
        if self.differ.has_changed(hash) {
            value.write_json(self.differ.text_member(self.differ.hole));
        }
        self.fill.is_filled = true;
    }
}
