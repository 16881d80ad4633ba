//! Live components: numbers in the slots, trees beside them.
//!
//! ```text
//! {"0":1,"1":2,"c":{"1":{"0":"x","s":["<b>","</b>"],"r":1},"2":{"0":"y","s":1}}}
//! ```
//!
//! `s` of a tree may name another component whose statics it takes over: one of this message by its
//! number, one the browser has by its negated number. The tree is then a diff to that one's tape in
//! which nothing is left out but statics.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Changes, Memory,
    differ::{Differ, Root},
    json, tape,
};
use crate::component::ComponentId;
use crate::component::registry::Components;
use crate::template::{Render, Renderer};

impl Differ {
    /// Fills the hole with a component. Whether the place is new to the browser.
    pub(crate) fn component(&mut self, number: u64) -> bool {
        let word = tape::component(number);
        self.tape.push(word);
        if !self.is_fresh {
            if self.old_word() == word && !self.borrows {
                self.cursor += 1;
                return false;
            }
            self.cursor = tape::after_slot(&self.old, self.cursor);
        }
        self.open_frames();
        self.member(self.hole);
        json::unsigned(&mut self.out, number);
        self.n_sent += 1;
        true
    }
}

/// What one frame says, beside streams of components.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameChanges {
    pub(crate) all: Changes,
    /// Streams within components that have forgotten items.
    pub(crate) component_streams: usize,
}

/// Whether a render may find out that something must be loaded first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Attempt {
    /// It may: nothing is then written and nothing remembered.
    First,
    /// Components that are not loaded show nothing, or what they showed.
    Final,
}

/// Appends the members of the diff of a view, or of its changed components alone. `None` when
/// components must be loaded first.
pub(crate) fn frame<T: Render + ?Sized>(
    view: Option<&T>,
    memory: &mut Memory,
    components: &mut Components,
    out: &mut String,
    attempt: Attempt,
) -> Option<FrameChanges> {
    Renderer::diff_with(components, |renderer| {
        renderer.components().begin_pass(view.is_some());
        let mut changes = FrameChanges::default();
        let start = out.len();
        let mut is_replaced = false;
        if let Some(view) = view {
            let (old, target) = (std::mem::take(&mut memory.0), std::mem::take(out));
            renderer.differ.begin(old, target, Root::View);
            renderer.live(view);
            if attempt == Attempt::First && renderer.components().has_wanted() {
                (memory.0, *out) = renderer.differ.give_up();
                return None;
            }
            is_replaced = renderer.differ.is_root_new;
            (memory.0, *out, changes.all) = renderer.differ.finish();
        }
        let is_mixed = changes.all.holes > 0;
        let mut trees = trees(renderer, is_replaced, &mut changes);
        list_enclosing(renderer.components(), &mut trees, is_mixed);
        write_trees(&trees, out, start);
        Some(changes)
    })
}

/// The members of every tree of which the browser does not have all, by number.
fn trees(
    renderer: &mut Renderer,
    is_replaced: bool,
    changes: &mut FrameChanges,
) -> BTreeMap<u64, String> {
    let mut trees = BTreeMap::new();
    let mut donors: HashMap<TypeId, u64> = HashMap::new();
    while let Some(number) = renderer.components().next_dirty() {
        if trees.contains_key(&number) {
            renderer.components().forget_placements(number);
        }
        let kind = renderer.components().type_of(number);
        let in_message = kind.and_then(|kind| donors.get(&kind).copied());
        let donor = match in_message.filter(|donor| *donor != number) {
            Some(donor) => Some(Donor { number: donor, in_message: true }),
            None if is_replaced => None,
            None => {
                let donor = renderer.components().donor_on_page(number);
                let donor = donor.filter(|donor| !trees.contains_key(donor) && *donor != number);
                donor.map(|number| Donor { number, in_message: false })
            }
        };
        let Some((members, tree)) = tree(renderer, number, donor) else { continue };
        changes.all.holes += tree.holes;
        changes.all.streams += tree.streams;
        changes.component_streams += tree.streams;
        if tree.streams > 0 {
            renderer.components().streamed(number);
        }
        if !members.is_empty() {
            trees.insert(number, members);
            kind.map(|kind| donors.insert(kind, number));
        }
    }
    trees
}

/// A component that lends its statics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Donor {
    number: u64,
    in_message: bool,
}

impl Donor {
    /// As `s` has it.
    pub(super) fn reference(self) -> i64 {
        let number = i64::try_from(self.number).unwrap_or(i64::MAX);
        if self.in_message { number } else { -number }
    }
}

/// The members of one component's tree. A donor only serves one that the browser does not have.
fn tree(renderer: &mut Renderer, number: u64, donor: Option<Donor>) -> Option<(String, Changes)> {
    let instance = renderer.components().take(number)?;
    let own = renderer.components().take_memory(number);
    let donor = donor.filter(|_| own.0.is_empty());
    let old = match donor {
        Some(donor) => renderer.components().take_memory(donor.number),
        None => own,
    };
    renderer.differ.begin(old.0, String::new(), Root::Component(donor));
    let outer = renderer.components().set_current(Some(number));
    renderer.tree(|renderer| instance.render(ComponentId(number), renderer));
    renderer.components().set_current(outer);
    if let Some(donor) = donor {
        let tape = std::mem::take(&mut renderer.differ.old);
        renderer.components().set_memory(donor.number, Memory(tape));
    }
    let (tape, members, changes) = renderer.differ.finish();
    renderer.components().set_memory(number, Memory(tape));
    renderer.components().put(number, instance);
    Some((members, changes))
}

/// The client skips what stands in a component that is not listed: lists those around a change, if
/// the page or one further out is rendered.
fn list_enclosing(components: &Components, trees: &mut BTreeMap<u64, String>, is_mixed: bool) {
    let mut missing = BTreeSet::new();
    for number in trees.keys() {
        let mut between = Vec::new();
        let mut next = components.parent(*number);
        // A parent has placed its child, so no chain is longer than there are components.
        while let Some(parent) = next.filter(|parent| !between.contains(parent)) {
            between.push(parent);
            if trees.contains_key(&parent) {
                missing.extend(between.iter().copied());
            }
            next = components.parent(parent);
        }
        if is_mixed {
            missing.extend(between);
        }
    }
    for number in missing {
        trees.entry(number).or_default();
    }
}

fn write_trees(trees: &BTreeMap<u64, String>, out: &mut String, start: usize) {
    if trees.is_empty() {
        return;
    }
    if out.len() > start && !out.ends_with('{') {
        out.push(',');
    }
    out.push_str("\"c\":{");
    for (index, (number, members)) in trees.iter().enumerate() {
        out.push_str(if index == 0 { "\"" } else { ",\"" });
        json::unsigned(out, *number);
        out.push_str("\":{");
        out.push_str(members);
        out.push('}');
    }
    out.push('}');
}
