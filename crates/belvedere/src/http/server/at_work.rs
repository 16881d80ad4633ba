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
        let count = counts.entry(network).or_default();
        if *count >= self.max {
            return None;
        }
        *count += 1;
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
