//! Which files may be sent: from when a view grants it until the entry is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::transfer::Transfer;

/// The grants of a runtime, by their numbers; bounded by the entries of its views.
#[derive(Debug, Default)]
pub(crate) struct Grants(Mutex<HashMap<u64, Weak<Transfer>>>);

impl Grants {
    pub(crate) fn find(&self, grant: u64) -> Option<Arc<Transfer>> {
        self.lock().get(&grant)?.upgrade()
    }

    pub(super) fn add(&self, transfer: &Arc<Transfer>) {
        self.lock().insert(transfer.grant, Arc::downgrade(transfer));
    }

    pub(super) fn remove(&self, grant: u64) {
        self.lock().remove(&grant);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Weak<Transfer>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
