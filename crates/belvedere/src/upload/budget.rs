//! Room for uploads, in bytes: for the whole process and for each session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::UploadLimit;
use crate::wire::token::SessionId;

/// How much room there is, and who has how much of it.
#[derive(Debug)]
pub(super) struct Budget {
    limit: UploadLimit,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    total: u64,
    /// Only those that have some.
    by_session: HashMap<Option<SessionId>, u64>,
}

/// Room for one file, until it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    budget: Arc<Budget>,
    session: Option<SessionId>,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limit: UploadLimit) -> Arc<Self> {
        Arc::new(Self { limit, used: Mutex::default() })
    }

    /// Takes room for `bytes`, if there is as much.
    pub(super) fn take(self: &Arc<Self>, session: Option<SessionId>, bytes: u64) -> Option<Room> {
        let mut used = self.lock();
        let own = used.by_session.get(&session).copied().unwrap_or_default();
        let is_within =
            |used: u64, most: u64| used.checked_add(bytes).is_some_and(|sum| sum <= most);
        if !is_within(used.total, self.limit.total) || !is_within(own, self.limit.per_session) {
            return None;
        }
        used.total += bytes;
        used.by_session.insert(session, own + bytes);
        drop(used);
        Some(Room { budget: Arc::clone(self), session, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut used = self.budget.lock();
        used.total -= self.bytes;
        let own = used.by_session.remove(&self.session).unwrap_or_default() - self.bytes;
        if own > 0 {
            used.by_session.insert(self.session, own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_much_in_all_and_so_much_for_each_session() {
        let budget = Budget::new(UploadLimit { total: 10, per_session: 6 });
        let [ann, bob] = [1, 2].map(|id| Some(SessionId::from_bytes([id; 16])));
        let first = budget.take(ann, 6);
        assert!(first.is_some() && budget.take(ann, 1).is_none(), "a session has its part");
        let second = budget.take(bob, 4);
        assert!(second.is_some() && budget.take(None, 1).is_none(), "and there is no more");
        assert!(budget.take(bob, u64::MAX).is_none());
        drop((first, second));
        assert!(budget.take(ann, 6).is_some());
        let used = budget.lock();
        assert_eq!((used.total, used.by_session.len()), (0, 0));
    }
}
