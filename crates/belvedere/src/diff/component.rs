//! Live components: numbers in the slots, trees beside them.
//!
//! ```text
//! {"0":1,"1":2,"c":{"1":{"0":"x","s":["<b>","</b>"],"r":1},"2":{"0":"y","s":1}}}
//! ```
//!
//! `s` of a tree may name another component whose statics it takes over: one of this message by its
//! number, one the browser has by its negated number. The tree is then a diff to that one's tape in
//! which nothing is left out but statics.
//!
//! What stands in an element of which the message says nothing, the browser leaves as it is, even
//! if it is a component that changed. So the way to a component that may have changed is said again:
//!
//! ```text
//! {"0":"title","1":{"0":1},"c":{"1":{"0":"y"}}}
//! ```

use super::{
    differ::{Differ, FrameKind},
    tape,
};
use crate::wire::json;

impl Differ {
    /// Fills the hole with a component. `leads_to_change` has the way to it said where the browser
    /// has it already. Whether the place is new to the browser.
    pub(crate) fn component(&mut self, number: u64, leads_to_change: bool) -> bool {
        let word = tape::component(number);
        if !self.is_in_step_with(word) {
            self.push(word);
        }
        let mut is_new = true;
        if !self.is_fresh {
            is_new = self.old_word() != word || self.borrows;
            self.cursor = tape::after_slot(&self.old, self.cursor);
        }
        if is_new || leads_to_change {
            self.open_frames();
            self.member(self.hole);
            json::number(&mut self.out, number);
            self.n_sent += usize::from(is_new);
        }
        is_new
    }

    /// Whether the hole stands in an element of which the message says nothing so far.
    pub(crate) fn is_within_unopened_element(&self) -> bool {
        let unopened = self.frames.get(self.n_open..).unwrap_or_default();
        unopened.iter().any(|frame| frame.kind == FrameKind::Element)
    }

    /// A component's tree says that it is one element, or whose statics say so.
    pub(super) fn end_component(&mut self, donor: Option<Donor>) {
        match donor.filter(|_| self.borrows) {
            Some(donor) => {
                self.named_member("\"s\":");
                json::number(&mut self.out, donor.reference());
            }
            None if self.is_fresh => self.out.push_str(",\"r\":1"),
            None => {}
        }
    }
}

/// A component that lends its statics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Donor {
    pub(crate) number: u64,
    pub(crate) in_message: bool,
}

impl Donor {
    /// As `s` has it.
    fn reference(self) -> i64 {
        let number = i64::try_from(self.number).unwrap_or(i64::MAX);
        if self.in_message { number } else { -number }
    }
}
