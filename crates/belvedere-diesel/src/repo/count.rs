//! How many queries a page made, without any tracing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts the queries of one [`Repo`](crate::Repo) clone, see
/// [`Repo::counted`](crate::Repo::counted).
///
/// `BEGIN`, `COMMIT` and `ROLLBACK` count too: each is a round trip.
#[derive(Debug, Default)]
pub struct QueryCount {
    n_queries: AtomicU64,
    nanoseconds: AtomicU64,
}

impl QueryCount {
    /// How many queries have ended so far, failed and cancelled ones included.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.n_queries.load(Ordering::Relaxed)
    }

    /// How long these queries took together, without waiting for a connection.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    pub(crate) fn add(&self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        self.n_queries.fetch_add(1, Ordering::Relaxed);
    }
}
