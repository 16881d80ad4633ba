//! The components of one view: which there are, what the browser holds of each, what is to be done.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::LiveComponent;
use super::id::{self, Name};
use super::instance::{Batch, Instance, Kind, Mounted};
use crate::diff::{Memory, RowId};
use crate::nested::registry::Nested;
use crate::template::Key;

use departed::{Departed, Stay};
use kept::Kept;
pub(crate) use pending::Attempt;
use rows::Rows;

mod departed;
mod events;
mod kept;
mod pending;
mod rows;
mod streams;

/// All components of a view. Two words until its template places one.
#[derive(Default)]
pub(crate) struct Components {
    registry: Option<Box<Registry>>,
    /// Whole views that the view or its components place, which are found by the same renders.
    pub(crate) nested: Nested,
}

/// What a view with components has.
#[derive(Default)]
struct Registry {
    numbers: HashMap<Name, u64>,
    entries: BTreeMap<u64, Entry>,
    /// The last number given out; none is used twice.
    last: u64,
    /// Counts templates rendered, so that two placements by one are told apart.
    last_turn: u64,
    /// The first turn of this pass.
    pass: u64,
    /// The last pass that rendered the view's own template.
    view_pass: u64,
    /// Whose template is being rendered.
    scope: Scope,
    /// Those whose properties are to be taken over.
    wanted: Vec<u64>,
    /// Those with streams that have forgotten their changes; none for the view's own.
    lost: Vec<Option<u64>>,
    /// Those of which the browser may hold less than there is to show.
    dirty: BTreeSet<u64>,
    /// Those of which it is not known what their templates place.
    uncollected: BTreeSet<u64>,
    /// Whose templates this pass has refused a component that was placed already; none for the
    /// view's own.
    refused: BTreeSet<Option<u64>>,
    /// How many templates the trees of components have shared; each got a number of its own.
    n_shared: usize,
    /// Some stand in others, or in rows of streams.
    has_inner: bool,
    /// A render places some that had left the page, of which it is not known what they place.
    has_returned: bool,
    /// Those that have left the page.
    departed: Departed,
    /// The rows of streams in which components stand.
    rows: Rows,
    /// What is kept of them when their server goes away.
    kept: Kept,
}

/// One render of one template.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scope {
    /// None for the view's own.
    owner: Option<u64>,
    turn: u64,
}

/// One component.
struct Entry {
    name: Name,
    kind: Kind,
    /// Out while one of its callbacks runs or its template is rendered.
    instance: Option<Box<dyn Instance>>,
    /// What the browser holds of its template.
    memory: Memory,
    is_wanted: bool,
    /// The last turn that placed it.
    seen: u64,
    /// Its place in that, see [`Nested::next_place`].
    place: u64,
    /// The last pass in which the view's own template placed it.
    seen_by_view: u64,
    /// The last pass in which it, or one within it, may have something to send.
    changing: u64,
    /// The component whose template placed it.
    parent: Option<u64>,
    /// The last turn that rendered its template, for a frame or to know what it places.
    looked_at: u64,
    /// The last turn that rendered its template for a frame.
    rendered: u64,
    /// The row of a stream that it stands in, of which the browser keeps nothing but the elements.
    row: Option<RowId>,
    /// Its template is known to stand in a row of a stream, in the page as in a frame.
    is_in_stream: bool,
    stay: Stay,
    /// Its number until it left the page.
    former: Option<u64>,
    /// The browser says that a row's element is gone, and it with it.
    is_leaving: bool,
    /// Its streams have forgotten items that a browser has.
    has_streamed: bool,
    /// Bytes of its tree when that was last sent whole.
    sent_bytes: usize,
    /// By what it is known to other servers, if it is kept for them.
    kept_as: Option<Box<[u8; 16]>>,
}

/// Where a component was placed.
pub(crate) struct Placement {
    pub(crate) number: u64,
    pub(crate) is_loaded: bool,
}

impl Components {
    /// Begins a render: of the view's own template, with what it places, or only of components.
    pub(crate) fn begin_pass(&mut self, has_view: bool) {
        if has_view {
            self.nested.begin_template(None);
        }
        let Some(registry) = &mut self.registry else { return };
        registry.scope = registry.next_scope(None);
        registry.pass = registry.scope.turn;
        registry.refused.clear();
        if has_view {
            registry.view_pass = registry.pass;
        }
    }

    /// The component whose template is being rendered, and the render.
    pub(crate) fn placing(&self) -> (Option<u64>, u64) {
        self.registry.as_ref().map_or((None, 0), |registry| (registry.scope.owner, registry.pass))
    }

    /// Notes that the template being rendered, at `template` in the code, places a component. `None`
    /// when this render has placed it already, so that it has no second place.
    pub(crate) fn place<C: LiveComponent>(
        &mut self,
        template: &str,
        id: &(impl Key + ?Sized),
        props: &C::Props,
    ) -> Option<Placement> {
        let name = id::name::<C>(id);
        let is_back = self.come_back(name);
        let place = self.nested.next_place();
        let registry = self.known_or_new();
        let number = *registry.numbers.entry(name).or_insert_with(|| {
            registry.last += 1;
            registry.last
        });
        let new = || Entry::new::<C>(name, id, props);
        let entry = registry.entries.entry(number).or_insert_with(new);
        registry.kept.has_any |= entry.kept_as.is_some();
        if entry.seen >= registry.pass && !entry.is_seen_again_by(registry.scope) {
            tracing::error!(
                template,
                component = C::name(),
                ?id,
                "a component is placed twice with one id; the second place shows nothing"
            );
            registry.refused.insert(registry.scope.owner);
            return None;
        }
        (entry.seen, entry.place) = (registry.scope.turn, place);
        entry.parent = registry.scope.owner;
        if entry.parent.is_none() {
            entry.seen_by_view = registry.view_pass;
        } else {
            registry.has_inner = true;
        }
        let instance: &mut dyn Any = &mut **entry.instance.as_mut()?;
        let mounted = instance.downcast_mut::<Mounted<C>>()?;
        if mounted.offer(props) {
            if !std::mem::replace(&mut entry.is_wanted, true) {
                registry.wanted.push(number);
            }
        } else if is_back {
            registry.uncollected.insert(number);
        }
        Some(Placement { number, is_loaded: mounted.is_loaded() })
    }

    /// Whether a render has asked for components or nested views.
    pub(crate) fn has_wanted(&self) -> bool {
        self.has_wanted_components() || self.nested.has_wanted()
    }

    /// Whether properties are to be taken over, or streams to be told again.
    pub(crate) fn has_wanted_components(&self) -> bool {
        let Some(registry) = &self.registry else { return false };
        registry.has_returned || !(registry.wanted.is_empty() && registry.lost.is_empty())
    }

    /// The render stands: nested views it has not placed are gone. What it still wants is left to the
    /// next one, unless it was the final attempt.
    pub(crate) fn end_render(&mut self, attempt: Attempt) {
        if attempt == Attempt::Final {
            self.want_nothing();
        }
        self.nested.end_render();
    }

    /// Gives up on what is wanted.
    pub(crate) fn want_nothing(&mut self) {
        let Some(registry) = &mut self.registry else { return };
        registry.has_returned = false;
        registry.lost.clear();
        for number in std::mem::take(&mut registry.wanted) {
            self.entry(number, |entry| entry.is_wanted = false);
        }
    }

    /// What is wanted, by type, in the order in which it was placed.
    pub(crate) fn take_wanted(&mut self) -> Vec<(Kind, Batch)> {
        let Some(registry) = &mut self.registry else { return Vec::new() };
        let mut batches: Vec<(TypeId, Kind, Batch)> = Vec::new();
        for number in std::mem::take(&mut registry.wanted) {
            let Some(entry) = registry.entries.get_mut(&number) else { continue };
            entry.is_wanted = false;
            let Some(instance) = entry.instance.take() else { continue };
            match batches.iter_mut().find(|(id, ..)| *id == entry.name.0) {
                Some((.., batch)) => batch.push((number, instance)),
                None => batches.push((entry.name.0, entry.kind, vec![(number, instance)])),
            }
        }
        batches.into_iter().map(|(_, kind, batch)| (kind, batch)).collect()
    }

    /// Takes an instance out for a callback or its render.
    pub(crate) fn take(&mut self, number: u64) -> Option<Box<dyn Instance>> {
        self.get_mut(number)?.instance.take()
    }

    /// Puts an instance back.
    pub(crate) fn put(&mut self, number: u64, instance: Box<dyn Instance>) {
        self.entry(number, |entry| entry.instance = Some(instance));
    }

    /// Puts an instance back whose state has changed. What has left the page is not looked at.
    pub(crate) fn put_changed(&mut self, number: u64, instance: Box<dyn Instance>) {
        self.put(number, instance);
        self.changed(number);
    }

    /// What a component shows, or places, may be another now.
    pub(crate) fn changed(&mut self, number: u64) {
        if let Some(registry) = &mut self.registry
            && registry.entries.get(&number).is_some_and(|entry| entry.stay != Stay::Away)
        {
            registry.dirty.insert(number);
            registry.uncollected.insert(number);
        }
    }

    pub(crate) fn kind(&self, number: u64) -> Option<Kind> {
        self.get(number).map(|entry| entry.kind)
    }

    pub(crate) fn number(&self, name: Name) -> Option<u64> {
        self.registry.as_ref()?.numbers.get(&name).copied()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.registry.as_ref().map_or(0, |registry| registry.entries.len())
    }

    /// What is remembered of all their renders, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let entries = self.registry.iter().flat_map(|registry| registry.entries.values());
        entries.map(|entry| entry.memory.bytes()).sum()
    }

    /// Heap bytes held, states of components left out.
    #[cfg(feature = "testing")]
    pub(crate) fn bytes(&self) -> usize {
        let of_entry = size_of::<(u64, Entry)>() + size_of::<(Name, u64)>();
        let of_registry = self.registry.as_ref().map_or(0, |_| size_of::<Registry>());
        of_registry + self.len() * of_entry + self.memory_bytes()
    }

    /// Only a render of a view's own template can be the first to ask for it.
    fn known_or_new(&mut self) -> &mut Registry {
        self.registry.get_or_insert_with(|| Box::new(Registry::in_view_pass()))
    }

    fn get(&self, number: u64) -> Option<&Entry> {
        self.registry.as_ref()?.entries.get(&number)
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.registry.as_mut()?.entries.get_mut(&number)
    }

    /// Drops what components have placed that are gone.
    fn drop_nested(&mut self) {
        let Some(registry) = &self.registry else { return };
        self.nested.retain_owners(|owner| registry.entries.contains_key(&owner));
    }

    fn entry(&mut self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.get_mut(number) {
            change(entry);
        }
    }
}

impl Registry {
    /// One that begins while a view's own template is rendered.
    fn in_view_pass() -> Self {
        let mut registry = Self::default();
        registry.scope = registry.next_scope(None);
        registry.pass = registry.scope.turn;
        registry.view_pass = registry.pass;
        registry
    }

    fn next_scope(&mut self, owner: Option<u64>) -> Scope {
        self.last_turn += 1;
        Scope { owner, turn: self.last_turn }
    }

    fn remove_where(&mut self, is_gone: impl Fn(&Entry) -> bool) {
        let gone = self.entries.iter().filter(|(_, entry)| is_gone(entry));
        let gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        gone.into_iter().for_each(|number| self.remove(number));
    }

    fn remove(&mut self, number: u64) {
        if let Some(entry) = self.entries.remove(&number) {
            self.numbers.remove(&entry.name);
        }
        self.departed.remove(number);
        self.dirty.remove(&number);
        self.uncollected.remove(&number);
    }
}

impl Entry {
    fn new<C: LiveComponent>(name: Name, id: &(impl Key + ?Sized), props: &C::Props) -> Self {
        let mounted = Mounted::<C>::new(props.clone());
        Self {
            name,
            kind: Kind::of::<C>(),
            kept_as: kept::name_of(&mounted, id),
            instance: Some(Box::new(mounted)),
            memory: Memory::default(),
            is_wanted: false,
            seen: 0,
            place: 0,
            seen_by_view: 0,
            changing: 0,
            parent: None,
            looked_at: 0,
            rendered: 0,
            row: None,
            is_in_stream: false,
            stay: Stay::Shown,
            former: None,
            is_leaving: false,
            has_streamed: false,
            sent_bytes: 0,
        }
    }

    /// Whether a template that placed it is rendered once more.
    fn is_seen_again_by(&self, scope: Scope) -> bool {
        self.parent == scope.owner && self.seen != scope.turn
    }
}

impl fmt::Debug for Components {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.registry.iter().flat_map(|registry| registry.entries.keys());
        formatter.debug_set().entries(numbers).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Components;

    #[test]
    fn a_view_that_places_nothing_keeps_two_words() {
        assert_eq!(size_of::<Components>(), 2 * size_of::<usize>());
    }
}
