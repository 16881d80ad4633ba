//! Holes that are filled with one value of text or a number.

use super::{Fill, Hole, Mode, Renderer};
use crate::template::pick::Textual;

impl Renderer {
    /// Fills the hole, or is the root, with a text.
    pub(in crate::template) fn text_alone<T: Textual + ?Sized>(&mut self, value: &T) {
        if self.mode != Mode::Diff {
            return self.write(value);
        }
        self.begin_fill();
        let wrapper = self.wrap_root();
        let hash = if self.fill.leads { None } else { value.hash(&self.differ.hashing) };
        self.show(value, hash);
        self.unwrap_root(wrapper);
    }

    /// Fills a hole with a text, which in a diff is written only where somebody is to see it: not where the
    /// hash of the last render is found. Nearly all values of a diff come no further than that, so a template has
    /// as little as that for each.
    #[inline]
    pub(in crate::template) fn hole_value<T: Textual + ?Sized>(&mut self, hole: Hole, value: &T) {
        if self.mode != Mode::Diff {
            self.go_to(hole);
            return self.write(value);
        }
        let hash = if self.may_lead(hole) { None } else { value.hash(&self.differ.hashing) };
        if hash.is_some_and(|hash| self.differ.keeps(hash)) {
            self.fill = Fill::FILLED;
        } else {
            self.show_in(hole, value, hash);
        }
    }

    /// Apart, as what comes next, so that a template has one call for each of its values.
    #[inline(never)]
    fn write<T: Textual + ?Sized>(&mut self, value: &T) {
        self.begin_fill();
        value.write(&mut self.text);
        if self.fill.leads {
            self.end_leading_text();
        }
        self.fill.is_filled = true;
    }

    #[inline(never)]
    fn show_in<T: Textual + ?Sized>(&mut self, hole: Hole, value: &T, hash: Option<u64>) {
        match hash {
            None => self.go_to(hole),
            Some(_) => self.differ.hole = hole.index(),
        }
        self.show(value, hash);
    }

    /// Fills the hole in a diff with a text that has this hash, or that has to be written to be told.
    #[inline]
    fn show<T: Textual + ?Sized>(&mut self, value: &T, hash: Option<u64>) {
        let Some(hash) = hash else {
            self.text.clear();
            value.write(&mut self.text);
            return self.end_text();
        };
        if self.differ.has_changed(hash) {
            value.write_json(self.differ.text_member(self.differ.hole));
        }
        self.fill = Fill::FILLED;
    }
}
