//! How many connections each client's address has at work.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::client_address::ClientNetwork;

/// The connections of each network that serve a request or have become WebSockets.
pub(super) struct AtWork {
    max: usize,
    counts: Mutex<HashMap<ClientNetwork, usize>>,
}

/// A place among those of one network, until it is dropped. Of nobody known it is none.
pub(super) struct WorkPlace(Option<(Arc<AtWork>, ClientNetwork)>);

impl AtWork {
    /// Most of one network.
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, counts: Mutex::default() })
    }

    /// A place, if the network has not all of its own.
    pub(super) fn take(self: &Arc<Self>, network: Option<ClientNetwork>) -> Option<WorkPlace> {
        let Some(network) = network else { return Some(WorkPlace(None)) };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&network).copied().unwrap_or_default();
        // Nothing is kept of one that has none.
        if count >= self.max {
            return None;
        }
        counts.insert(network, count + 1);
        Some(WorkPlace(Some((Arc::clone(self), network))))
    }
}

impl Drop for WorkPlace {
    fn drop(&mut self) {
        let Some((at_work, network)) = &self.0 else { return };
        let mut counts = at_work.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(*network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_of_networks_that_have_no_place() {
        for max in [0, 1] {
            let at_work = AtWork::new(max);
            let network = |last| Some(ClientNetwork::of([192, 0, 2, last].into()));
            let places: Vec<_> = (1..=9).filter_map(|last| at_work.take(network(last))).collect();
            assert_eq!(places.len(), 9 * max);
            assert!(at_work.take(network(1)).is_none());
            drop(places);
            assert_eq!(at_work.counts.lock().unwrap().len(), 0);
        }
    }
}
