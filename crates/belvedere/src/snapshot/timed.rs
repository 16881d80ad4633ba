//! [`TimedSnapshotStore`]: a store of any type that answers in time, or has failed.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use super::{SnapshotKey, SnapshotStore, SnapshotStoreError};

/// Why nothing was done, of a store that has not said it.
const PANICKED: &str = "it has panicked";

/// A [`SnapshotStore`] whose type is forgotten, and that fails where the store says nothing for so long or
/// panics; the error of silence is tokio's [`Elapsed`](tokio::time::error::Elapsed). For what else an application
/// has all its servers keep in the same place.
pub struct TimedSnapshotStore {
    store: Box<dyn AnyStore>,
    timeout: Duration,
}

impl TimedSnapshotStore {
    /// This store, which may take so long over each thing that it is asked.
    #[must_use]
    pub fn new(store: impl SnapshotStore, timeout: Duration) -> Self {
        Self { store: Box::new(store), timeout }
    }

    async fn asked<T>(&self, asking: Asking<'_, T>) -> Result<T, SnapshotStoreError> {
        match timeout(self.timeout, AssertUnwindSafe(asking).catch_unwind()).await {
            Ok(Ok(answer)) => answer,
            // The panic has been told of.
            Ok(Err(_)) => Err(PANICKED.into()),
            Err(elapsed) => Err(elapsed.into()),
        }
    }
}

impl SnapshotStore for TimedSnapshotStore {
    async fn put(
        &self,
        key: SnapshotKey,
        sealed: String,
        lasts: Duration,
    ) -> Result<(), SnapshotStoreError> {
        self.asked(self.store.put(key, sealed, lasts)).await
    }

    async fn get(&self, key: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
        self.asked(self.store.get(key)).await
    }

    async fn remove(&self, key: SnapshotKey) -> Result<(), SnapshotStoreError> {
        self.asked(self.store.remove(key)).await
    }
}

impl fmt::Debug for TimedSnapshotStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TimedSnapshotStore")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, SnapshotStoreError>> + Send + 'a>>;

/// A store whose type is not known.
trait AnyStore: Send + Sync {
    fn put(&self, key: SnapshotKey, sealed: String, lasts: Duration) -> Asking<'_, ()>;
    fn get(&self, key: SnapshotKey) -> Asking<'_, Option<String>>;
    fn remove(&self, key: SnapshotKey) -> Asking<'_, ()>;
}

impl<S: SnapshotStore> AnyStore for S {
    fn put(&self, key: SnapshotKey, sealed: String, lasts: Duration) -> Asking<'_, ()> {
        Box::pin(SnapshotStore::put(self, key, sealed, lasts))
    }

    fn get(&self, key: SnapshotKey) -> Asking<'_, Option<String>> {
        Box::pin(SnapshotStore::get(self, key))
    }

    fn remove(&self, key: SnapshotKey) -> Asking<'_, ()> {
        Box::pin(SnapshotStore::remove(self, key))
    }
}
