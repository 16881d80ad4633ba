//! What all views of one page share: how many may be joined on its socket, and which ids authors
//! have given to their containers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seats of one page. Its own view has none: it is always joined.
pub(crate) struct Seats(Mutex<State>);

struct State {
    free: usize,
    /// Ids that authors chose, of containers on the page.
    ids: HashSet<Box<str>>,
    /// The author was told that there are too few.
    is_told: bool,
}

/// A nested view's place on the socket of its page, and its container's id. Dropping it frees both.
pub(crate) struct Seat {
    page: Arc<Seats>,
    /// The id that its author chose, unless another has it.
    pub(crate) id: Option<Box<str>>,
}

impl Seats {
    /// For a page whose own container may have an id of its author's; `max_joins` is of its socket.
    pub(crate) fn new(max_joins: usize, own_id: Option<&str>) -> Arc<Self> {
        let ids = own_id.into_iter().map(Box::from).collect();
        let free = max_joins.saturating_sub(1);
        Arc::new(Self(Mutex::new(State { free, ids, is_told: false })))
    }

    /// A seat for the nested view `view`, whose author may have chosen an `id`. `None` when all are
    /// taken.
    pub(crate) fn take(self: &Arc<Self>, view: &str, id: Option<&str>) -> Option<Seat> {
        let mut state = self.lock();
        let Some(free) = state.free.checked_sub(1) else {
            if !std::mem::replace(&mut state.is_told, true) {
                tracing::error!(
                    view,
                    "a page has more nested views than its socket may join; this one and those after \
                     it stay as the first response shows them, without events. Raise \
                     `LiveConfig::max_joins_per_socket`, or use live components"
                );
            }
            return None;
        };
        state.free = free;
        let own = id.filter(|id| state.ids.insert(Box::from(*id)));
        if let (None, Some(id)) = (own, id) {
            tracing::error!(
                view,
                id,
                "two containers of one page are given the same id; this one has one of the runtime's \
                 instead"
            );
        }
        Some(Seat { page: Arc::clone(self), id: own.map(Box::from) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.page.lock();
        state.free += 1;
        if let Some(id) = &self.id {
            state.ids.remove(id);
        }
    }
}
