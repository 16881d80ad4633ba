//! The nested views that a view has placed: where their containers stand and what fills them.
//!
//! Pure: a render places, which asks for what is not known yet; the runtime answers with the text of
//! a container and what it keeps for it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::container::Container;
use crate::ended::HeldView;
use crate::runtime::seats::Seat;

mod room;

/// Between an id and a number; no [`id_part`] has it.
pub(crate) const NUMBER: &str = "__";

/// From what a nested view is mounted. Its type is the affair of who mounts.
pub(crate) type Seed = Arc<dyn Any + Send + Sync>;

/// A nested view as a template places it.
pub(crate) struct Placed<'a> {
    /// Its type.
    pub(crate) view: TypeId,
    /// As in spans and logs.
    pub(crate) name: &'static str,
    /// Tells it from the others of its parent.
    pub(crate) id: &'a str,
}

/// By which render a nested view is placed.
#[derive(Clone, Copy)]
pub(crate) struct Placing {
    /// The component whose template it is; none for the view's own.
    pub(crate) owner: Option<u64>,
    /// The render.
    pub(crate) pass: u64,
    /// The component stands in a row of a stream, at some distance.
    pub(crate) is_in_stream: bool,
}

/// The nested views of one view; a pointer until its template places one.
#[derive(Default)]
pub(crate) struct Nested(Option<Box<State>>);

#[derive(Default)]
struct State {
    /// By the last part of their DOM ids.
    entries: BTreeMap<Box<str>, Entry>,
    /// Those without a container, in the order in which they were placed.
    wanted: Vec<Box<str>>,
    /// Those in whose place a render has put a view of another type; they go when it stands.
    replaced: Vec<Entry>,
    /// How many have gone. A browser may hold on to the id of a view that is gone, and would not join
    /// another with the same: later ones have this number in theirs.
    n_gone: u64,
    /// The last [`Nested::next_place`].
    last_place: u64,
    /// The portals that templates place, by the component whose template it is: whether its last
    /// render did.
    portals: BTreeMap<(Option<u64>, Box<str>), bool>,
    /// A portal was left out since the browser last heard so.
    has_lost_portal: bool,
}

struct Entry {
    view: TypeId,
    name: &'static str,
    seed: Seed,
    element: Container,
    /// How many had gone before it came.
    number: u64,
    /// The component whose template placed it; none for the view's own.
    owner: Option<u64>,
    /// It stands in a row of a stream, at some distance.
    is_in_stream: bool,
    /// The render that last placed it.
    pass: u64,
    /// Its place in that.
    place: u64,
    /// The last render of its owner placed it.
    is_placed: bool,
    is_wanted: bool,
    /// What a render shows: none until the runtime has said.
    container: Option<String>,
    kept: Kept,
    /// Its place on the socket of the page, once it is shown.
    seat: Option<Seat>,
}

/// What the runtime keeps for a nested view.
pub(crate) enum Kept {
    Nothing,
    /// It has no seat, and asks again when one is free.
    Waiting,
    /// The view as it was mounted for the page.
    Held(HeldView),
    /// Joins find it, until this is dropped.
    Published(#[expect(dead_code, reason = "it is kept to be dropped")] Box<dyn Any + Send>),
}

/// A nested view whose container is to be made.
pub(crate) struct Wanted {
    /// By which it is known here.
    pub(crate) id: Box<str>,
    /// The last part of its topic.
    pub(crate) part: String,
    /// As in spans and logs.
    pub(crate) name: &'static str,
    pub(crate) seed: Seed,
    pub(crate) element: Container,
    /// What follows the id that its author chose.
    pub(crate) suffix: String,
    pub(crate) seat: Option<Seat>,
    /// The view as it was mounted for the page.
    pub(crate) held: Option<HeldView>,
}

impl Nested {
    /// The template of the view or of one of its components is rendered: it says anew what it
    /// places.
    pub(crate) fn begin_template(&mut self, owner: Option<u64>) {
        for entry in self.entries_mut().filter(|entry| entry.owner == owner) {
            entry.is_placed = false;
        }
        let portals = self.0.iter_mut().flat_map(|state| &mut state.portals);
        for (_, is_placed) in portals.filter(|((of, _), _)| *of == owner) {
            *is_placed = false;
        }
    }

    /// Notes that the template being rendered, at `template` in the code, places a nested view, which
    /// is `planted` the first time. Its container, once that is known and unless this render has
    /// placed it already.
    pub(crate) fn place(
        &mut self,
        template: &str,
        placed: &Placed<'_>,
        placing: Placing,
        planted: impl FnOnce() -> (Seed, Container),
    ) -> Option<&str> {
        let state = self.0.get_or_insert_default();
        let key: Box<str> = id_part(placed.id).into();
        let number = state.n_gone;
        let new = || Entry::new(placed, planted(), number);
        let entry = state.entries.entry(key.clone()).or_insert_with(new);
        let is_taken = entry.is_placed && entry.pass == placing.pass;
        if is_taken || entry.view != placed.view {
            tracing::error!(
                template,
                view = placed.name,
                placed = entry.name,
                id = placed.id,
                "two nested views of one view have the same id; the second place shows nothing"
            );
            return None;
        }
        entry.is_placed = true;
        state.last_place += 1;
        entry.place = state.last_place;
        Placing { owner: entry.owner, pass: entry.pass, is_in_stream: entry.is_in_stream } =
            placing;
        if entry.container.is_none() && !std::mem::replace(&mut entry.is_wanted, true) {
            state.wanted.push(key);
        }
        entry.container.as_deref()
    }

    /// Notes that the template of `owner` places a portal.
    pub(crate) fn place_portal(&mut self, owner: Option<u64>, id: &str) {
        let state = self.0.get_or_insert_default();
        state.portals.insert((owner, id.into()), true);
    }

    /// Whether a portal was left out since this was last asked.
    pub(crate) fn take_lost_portal(&mut self) -> bool {
        self.0.as_mut().is_some_and(|state| std::mem::take(&mut state.has_lost_portal))
    }

    pub(crate) fn has_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|state| !state.wanted.is_empty())
    }

    /// Takes out what renders have asked for.
    pub(crate) fn take_wanted(&mut self) -> Vec<Wanted> {
        let Some(state) = &mut self.0 else { return Vec::new() };
        let State { entries, wanted, .. } = &mut **state;
        let take = |id: Box<str>| {
            let entry = entries.get_mut(&id).filter(|entry| entry.is_wanted)?;
            entry.is_wanted = false;
            let held = match std::mem::replace(&mut entry.kept, Kept::Nothing) {
                Kept::Held(held) => Some(held),
                Kept::Nothing | Kept::Waiting | Kept::Published(_) => None,
            };
            let (part, suffix) = (entry.part(&id), entry.suffix());
            let (seed, element) = (Arc::clone(&entry.seed), entry.element.clone());
            let (name, seat) = (entry.name, entry.seat.take());
            Some(Wanted { id, part, name, seed, element, suffix, seat, held })
        };
        wanted.drain(..).filter_map(take).collect()
    }

    /// Says what the next renders show in a place.
    pub(crate) fn put(&mut self, id: &str, container: String, kept: Kept, seat: Option<Seat>) {
        let entry = self.0.as_mut().and_then(|state| state.entries.get_mut(id));
        if let Some(entry) = entry {
            entry.container = Some(container);
            entry.kept = kept;
            entry.seat = seat;
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
        state.retain(|entry| entry.is_placed);
        for entry in state.entries.values_mut() {
            entry.is_wanted = false;
            entry.seat.iter_mut().for_each(Seat::stay);
        }
        state.replaced.clear();
        state.retain_portals(|_, is_placed| is_placed);
    }

    /// Components are gone, and what they placed.
    pub(crate) fn retain_owners(&mut self, exists: impl Fn(u64) -> bool) {
        if let Some(state) = &mut self.0 {
            state.retain(|entry| entry.owner.is_none_or(&exists));
            state.retain_portals(|owner, _| owner.is_none_or(&exists));
        }
    }

    /// A component has got another number.
    pub(crate) fn change_owner(&mut self, from: u64, to: u64) {
        for entry in self.entries_mut().filter(|entry| entry.owner == Some(from)) {
            entry.owner = Some(to);
        }
    }

    /// The browser has lost the elements of a component, and with them its joins of what stands in
    /// them. Whether anything did.
    pub(crate) fn lose(&mut self, owner: u64) -> bool {
        let Some(state) = &mut self.0 else { return false };
        let before = state.n_gone;
        state.retain(|entry| entry.owner != Some(owner));
        state.n_gone > before
    }

    fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.0.iter_mut().flat_map(|state| state.entries.values_mut())
    }
}

impl State {
    fn retain_portals(&mut self, keeps: impl Fn(Option<u64>, bool) -> bool) {
        let before = self.portals.len();
        self.portals.retain(|(owner, _), is_placed| keeps(*owner, *is_placed));
        self.has_lost_portal |= self.portals.len() < before;
    }

    fn retain(&mut self, keeps: impl Fn(&Entry) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|_, entry| keeps(entry));
        self.n_gone += (before - self.entries.len()) as u64;
    }
}

impl Entry {
    /// The last part of its topic: no two have the same in the life of the view around them.
    fn part(&self, id: &str) -> String {
        if self.number == 0 { id.to_owned() } else { format!("{id}{NUMBER}{}", self.number) }
    }

    /// An id that its author chose stays as it is where the browser is sure to forget the views that
    /// have gone.
    fn suffix(&self) -> String {
        let is_lasting = self.number == 0 || !self.is_in_stream;
        if is_lasting { String::new() } else { format!("{NUMBER}{}", self.number) }
    }

    fn new(placed: &Placed<'_>, (seed, element): (Seed, Container), number: u64) -> Self {
        Self {
            view: placed.view,
            name: placed.name,
            seed,
            element,
            number,
            owner: None,
            is_in_stream: false,
            pass: 0,
            place: 0,
            is_placed: false,
            is_wanted: false,
            container: None,
            kept: Kept::Nothing,
            seat: None,
        }
    }
}

/// The last part of a nested view's DOM id: letters and digits as they are, every other byte as `_`
/// and two digits, so that the `-` between the parts tells which view is inside which.
pub(crate) fn id_part(id: &str) -> String {
    let mut part = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("_{byte:02x}"));
        }
    }
    part
}

impl fmt::Debug for Nested {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().flat_map(|state| state.entries.keys());
        formatter.debug_set().entries(ids).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Nested, id_part};

    #[test]
    fn a_view_that_nests_nothing_pays_a_pointer() {
        assert_eq!(size_of::<Nested>(), size_of::<usize>());
    }

    #[test]
    fn different_ids_are_different_and_fit_into_a_selector() {
        let ids = ["chat", "Chat", "chat-1", "chat_1", "chat_2d1", "é", "", " ", "\"", "_"];
        let mut parts: Vec<_> = ids.into_iter().map(id_part).collect();
        assert_eq!(parts[2], "chat_2d1");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        assert!(parts.iter().all(|part| part.bytes().all(fits)), "{parts:?}");
        parts.sort();
        parts.dedup();
        assert_eq!(parts.len(), ids.len());
    }
}
