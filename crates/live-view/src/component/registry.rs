//! The components of one view: which there are, what the browser holds of each, what is to be done.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::instance::{Batch, Instance, Kind, Mounted};
use super::{ComponentId, LiveComponent};
use crate::diff::{Memory, hash_key};
use crate::nested::registry::Nested;
use crate::template::Key;

/// A component's type and the hash of its id.
pub(crate) type Name = (TypeId, u64);

/// All components of a view. Empty until its template places one.
#[derive(Default)]
pub(crate) struct Components {
    numbers: HashMap<Name, u64>,
    entries: BTreeMap<u64, Entry>,
    /// The last number given out; none is used twice.
    last: u64,
    /// Counts renders, so that two placements in one are told apart.
    pass: u64,
    /// The last pass that rendered the view's own template.
    view_pass: u64,
    /// Whose template is being rendered; none for the view's own.
    current: Option<u64>,
    /// Those whose properties are to be taken over.
    wanted: Vec<u64>,
    /// Whole views that the view or its components place, which are found by the same renders.
    pub(crate) nested: Nested,
}

/// One component.
struct Entry {
    name: Name,
    kind: Kind,
    /// Out while one of its callbacks runs or its template is rendered.
    instance: Option<Box<dyn Instance>>,
    /// What the browser holds of its template.
    memory: Memory,
    /// The browser may hold less than there is to show.
    is_dirty: bool,
    /// What its template places is known.
    is_collected: bool,
    is_wanted: bool,
    /// The last pass that placed it.
    seen: u64,
    /// The last pass in which the view's own template placed it.
    seen_by_view: u64,
    /// The component whose template placed it.
    parent: Option<u64>,
    /// The browser has no element of it and is about to drop it.
    is_leaving: bool,
}

/// Where a component was placed.
pub(crate) struct Placement {
    pub(crate) number: u64,
    pub(crate) is_loaded: bool,
}

impl Components {
    /// Begins a render: of the view's own template, with what it places, or only of components.
    pub(crate) fn begin_pass(&mut self, has_view: bool) {
        self.pass += 1;
        if has_view {
            self.view_pass = self.pass;
            self.nested.begin_template(None);
        }
        self.current = None;
    }

    /// The component whose template is being rendered, and the render.
    pub(crate) fn placing(&self) -> (Option<u64>, u64) {
        (self.current, self.pass)
    }

    /// Notes that the template being rendered places a component. `None` when this render has
    /// placed it already, so that it has no second place.
    pub(crate) fn place<C: LiveComponent>(
        &mut self,
        id: &(impl Key + ?Sized),
        props: &C::Props,
    ) -> Option<Placement> {
        let name = (TypeId::of::<C>(), hash_key(id));
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.last += 1;
            self.last
        });
        let entry = self.entries.entry(number).or_insert_with(|| Entry::new::<C>(name, props));
        if entry.seen == self.pass {
            tracing::error!(component = C::name(), ?id, "a component is placed twice with one id");
            return None;
        }
        entry.seen = self.pass;
        entry.parent = self.current;
        if self.current.is_none() {
            entry.seen_by_view = self.view_pass;
        }
        let instance: &mut dyn Any = &mut **entry.instance.as_mut()?;
        let mounted = instance.downcast_mut::<Mounted<C>>()?;
        if mounted.offer(props) && !std::mem::replace(&mut entry.is_wanted, true) {
            self.wanted.push(number);
        }
        Some(Placement { number, is_loaded: mounted.is_loaded() })
    }

    /// Whether a render has asked for components or nested views.
    pub(crate) fn has_wanted(&self) -> bool {
        self.has_wanted_components() || self.nested.has_wanted()
    }

    pub(crate) fn has_wanted_components(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The render stands: gives up on what is still wanted, and on nested views it has not placed.
    pub(crate) fn end_render(&mut self) {
        self.want_nothing();
        self.nested.end_render();
    }

    /// Gives up on what is wanted.
    pub(crate) fn want_nothing(&mut self) {
        for number in std::mem::take(&mut self.wanted) {
            self.entry(number, |entry| entry.is_wanted = false);
        }
    }

    /// What is wanted, by type, in the order in which it was placed.
    pub(crate) fn take_wanted(&mut self) -> Vec<(Kind, Batch)> {
        let mut batches: Vec<(TypeId, Kind, Batch)> = Vec::new();
        for number in std::mem::take(&mut self.wanted) {
            let Some(entry) = self.entries.get_mut(&number) else { continue };
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
        self.entries.get_mut(&number)?.instance.take()
    }

    /// Puts an instance back.
    pub(crate) fn put(&mut self, number: u64, instance: Box<dyn Instance>) {
        self.entry(number, |entry| entry.instance = Some(instance));
    }

    /// Puts an instance back whose state has changed.
    pub(crate) fn put_changed(&mut self, number: u64, instance: Box<dyn Instance>) {
        self.entry(number, |entry| {
            entry.instance = Some(instance);
            entry.is_dirty = true;
            entry.is_collected = false;
        });
    }

    /// The next component of which it is not known what its template places; it counts as known.
    pub(crate) fn next_uncollected(&mut self) -> Option<u64> {
        let found = self.entries.iter_mut().find(|(_, entry)| !entry.is_collected)?;
        found.1.is_collected = true;
        Some(*found.0)
    }

    /// The next component that the browser may not show as it is; it counts as sent.
    pub(crate) fn next_dirty(&mut self) -> Option<u64> {
        let found = self.entries.iter_mut().find(|(_, entry)| entry.is_dirty)?;
        found.1.is_dirty = false;
        Some(*found.0)
    }

    /// Says whose template is rendered next; one rendered again in the same pass may place again
    /// what it placed.
    pub(crate) fn set_current(&mut self, number: Option<u64>) -> Option<u64> {
        std::mem::replace(&mut self.current, number)
    }

    /// Lets `parent` place its components again in this pass.
    pub(crate) fn forget_placements(&mut self, parent: u64) {
        for entry in self.entries.values_mut().filter(|entry| entry.parent == Some(parent)) {
            entry.seen = 0;
        }
    }

    /// A place that is new to the browser holds this component: all of it is sent.
    pub(crate) fn send_whole(&mut self, number: u64) {
        self.entry(number, |entry| {
            entry.memory = Memory::default();
            entry.is_dirty = true;
            entry.is_leaving = false;
        });
    }

    /// Takes out what the browser holds of a component.
    pub(crate) fn take_memory(&mut self, number: u64) -> Memory {
        self.entries
            .get_mut(&number)
            .map(|entry| std::mem::take(&mut entry.memory))
            .unwrap_or_default()
    }

    pub(crate) fn set_memory(&mut self, number: u64, memory: Memory) {
        self.entry(number, |entry| entry.memory = memory);
    }

    /// A component of the same type that this message leaves alone and the page certainly shows.
    pub(crate) fn donor_on_page(&self, number: u64) -> Option<u64> {
        let kind = self.entries.get(&number)?.name.0;
        let is_donor = |(_, entry): &(&u64, &Entry)| {
            entry.name.0 == kind
                && entry.seen_by_view == self.view_pass
                && entry.parent.is_none()
                && !(entry.is_dirty || entry.is_leaving)
                && entry.memory.bytes() > 0
        };
        self.entries.iter().find(is_donor).map(|(number, _)| *number)
    }

    pub(crate) fn type_of(&self, number: u64) -> Option<TypeId> {
        self.entries.get(&number).map(|entry| entry.name.0)
    }

    pub(crate) fn parent(&self, number: u64) -> Option<u64> {
        self.entries.get(&number)?.parent
    }

    pub(crate) fn kind(&self, number: u64) -> Option<Kind> {
        self.entries.get(&number).map(|entry| entry.kind)
    }

    pub(crate) fn number(&self, name: Name) -> Option<u64> {
        self.numbers.get(&name).copied()
    }

    /// The browser has no element of these any more.
    pub(crate) fn will_destroy(&mut self, numbers: &[u64]) {
        numbers.iter().for_each(|number| self.entry(*number, |entry| entry.is_leaving = true));
    }

    /// The browser drops these; those go that were not placed again. Returns them.
    pub(crate) fn destroy(&mut self, numbers: &[u64]) -> Vec<u64> {
        let is_gone =
            |number: &&u64| self.entries.get(number).is_some_and(|entry| entry.is_leaving);
        let gone: Vec<u64> = numbers.iter().filter(is_gone).copied().collect();
        self.retain(|number, _| !gone.contains(&number));
        gone
    }

    /// A browser joins: it has nothing of any component.
    pub(crate) fn begin_join(&mut self) {
        for entry in self.entries.values_mut() {
            entry.memory = Memory::default();
            entry.seen = 0;
        }
        self.nested.begin_join();
    }

    /// The join is answered: what its page does not show is gone.
    pub(crate) fn end_join(&mut self) {
        self.retain(|_, entry| entry.seen > 0);
    }

    fn retain(&mut self, keep: impl Fn(u64, &Entry) -> bool) {
        self.entries.retain(|number, entry| keep(*number, entry));
        self.numbers.retain(|_, number| self.entries.contains_key(number));
        self.nested.retain_owners(|owner| self.entries.contains_key(&owner));
    }

    fn entry(&mut self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(&number) {
            change(entry);
        }
    }
}

impl Entry {
    fn new<C: LiveComponent>(name: Name, props: &C::Props) -> Self {
        Self {
            name,
            kind: Kind::of::<C>(),
            instance: Some(Box::new(Mounted::<C>::new(props.clone()))),
            memory: Memory::default(),
            is_dirty: false,
            is_collected: true,
            is_wanted: false,
            seen: 0,
            seen_by_view: 0,
            parent: None,
            is_leaving: false,
        }
    }
}

impl From<u64> for ComponentId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Debug for Components {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.entries.keys()).finish()
    }
}
