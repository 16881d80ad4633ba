//! Statics in a message: in full where a template comes first, a number where it comes again.
//!
//! ```text
//! {"0":{"0":"a","s":0},"1":{"0":"b","s":0},"s":["","",""],"p":{"0":["<b>","</b>"]}}
//! ```
//!
//! Whether a template comes again is not known where it comes first. Its statics are written there,
//! and moved to `p` when the tree is complete. A tree in which none comes again has no `p`.

use std::collections::hash_map::Entry;

use foldhash::HashMap;

use crate::template::statics::Statics;
use crate::wire::json;

/// The templates whose statics one tree of a message has: the view's, or a component's.
#[derive(Debug, Default)]
pub(super) struct Templates {
    by_id: HashMap<u32, Written>,
    repeated: Vec<Repeated>,
    /// The number of the next one that comes again.
    pub(super) next_number: usize,
}

#[derive(Clone, Copy, Debug)]
enum Written {
    /// Once, in full, at this place in the frame.
    Once { at: usize },
    /// More often, by this number.
    Again { number: usize },
}

/// A template of `p`.
#[derive(Debug)]
struct Repeated {
    number: usize,
    statics: &'static Statics,
    /// Where its statics stand in full.
    at: usize,
}

impl Templates {
    /// Begins a tree.
    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.repeated.clear();
    }

    pub(super) fn shrink_to(&mut self, bytes: usize) {
        self.by_id.shrink_to(bytes / size_of::<(u32, Written)>());
        self.repeated.shrink_to(bytes / size_of::<Repeated>());
    }

    /// Appends the value of a node's or list's `s`.
    pub(super) fn write(&mut self, out: &mut String, statics: &'static Statics) {
        match self.by_id.entry(statics.fingerprint.id) {
            Entry::Vacant(first) => {
                first.insert(Written::Once { at: out.len() });
                out.push_str(statics.json());
            }
            Entry::Occupied(mut known) => {
                if let Written::Once { at } = *known.get() {
                    let number = self.next_number;
                    self.next_number += 1;
                    self.repeated.push(Repeated { number, statics, at });
                    known.insert(Written::Again { number });
                }
                if let Written::Again { number } = *known.get() {
                    json::number(out, number);
                }
            }
        }
    }

    /// Ends the tree, all of whose members `out` ends with: moves the statics of templates that
    /// came again to a last member `p`.
    pub(super) fn finish(&mut self, out: &mut String) {
        self.repeated.sort_unstable_by_key(|repeated| repeated.at);
        let Some(first) = self.repeated.first() else { return };
        let mut at = first.at;
        let tail = out.split_off(at);
        let mut tail = tail.as_str();
        for Repeated { number, statics, at: next } in &self.repeated {
            let (before, rest) = tail.split_at(next - at);
            out.push_str(before);
            json::number(out, *number);
            tail = &rest[statics.json().len()..];
            at = next + statics.json().len();
        }
        out.push_str(tail);
        self.write_all(out);
    }

    fn write_all(&self, out: &mut String) {
        out.push_str(",\"p\":{");
        for (index, Repeated { number, statics, .. }) in self.repeated.iter().enumerate() {
            json::member(out, index == 0, *number);
            out.push_str(statics.json());
        }
        out.push('}');
    }
}
