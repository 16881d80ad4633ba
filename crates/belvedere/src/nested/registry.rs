//! The nested views that a view has placed: where their containers stand and what fills them.
//!
//! Pure: a render places, which asks for what is not known yet; the runtime answers with the text of
//! a container and what it keeps for it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::id_part;
use crate::component::registry::Components;
use crate::runtime::nested::{Published, Seed, SeedOf};
use crate::view::LiveView;

/// The nested views of one view; a pointer until its template places one.
#[derive(Default)]
pub(crate) struct Nested(Option<Box<State>>);

#[derive(Default)]
struct State {
    /// By the last part of their DOM ids.
    entries: BTreeMap<Box<str>, Entry>,
    /// Those without a container, in the order in which they were placed.
    wanted: Vec<Box<str>>,
}

struct Entry {
    view: TypeId,
    name: &'static str,
    seed: Arc<dyn Seed>,
    /// The component whose template placed it; none for the view's own.
    owner: Option<u64>,
    /// The render that last placed it.
    pass: u64,
    /// The last render of its owner placed it.
    is_placed: bool,
    is_wanted: bool,
    /// What a render shows: none until the runtime has said.
    container: Option<String>,
    kept: Kept,
}

/// What the runtime keeps for a nested view.
pub(crate) enum Kept {
    Nothing,
    /// The view as it was mounted for the page.
    Held(Box<dyn Any + Send>),
    /// Joins find it, until this is dropped.
    Published(#[expect(dead_code, reason = "it is kept to be dropped")] Published),
}

/// A nested view whose container is to be made.
pub(crate) struct Wanted {
    /// The last part of its DOM id.
    pub(crate) id: Box<str>,
    pub(crate) seed: Arc<dyn Seed>,
    /// The view as it was mounted for the page.
    pub(crate) held: Option<Box<dyn Any + Send>>,
}

impl Nested {
    /// The template of the view or of one of its components is rendered: it says anew what it
    /// places.
    pub(crate) fn begin_template(&mut self, owner: Option<u64>) {
        for entry in self.entries_mut().filter(|entry| entry.owner == owner) {
            entry.is_placed = false;
        }
    }

    pub(crate) fn has_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|state| !state.wanted.is_empty())
    }

    /// Takes out what renders have asked for.
    pub(crate) fn take_wanted(&mut self) -> Vec<Wanted> {
        let Some(state) = &mut self.0 else { return Vec::new() };
        let State { entries, wanted } = &mut **state;
        let take = |id: Box<str>| {
            let entry = entries.get_mut(&id)?;
            entry.is_wanted = false;
            let held = match std::mem::replace(&mut entry.kept, Kept::Nothing) {
                Kept::Held(held) => Some(held),
                Kept::Nothing | Kept::Published(_) => None,
            };
            Some(Wanted { id, seed: Arc::clone(&entry.seed), held })
        };
        wanted.drain(..).filter_map(take).collect()
    }

    /// Says what the next renders show in a place.
    pub(crate) fn put(&mut self, id: &str, container: String, kept: Kept) {
        let entry = self.0.as_mut().and_then(|state| state.entries.get_mut(id));
        if let Some(entry) = entry {
            entry.container = Some(container);
            entry.kept = kept;
        }
    }

    /// A render stands: what its templates no longer place is dropped, and what is still wanted is
    /// asked for again by the next one.
    pub(crate) fn end_render(&mut self) {
        let Some(state) = &mut self.0 else { return };
        if !state.wanted.is_empty() {
            tracing::error!(ids = ?state.wanted, "renders place new nested views without end");
            state.wanted.clear();
        }
        state.entries.values_mut().for_each(|entry| entry.is_wanted = false);
        state.entries.retain(|_, entry| entry.is_placed);
    }

    /// A browser joins: containers for a page are no longer of use.
    pub(crate) fn begin_join(&mut self) {
        let Some(state) = &mut self.0 else { return };
        for (id, entry) in &mut state.entries {
            if !matches!(entry.kept, Kept::Published(_)) {
                entry.container = None;
                if !std::mem::replace(&mut entry.is_wanted, true) {
                    state.wanted.push(id.clone());
                }
            }
        }
    }

    /// Components are gone, and what they placed.
    pub(crate) fn retain_owners(&mut self, exists: impl Fn(u64) -> bool) {
        if let Some(state) = &mut self.0 {
            state.entries.retain(|_, entry| entry.owner.is_none_or(&exists));
        }
    }

    /// A component has got another number.
    pub(crate) fn change_owner(&mut self, from: u64, to: u64) {
        for entry in self.entries_mut().filter(|entry| entry.owner == Some(from)) {
            entry.owner = Some(to);
        }
    }

    fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.0.iter_mut().flat_map(|state| state.entries.values_mut())
    }
}

impl Components {
    /// Notes that the template being rendered, at `template` in the code, places a nested view. Its
    /// container, once that is known and unless this render has placed it already.
    pub(crate) fn place_nested<V>(
        &mut self,
        template: &str,
        id: &str,
        extract: &V::Extract,
    ) -> Option<&str>
    where
        V: LiveView<Extract: Clone + Sync>,
    {
        let (owner, pass) = self.placing();
        let state = self.nested.0.get_or_insert_default();
        let key: Box<str> = id_part(id).into();
        let new = || Entry::new::<V>(extract);
        let entry = state.entries.entry(key.clone()).or_insert_with(new);
        let is_taken = entry.is_placed && entry.pass == pass;
        if is_taken || entry.view != TypeId::of::<V>() {
            let (view, placed) = (V::name(), entry.name);
            tracing::error!(
                template,
                view,
                placed,
                id,
                "two nested views of one view have the same id; the second place shows nothing"
            );
            return None;
        }
        (entry.owner, entry.pass, entry.is_placed) = (owner, pass, true);
        if entry.container.is_none() && !std::mem::replace(&mut entry.is_wanted, true) {
            state.wanted.push(key);
        }
        entry.container.as_deref()
    }
}

impl Entry {
    fn new<V: LiveView<Extract: Clone + Sync>>(extract: &V::Extract) -> Self {
        Self {
            view: TypeId::of::<V>(),
            name: V::name(),
            seed: Arc::new(SeedOf::<V>::new(extract.clone())),
            owner: None,
            pass: 0,
            is_placed: false,
            is_wanted: false,
            container: None,
            kept: Kept::Nothing,
        }
    }
}

impl fmt::Debug for Nested {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().flat_map(|state| state.entries.keys());
        formatter.debug_set().entries(ids).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Nested;

    #[test]
    fn a_view_that_nests_nothing_pays_a_pointer() {
        assert_eq!(size_of::<Nested>(), size_of::<usize>());
    }
}
