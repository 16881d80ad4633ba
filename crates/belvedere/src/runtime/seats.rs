//! What all views of one page share: how many may be joined on its socket, and which ids authors
//! have given to their containers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Said to the author of two containers with one id.
const ID_TAKEN: &str = "two containers of one page are given the same id; this one has one of the \
                        runtime's instead";

/// The seats of one page. Its own view has none: it is always joined.
pub(crate) struct Seats(Mutex<State>);

struct State {
    max: usize,
    /// Joins of the socket that are the layout's.
    of_layout: usize,
    /// More than `max` only where a view that was about to leave has stayed.
    taken: usize,
    /// Ids that authors chose, of containers on the page, and whether their container is about to
    /// leave it.
    ids: HashMap<Box<str>, bool>,
    /// Views that could not place all they wanted, to be told when something is free.
    waiting: Vec<Weak<dyn Waiter>>,
    /// The author was told that there are too few.
    is_told: bool,
}

/// A view that could not place all it wanted.
pub(crate) trait Waiter: Send + Sync {
    /// A seat of the page is free, or an id. Told once to one that waits.
    fn seat_freed(&self);
}

/// A nested view's place on the socket of its page, and its container's id. Dropping it frees both.
pub(crate) struct Seat {
    page: Arc<Seats>,
    /// The id that its author chose, unless another has it.
    pub(crate) id: Option<Box<str>>,
    is_leaving: bool,
}

/// What a nested view gets that wants a seat.
pub(crate) enum Taken {
    Seat(Seat),
    /// There is none.
    Full,
    /// Its id is that of a container which the next frame takes away. A browser that is shown both in
    /// one frame takes them for one, and joins no new view there.
    IdLeaves,
}

impl Seats {
    /// For a page whose own container may have an id of its author's; `max_joins` is of its socket.
    pub(crate) fn new(max_joins: usize, own_id: Option<&str>) -> Arc<Self> {
        let ids = own_id.into_iter().map(|id| (Box::from(id), false)).collect();
        let (max, waiting) = (max_joins.saturating_sub(1), Vec::new());
        let state = State { max, of_layout: 0, taken: 0, ids, waiting, is_told: false };
        Arc::new(Self(Mutex::new(state)))
    }

    /// Knows that so many joins of the socket are left to views in the layout.
    pub(crate) fn beside(self: Arc<Self>, of_layout: usize) -> Arc<Self> {
        self.lock().of_layout = of_layout;
        self
    }

    /// A seat for the nested view `view`, whose author may have chosen an `id`. Where there is none
    /// now, `waiter` is told when it is worth asking again.
    pub(crate) fn take(
        self: &Arc<Self>,
        view: &str,
        id: Option<&str>,
        waiter: Option<&Arc<dyn Waiter>>,
    ) -> Taken {
        let mut state = self.lock();
        if state.taken >= state.max {
            state.wait(waiter);
            if !std::mem::replace(&mut state.is_told, true) {
                tracing::error!(
                    view,
                    of_layout = state.of_layout,
                    "a page has more nested views than its socket may join beside those of its \
                     layout; this one and those after it are without events until others go: in the \
                     first response as that shows them, later as empty elements. Raise \
                     `LiveConfig::max_joins_per_socket`, or use live components"
                );
            }
            return Taken::Full;
        }
        let own = match id.map(|id| state.ids.entry(id.into())) {
            Some(Entry::Vacant(free)) => Some(free.insert_entry(false).key().clone()),
            Some(Entry::Occupied(other)) if *other.get() => {
                state.wait(waiter);
                return Taken::IdLeaves;
            }
            Some(Entry::Occupied(_)) | None => None,
        };
        if let (None, Some(id)) = (&own, id) {
            tracing::error!(view, id, "{ID_TAKEN}");
        }
        state.taken += 1;
        Taken::Seat(Seat { page: Arc::clone(self), id: own, is_leaving: false })
    }

    /// Keeps the id of a container in the layout for as long as the page; false when another has it.
    pub(crate) fn keep_id(&self, view: &str, id: &str) -> bool {
        let is_free = self.reserve_id(id);
        if !is_free {
            tracing::error!(view, id, "{ID_TAKEN}");
        }
        is_free
    }

    /// Keeps an id for as long as the page; false when a container has it.
    pub(crate) fn reserve_id(&self, id: &str) -> bool {
        match self.lock().ids.entry(id.into()) {
            Entry::Vacant(free) => {
                free.insert(false);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, waiter: Option<&Arc<dyn Waiter>>) {
        let Some(waiter) = waiter.map(Arc::downgrade) else { return };
        self.waiting.retain(|other| other.strong_count() > 0);
        if !self.waiting.iter().any(|other| Weak::ptr_eq(other, &waiter)) {
            self.waiting.push(waiter);
        }
    }
}

impl Seat {
    /// The next frame takes its container away: its place on the socket is for others already.
    pub(crate) fn leave(&mut self) {
        self.set_leaving(true);
    }

    /// The frame has kept its container.
    pub(crate) fn stay(&mut self) {
        self.set_leaving(false);
    }

    fn set_leaving(&mut self, is_leaving: bool) {
        if std::mem::replace(&mut self.is_leaving, is_leaving) == is_leaving {
            return;
        }
        let mut state = self.page.lock();
        state.taken = if is_leaving { state.taken - 1 } else { state.taken + 1 };
        if let Some(id) = self.id.as_ref().and_then(|id| state.ids.get_mut(id)) {
            *id = is_leaving;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.page.lock();
            state.taken -= usize::from(!self.is_leaving);
            if let Some(id) = &self.id {
                state.ids.remove(id);
            }
            std::mem::take(&mut state.waiting)
        };
        for view in waiting.iter().filter_map(Weak::upgrade) {
            view.seat_freed();
        }
    }
}
