//! Room for nested views on a page that others leave: seats, ids and places.

use std::collections::BTreeSet;

use super::{Entry, Kept, Nested, Placed, id_part};
use crate::ended::Ended;
use crate::runtime::seats::Seat;

impl Nested {
    /// Makes room in a place for one of another type, if the renders have left out what is there, or
    /// its owner.
    pub(crate) fn replace_other(&mut self, placed: &Placed<'_>, is_left_out: bool) {
        let (Some(state), key) = (&mut self.0, id_part(placed.id)) else { return };
        let entry = state.entries.get(&*key);
        let is_other =
            |entry: &Entry| entry.view != placed.view && (is_left_out || !entry.is_placed);
        if entry.is_some_and(is_other) {
            state.n_gone += 1;
            state.replaced.extend(state.entries.remove(&*key));
        }
    }

    /// The component that has placed the view with this id.
    pub(crate) fn owner_of(&self, id: &str) -> Option<u64> {
        self.0.as_ref()?.entries.get(&*id_part(id))?.owner
    }

    /// The components that have placed views.
    pub(crate) fn owners(&self) -> BTreeSet<u64> {
        let entries = self.0.iter().flat_map(|state| state.entries.values());
        entries.filter_map(|entry| entry.owner).collect()
    }

    /// What the last renders have left out is about to go, with its owner or alone: its seats are for
    /// what they placed instead.
    pub(crate) fn free_seats(&mut self, left_out: &BTreeSet<u64>) {
        let Some(state) = &mut self.0 else { return };
        let is_going = |entry: &&mut Entry| {
            !entry.is_placed || entry.owner.is_some_and(|owner| left_out.contains(&owner))
        };
        let going = state.entries.values_mut().filter(is_going).chain(&mut state.replaced);
        going.filter_map(|entry| entry.seat.as_mut()).for_each(Seat::leave);
    }

    /// Wants what waits for a seat. The owners of what does.
    pub(crate) fn ask_again(&mut self) -> Vec<Option<u64>> {
        let Some(state) = &mut self.0 else { return Vec::new() };
        let mut owners = Vec::new();
        for (id, entry) in &mut state.entries {
            if matches!(entry.kept, Kept::Waiting) {
                (entry.kept, entry.container) = (Kept::Nothing, None);
                owners.push(entry.owner);
                if !std::mem::replace(&mut entry.is_wanted, true) {
                    state.wanted.push(id.clone());
                }
            }
        }
        owners
    }

    /// The views that were mounted for the page end for this reason.
    pub(crate) fn give_up(&mut self, why: Ended) {
        for entry in self.entries_mut() {
            if let Kept::Held(view) = &mut entry.kept {
                view.give_up(why);
            }
        }
    }
}
