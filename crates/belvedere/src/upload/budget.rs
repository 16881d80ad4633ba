//! Room for uploads, in bytes: for the whole process, for each session, and for the clients of each address.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::UploadLimit;
use crate::http::client_address::ClientNetwork;
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
    /// The same; an address that stands for many is none.
    by_network: HashMap<ClientNetwork, u64>,
}

/// Who sends files.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) session: Option<SessionId>,
    pub(crate) network: Option<ClientNetwork>,
}

/// Room for one file, until it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    budget: Arc<Budget>,
    sender: Sender,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limit: UploadLimit) -> Arc<Self> {
        Arc::new(Self { limit, used: Mutex::default() })
    }

    /// Takes room for `bytes`, if there is as much.
    pub(super) fn take(self: &Arc<Self>, sender: Sender, bytes: u64) -> Option<Room> {
        let UploadLimit { total, per_session, per_address } = self.limit;
        let Sender { session, network } = sender;
        let mut used = self.lock();
        let of_session = used.by_session.get(&session).copied().unwrap_or_default();
        let of_network = network.and_then(|network| used.by_network.get(&network).copied());
        let is_within =
            |used: u64, most: u64| used.checked_add(bytes).is_some_and(|sum| sum <= most);
        let has_room = is_within(used.total, total)
            && is_within(of_session, per_session)
            && (network.is_none() || is_within(of_network.unwrap_or_default(), per_address));
        if !has_room {
            return None;
        }
        used.total += bytes;
        used.by_session.insert(session, of_session + bytes);
        if let Some(network) = network {
            used.by_network.insert(network, of_network.unwrap_or_default() + bytes);
        }
        drop(used);
        Some(Room { budget: Arc::clone(self), sender, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut used = self.budget.lock();
        used.total -= self.bytes;
        give_back(&mut used.by_session, self.sender.session, self.bytes);
        if let Some(network) = self.sender.network {
            give_back(&mut used.by_network, network, self.bytes);
        }
    }
}

fn give_back<K: Eq + Hash>(used: &mut HashMap<K, u64>, by: K, bytes: u64) {
    let left = used.remove(&by).unwrap_or_default() - bytes;
    if left > 0 {
        used.insert(by, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(session: u8, address: u8) -> Sender {
        Sender {
            session: Some(SessionId::from_bytes([session; 16])),
            network: Some(ClientNetwork::of([192, 0, 2, address].into())),
        }
    }

    #[test]
    fn there_is_room_for_so_much_in_all_and_so_much_for_each_session() {
        let limit = UploadLimit { total: 10, per_session: 6, per_address: 10 };
        let budget = Budget::new(limit);
        let [ann, bob] = [1, 2].map(|id| sender(id, 1));
        let first = budget.take(ann, 6);
        assert!(first.is_some() && budget.take(ann, 1).is_none(), "a session has its part");
        let second = budget.take(bob, 4);
        assert!(second.is_some() && budget.take(sender(3, 2), 1).is_none(), "and there is no more");
        assert!(budget.take(bob, u64::MAX).is_none());
        drop((first, second));
        assert!(budget.take(ann, 6).is_some());
        let used = budget.lock();
        assert_eq!((used.total, used.by_session.len(), used.by_network.len()), (0, 0, 0));
    }

    #[test]
    fn many_sessions_of_one_address_leave_others_room() {
        let limit = UploadLimit { total: 10, per_session: 6, per_address: 7 };
        let budget = Budget::new(limit);
        let taken: Vec<_> = (0..20).filter_map(|id| budget.take(sender(id, 1), 1)).collect();
        assert_eq!(taken.len(), 7);
        assert!(budget.take(sender(30, 2), 3).is_some(), "of another address");
        let of_a_crowd = Sender { network: None, ..sender(31, 1) };
        assert!(budget.take(of_a_crowd, 3).is_some(), "who speaks for many has no share");
        drop(taken);
        assert!(budget.take(sender(32, 1), 6).is_some());
    }
}
