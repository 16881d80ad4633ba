//! [`SnapshotStore`]: a place that all servers reach, where what views want kept lies instead of in their
//! browsers.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::TimedSnapshotStore;

/// Why a store has not done what it was asked, in its own words.
pub type SnapshotStoreError = Box<dyn Error + Send + Sync>;

/// Under what the snapshot of one view lies in a [`SnapshotStore`]: 16 bytes.
///
/// The first ones are the same for all browsers of one address ([`ADDRESS_BYTES`](Self::ADDRESS_BYTES)), some more for
/// all views of one session ([`SESSION_BYTES`](Self::SESSION_BYTES)), so that a store can bound what either keeps.
/// Nobody reads address or session from them. The others are random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SnapshotKey {
    bytes: [u8; 16],
    is_of_view: bool,
}

impl SnapshotKey {
    /// First bytes that all keys of views have whose browsers are at one address; where that is not known, or stands for
    /// many, of those of one session.
    pub const ADDRESS_BYTES: usize = 4;

    /// First bytes that all keys of views have whose browsers are of one session and at one address.
    pub const SESSION_BYTES: usize = 8;

    /// One that no view has, of a browser with these marks of its address and its session.
    pub(crate) fn draw(
        address: [u8; Self::ADDRESS_BYTES],
        session: [u8; Self::SESSION_BYTES - Self::ADDRESS_BYTES],
    ) -> Self {
        let mut bytes: [u8; 16] = rand::random();
        bytes[..Self::ADDRESS_BYTES].copy_from_slice(&address);
        bytes[Self::ADDRESS_BYTES..Self::SESSION_BYTES].copy_from_slice(&session);
        Self::of_view(bytes)
    }

    /// That of a view's snapshot.
    pub(crate) const fn of_view(bytes: [u8; 16]) -> Self {
        Self { bytes, is_of_view: true }
    }

    /// One of these bytes, for what somebody else keeps in the same store: it has no share in the bounds of views.
    /// What can be guessed can be asked for.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, is_of_view: false }
    }

    /// Its bytes, as the key of a row.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether it is that of a view, and begins with an address and a session.
    #[must_use]
    pub const fn is_of_view(&self) -> bool {
        self.is_of_view
    }
}

/// A place that all servers of an application reach, and that outlives each of them: a table, a cache.
///
/// What it is given is sealed with the application's secret: nobody who reads the store learns what it
/// says, or can change it, and it is believed only for the session, view and page that it was made for.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use belvedere::{LiveConfig, SecretKeyBase, SharedSnapshotOptions, SharedSnapshots};
/// use belvedere::{SnapshotKey, SnapshotStore, SnapshotStoreError};
///
/// /// For tests: it outlives a runtime and no process, and nothing expires.
/// #[derive(Clone, Default)]
/// struct InMemory(Arc<Mutex<HashMap<SnapshotKey, String>>>);
///
/// impl SnapshotStore for InMemory {
///     async fn put(
///         &self,
///         key: SnapshotKey,
///         sealed: String,
///         _lasts: Duration,
///     ) -> Result<(), SnapshotStoreError> {
///         self.0.lock().unwrap().insert(key, sealed);
///         Ok(())
///     }
///
///     async fn get(&self, key: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
///         Ok(self.0.lock().unwrap().get(&key).cloned())
///     }
///
///     async fn remove(&self, key: SnapshotKey) -> Result<(), SnapshotStoreError> {
///         self.0.lock().unwrap().remove(&key);
///         Ok(())
///     }
/// }
///
/// let store = SharedSnapshots::over(InMemory::default(), SharedSnapshotOptions::default());
/// let config = LiveConfig {
///     shared_snapshots: Some(store),
///     ..LiveConfig::new(SecretKeyBase::random())
/// };
/// ```
pub trait SnapshotStore: Send + Sync + 'static {
    /// Keeps this text under this key for so long, in place of what was kept under it.
    ///
    /// # Errors
    ///
    /// When it is not kept: then the view's browser is given it.
    fn put(
        &self,
        key: SnapshotKey,
        sealed: String,
        lasts: Duration,
    ) -> impl Future<Output = Result<(), SnapshotStoreError>> + Send;

    /// What is kept under this key, if its time is not over. It stays, since whoever has read it may be
    /// killed next.
    ///
    /// # Errors
    ///
    /// When that is not known: the view is as it was mounted, and its browser may ask again with a later join.
    fn get(
        &self,
        key: SnapshotKey,
    ) -> impl Future<Output = Result<Option<String>, SnapshotStoreError>> + Send;

    /// Forgets what is kept under this key: the browser has left the view for another. That of a page that was
    /// closed or loaded anew stays until its time is over.
    ///
    /// # Errors
    ///
    /// When it may be kept still. Nothing follows from it.
    fn remove(
        &self,
        key: SnapshotKey,
    ) -> impl Future<Output = Result<(), SnapshotStoreError>> + Send;
}

/// How a [`SnapshotStore`] is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedSnapshotOptions {
    /// How long the store may take over one snapshot, of which no view's answer waits: only the join of a
    /// restored view, and a server that goes away. Keep it below
    /// [`LiveConfig::drain_timeout`](crate::LiveConfig::drain_timeout). Default: 1 s.
    pub timeout: Duration,
    /// How long a store that has not taken a snapshot is given none: browsers keep what it would have kept.
    /// Default: 5 s.
    pub retry_after: Duration,
    /// Most bytes on their way to the store at once, of all views; what finds no room is given to the
    /// browser. Of one view at most one snapshot is on its way. Default: 16 MiB.
    pub max_bytes_under_way: usize,
}

impl Default for SharedSnapshotOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(1),
            retry_after: Duration::from_secs(5),
            max_bytes_under_way: 16 * 1024 * 1024,
        }
    }
}

/// A [`SnapshotStore`] as [`LiveConfig::shared_snapshots`](crate::LiveConfig::shared_snapshots) takes it; clones share it.
#[derive(Clone)]
pub struct SharedSnapshots(Arc<Shared>);

struct Shared {
    store: TimedSnapshotStore,
    options: SharedSnapshotOptions,
    /// A permit is a byte under way.
    room: Arc<Semaphore>,
    /// When it has not taken one last, if it has taken none since.
    failed: Mutex<Option<Instant>>,
}

/// Why a snapshot is not in the store, or was not found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFailure {
    /// The store has said so, now or a moment ago.
    Down,
    /// It says nothing.
    Slow,
    /// Too much is on its way.
    Full,
}

impl StoreFailure {
    fn of(error: &SnapshotStoreError) -> Self {
        if error.is::<Elapsed>() { Self::Slow } else { Self::Down }
    }

    /// One word, as the value of a metric's attribute.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Down => "store_down",
            Self::Slow => "store_slow",
            Self::Full => "store_full",
        }
    }
}

/// Room for one snapshot on its way.
#[derive(Debug)]
pub(crate) struct Room(
    #[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit,
);

impl SharedSnapshots {
    /// Over this store. It is not asked before the first snapshot; one that is not there is no error at the
    /// start.
    #[must_use]
    pub fn over(store: impl SnapshotStore, options: SharedSnapshotOptions) -> Self {
        let room = options.max_bytes_under_way.min(Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(room));
        let store = TimedSnapshotStore::new(store, options.timeout);
        Self(Arc::new(Shared { store, options, room, failed: Mutex::default() }))
    }

    /// Room for so many bytes, without waiting, if the store is there.
    pub(crate) fn room(&self, n_bytes: usize) -> Result<Room, StoreFailure> {
        let failed = *self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_some_and(|failed| failed.elapsed() < self.0.options.retry_after) {
            return Err(StoreFailure::Down);
        }
        let n_bytes = u32::try_from(n_bytes).map_err(|_| StoreFailure::Full)?;
        let room = Arc::clone(&self.0.room).try_acquire_many_owned(n_bytes);
        room.map(Room).map_err(|_| StoreFailure::Full)
    }

    pub(crate) async fn put(
        &self,
        key: SnapshotKey,
        sealed: String,
        lasts: Duration,
        room: Room,
    ) -> Result<(), StoreFailure> {
        let put = self.0.store.put(key, sealed, lasts).await;
        drop(room);
        self.note(put)
    }

    pub(crate) async fn get(&self, key: SnapshotKey) -> Result<Option<String>, StoreFailure> {
        let got = self.0.store.get(key).await;
        got.map_err(|error| {
            let failure = StoreFailure::of(&error);
            let error: &(dyn Error + 'static) = &*error;
            tracing::debug!(error, "the store of snapshots was not read");
            failure
        })
    }

    pub(crate) async fn remove(&self, key: SnapshotKey) {
        // Its time ends it.
        let _ = self.0.store.remove(key).await;
    }

    /// Whether it takes snapshots, which the log says when it changes. What can be read says nothing of that.
    fn note(&self, put: Result<(), SnapshotStoreError>) -> Result<(), StoreFailure> {
        let failed = put.is_err().then(Instant::now);
        let mut last = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let had_failed = std::mem::replace(&mut *last, failed).is_some();
        drop(last);
        match &put {
            Ok(()) if had_failed => tracing::info!("the store of snapshots answers again"),
            Err(error) if !had_failed => {
                let error: &(dyn Error + 'static) = &**error;
                tracing::warn!(error, "the store of snapshots fails: {GIVEN_TO_BROWSERS}");
            }
            _ => {}
        }
        put.map_err(|error| StoreFailure::of(&error))
    }
}

/// What follows for views, as the log says.
const GIVEN_TO_BROWSERS: &str = "what views want kept is given to their browsers until it does; what lies \
     there already is missed by those who come back meanwhile";

impl fmt::Debug for SharedSnapshots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SharedSnapshots")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
