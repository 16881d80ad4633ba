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

    /// The place of what the template being rendered places next: later ones are after it on the page.
    /// Before there is a nested view, nobody asks which is first.
    pub(crate) fn next_place(&mut self) -> u64 {
        let Some(state) = &mut self.0 else { return 0 };
        state.last_place += 1;
        state.last_place
    }

    /// Wants what waits for a seat, first what is first on the page; `way_to` is that to a component.
    /// The owners of what does.
    pub(crate) fn ask_again(&mut self, way_to: impl Fn(u64) -> Vec<u64>) -> Vec<Option<u64>> {
        self.want(|entry| matches!(entry.kept, Kept::Waiting), way_to)
    }

    /// A browser joins: containers for a page are no longer of use.
    pub(crate) fn begin_join(&mut self, way_to: impl Fn(u64) -> Vec<u64>) {
        self.want(|entry| !matches!(entry.kept, Kept::Published(_)), way_to);
    }

    fn want(
        &mut self,
        is_meant: impl Fn(&Entry) -> bool,
        way_to: impl Fn(u64) -> Vec<u64>,
    ) -> Vec<Option<u64>> {
        let Some(state) = &mut self.0 else { return Vec::new() };
        let mut meant: Vec<_> =
            state.entries.iter_mut().filter(|(_, entry)| is_meant(entry)).collect();
        meant.sort_by_cached_key(|(_, entry)| {
            let mut way = entry.owner.map_or_else(Vec::new, &way_to);
            way.push(entry.place);
            way
        });
        let mut owners = Vec::new();
        for (id, entry) in meant {
            entry.container = None;
            owners.push(entry.owner);
            if !std::mem::replace(&mut entry.is_wanted, true) {
                state.wanted.push(id.clone());
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
