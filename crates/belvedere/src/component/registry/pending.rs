//! What a render asks of the registry: which components come next, which may change, who lends.

use std::any::TypeId;
use std::iter;

use super::{Components, Entry, Registry, Scope, Stay};
use crate::container::Container;
use crate::diff::{Memory, RowId};
use crate::nested::registry::{Placed, Placing, Seed};

/// Whether a render may find out that something must be loaded first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Attempt {
    /// It may: nothing is then written and nothing remembered.
    First,
    /// Components that are not loaded show nothing, or what they showed.
    Final,
}

impl Components {
    /// The next component of which it is not known what its template places; it counts as known.
    pub(crate) fn next_uncollected(&mut self) -> Option<u64> {
        self.registry.as_mut()?.uncollected.pop_first()
    }

    /// The next component that the browser may not show as it is; it counts as sent. One around it
    /// comes first, since its template may place this one anew.
    pub(crate) fn next_dirty(&mut self) -> Option<u64> {
        let registry = self.registry.as_mut()?;
        let first = *registry.dirty.first()?;
        let around = registry.around(first).filter(|number| registry.dirty.contains(number));
        let next = around.last().unwrap_or(first);
        registry.dirty.remove(&next);
        Some(next)
    }

    /// The components around one, from the innermost outward.
    pub(crate) fn around(&self, number: u64) -> impl Iterator<Item = u64> {
        self.registry.iter().flat_map(move |registry| registry.around(number))
    }

    /// Asks for a render of what the browser has already. Whether there will be one.
    pub(crate) fn look_at(&mut self, number: u64) -> bool {
        let Some(registry) = &mut self.registry else { return false };
        let entry = registry.entries.get(&number);
        let is_there = entry.is_some_and(|entry| entry.instance.is_some());
        is_there && registry.dirty.insert(number)
    }

    /// The place just rendered stands in a row of a stream, or does not.
    pub(crate) fn set_row(&mut self, number: u64, row: Option<RowId>) {
        self.entry(number, |entry| entry.row = row);
        if let Some(registry) = self.registry.as_mut().filter(|_| row.is_some()) {
            registry.has_inner = true;
        }
    }

    /// A component was placed: it stands in a row of a stream, or does not.
    pub(crate) fn set_in_stream(&mut self, number: u64, is_in_stream: bool) {
        self.entry(number, |entry| entry.is_in_stream = is_in_stream);
    }

    /// The innermost row of a stream around a component, itself included, that this pass does not
    /// render: as the component that stands in it.
    pub(crate) fn kept_row(&self, number: u64) -> Option<u64> {
        let registry = self.registry.as_ref()?;
        let mut inside_out = iter::once(number).chain(registry.around(number));
        inside_out.find(|number| {
            let entry = registry.entries.get(number);
            entry.is_some_and(|entry| entry.row.is_some() && entry.seen < registry.pass)
        })
    }

    /// Whether a component, or one around it, stands in a row of a stream.
    pub(crate) fn is_within_stream(&self, number: u64) -> bool {
        let stands_so = |number| self.get(number).is_some_and(|entry| entry.is_in_stream);
        iter::once(number).chain(self.around(number)).any(stands_so)
    }

    /// [`Nested::place`](crate::nested::registry::Nested::place), by the template being rendered.
    pub(crate) fn place_nested(
        &mut self,
        template: &str,
        placed: &Placed<'_>,
        planted: impl FnOnce() -> (Seed, Container),
    ) -> Option<&str> {
        let (owner, pass) = self.placing();
        let is_in_stream = owner.is_some_and(|owner| self.is_within_stream(owner));
        let owner_before = self.nested.owner_of(placed.id);
        let is_left_out = owner_before.is_some_and(|owner| self.is_left_out(owner));
        self.nested.replace_other(placed, is_left_out);
        self.nested.place(template, placed, Placing { owner, pass, is_in_stream }, planted)
    }

    /// What the last renders have left out is about to go, and the nested views in it: their seats are
    /// for what was placed instead.
    pub(crate) fn free_seats(&mut self) {
        let owners = self.nested.owners().into_iter();
        let left_out = owners.filter(|owner| self.is_left_out(*owner)).collect();
        self.nested.free_seats(&left_out);
    }

    /// Asks again for the nested views that found no seat. Whether the view's own template places
    /// one of them; `None` when there are none.
    pub(crate) fn ask_again(&mut self) -> Option<bool> {
        let owners = self.nested.ask_again(|owner| way_to(self.registry.as_deref(), owner));
        owners.iter().flatten().for_each(|owner| self.changed(*owner));
        (!owners.is_empty()).then(|| owners.contains(&None))
    }

    /// Leaves components to the next message.
    pub(crate) fn put_off(&mut self, numbers: Vec<u64>) {
        if let Some(registry) = &mut self.registry {
            registry.dirty.extend(numbers);
        }
    }

    /// Whether the next message has something to say that the last one could not: a component was
    /// out of its reach, or one that came back to the page gave another new properties.
    pub(crate) fn has_put_off(&self) -> bool {
        let is_dirty = |registry: &Registry| !registry.dirty.is_empty();
        self.registry.as_deref().is_some_and(is_dirty) || self.has_wanted_components()
    }

    /// A message was rendered while properties were out of date, so what was refused may have been
    /// another's place only until then: it is looked at again. Whether that includes the view's own
    /// template.
    pub(crate) fn retry_refused(&mut self) -> bool {
        let is_stale = self.has_wanted_components();
        let Some(registry) = self.registry.as_mut().filter(|_| is_stale) else { return false };
        let refused = std::mem::take(&mut registry.refused);
        registry.dirty.extend(refused.iter().flatten());
        refused.contains(&None)
    }

    /// Finds out, for this pass, which components may change or have one within that may.
    pub(crate) fn mark_changing(&mut self) {
        let Some(registry) = &mut self.registry else { return };
        for number in &registry.dirty {
            let mut next = Some(*number);
            while let Some(entry) = next.and_then(|number| registry.entries.get_mut(&number))
                && entry.changing != registry.pass
            {
                entry.changing = registry.pass;
                next = entry.parent;
            }
        }
    }

    /// Whether it or one within it may have something to send in this pass.
    pub(crate) fn is_changing(&self, number: u64) -> bool {
        let Some(registry) = &self.registry else { return false };
        registry.entries.get(&number).is_some_and(|entry| entry.changing == registry.pass)
    }

    /// Begins the render of a component's template. One rendered again in the same pass may place
    /// again what it placed.
    pub(crate) fn enter(&mut self, number: u64) -> Scope {
        let Some(registry) = &mut self.registry else { return Scope::default() };
        let scope = registry.next_scope(Some(number));
        if let Some(entry) = registry.entries.get_mut(&number) {
            entry.looked_at = scope.turn;
        }
        std::mem::replace(&mut registry.scope, scope)
    }

    /// Ends it; `outer` is what `enter` returned.
    pub(crate) fn leave(&mut self, outer: Scope) {
        if let Some(registry) = &mut self.registry {
            registry.scope = outer;
        }
    }

    /// A place that is new to the browser holds this component: all of it is sent.
    pub(crate) fn send_whole(&mut self, number: u64) {
        let Some(registry) = &mut self.registry else { return };
        let Some(entry) = registry.entries.get_mut(&number) else { return };
        entry.memory = Memory::default();
        entry.is_leaving = false;
        entry.stay = entry.stay.sent();
        registry.dirty.insert(number);
    }

    /// Takes out what the browser holds of a component.
    pub(crate) fn take_memory(&mut self, number: u64) -> Memory {
        self.get_mut(number).map(|entry| std::mem::take(&mut entry.memory)).unwrap_or_default()
    }

    /// Its template is rendered for a frame. Whether it had left the page, so that nobody knows what
    /// the browser still has of its streams.
    pub(crate) fn render_sent(&mut self, number: u64) -> bool {
        let Some(registry) = &mut self.registry else { return false };
        let Some(entry) = registry.entries.get_mut(&number) else { return false };
        entry.rendered = registry.scope.turn;
        std::mem::replace(&mut entry.stay, Stay::Shown) == Stay::Back
    }

    /// Its tree was sent whole.
    pub(crate) fn sent_whole(&mut self, number: u64, bytes: usize) {
        self.entry(number, |entry| entry.sent_bytes = bytes);
    }

    pub(crate) fn set_memory(&mut self, number: u64, memory: Memory) {
        self.entry(number, |entry| entry.memory = memory);
    }

    /// How many templates the trees of components have shared so far.
    pub(crate) fn n_shared(&self) -> usize {
        self.registry.as_ref().map_or(0, |registry| registry.n_shared)
    }

    pub(crate) fn set_n_shared(&mut self, n_shared: usize) {
        if let Some(registry) = &mut self.registry {
            registry.n_shared = n_shared;
        }
    }

    /// A component of the same type that this message leaves alone and the page certainly shows.
    /// Looks through all of them, once for each type that a message begins to show.
    pub(crate) fn donor_on_page(&self, number: u64) -> Option<u64> {
        let registry = self.registry.as_ref()?;
        let kind = registry.entries.get(&number)?.name.0;
        let is_donor = |(number, entry): &(&u64, &Entry)| {
            entry.name.0 == kind
                && entry.seen_by_view == registry.view_pass
                && entry.parent.is_none()
                && !(registry.dirty.contains(number) || entry.is_leaving)
                && entry.memory.bytes() > 0
        };
        registry.entries.iter().find(is_donor).map(|(number, _)| *number)
    }

    pub(crate) fn type_of(&self, number: u64) -> Option<TypeId> {
        self.get(number).map(|entry| entry.name.0)
    }
}

impl Registry {
    /// No chain is longer than there are components, but one may have no end: two that left the page
    /// may have placed each other.
    fn around(&self, number: u64) -> impl Iterator<Item = u64> {
        let parent = |number: &u64| self.entries.get(number)?.parent;
        iter::successors(parent(&number), parent).take(self.entries.len())
    }
}

/// Where a component stands on the page: its place in the template that places it, after those of the
/// components around it.
pub(super) fn way_to(registry: Option<&Registry>, number: u64) -> Vec<u64> {
    let Some(registry) = registry else { return Vec::new() };
    let inside_out = iter::once(number).chain(registry.around(number));
    let places = inside_out.filter_map(|number| Some(registry.entries.get(&number)?.place));
    let mut way: Vec<_> = places.collect();
    way.reverse();
    way
}
