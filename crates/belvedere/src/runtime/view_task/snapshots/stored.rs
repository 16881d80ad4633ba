//! A view's snapshot in the store that servers share.
//!
//! One is on its way at a time, beside the view, which does not wait for it; what has changed meanwhile
//! follows when it has arrived. With the first that has, the browser is given its handle. While the store
//! fails, it is given the snapshot itself.

use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::RecvError;
use tracing::Instrument as _;

use super::{Keeping, push};
use crate::runtime::Runtime;
use crate::runtime::in_flight::Ticket;
use crate::runtime::view_task::ViewTask;
use crate::snapshot::{Room, SharedSnapshots, SnapshotKey, StoreFailure};
use crate::socket::tasks::spawn;
use crate::view::LiveView;
use crate::wire::token::{SessionId, SnapshotHandle, SnapshotToken};

/// Where it lies, and what is on its way.
#[derive(Default)]
pub(super) struct Stored {
    /// Under which it lies, from the first time on.
    key: Option<SnapshotKey>,
    /// The browser has the handle.
    pub(super) is_handed: bool,
    /// Of the one on its way.
    writing: Option<oneshot::Receiver<Arrived>>,
    /// More has changed meanwhile.
    is_behind: bool,
    /// The next is for the browser: the store has just not taken it, or there is no time to wait again.
    is_for_browser: bool,
}

/// What became of one that was on its way; whoever waits for quiet waits until that is known.
type Arrived = (Result<(), StoreFailure>, Ticket);

impl Stored {
    pub(super) const fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Whether what has changed has to wait for what is on its way; it is noted.
    pub(super) const fn waits(&mut self) -> bool {
        self.is_behind |= self.is_writing();
        self.is_writing()
    }

    /// What has become of the one on its way, if there is one. Cancel safe.
    pub(super) async fn written(&mut self) -> Result<Arrived, RecvError> {
        match &mut self.writing {
            Some(writing) => writing.await,
            None => std::future::pending().await,
        }
    }
}

impl<V: LiveView> Keeping<'_, V> {
    /// Has the store keep it, if there is one that takes it; or else the browser, which is to be given this.
    pub(super) fn placed(&mut self, token: &SnapshotToken) -> Option<String> {
        let sealed = token.seal(&self.runtime.keys, SystemTime::now());
        self.metrics.snapshot_sent(sealed.len());
        let Some(store) = &self.runtime.config.shared_snapshots else { return Some(sealed) };
        let stored = &mut self.snapshots.with_components().stored;
        if std::mem::take(&mut stored.is_for_browser) {
            stored.is_handed = false;
            return Some(sealed);
        }
        let room = match store.room(sealed.len()) {
            Ok(room) => room,
            Err(failure) => {
                self.metrics.snapshot_not_stored(failure.reason());
                stored.is_handed = false;
                return Some(sealed);
            }
        };
        let network = self.client.and_then(|client| client.network);
        let key = *stored.key.get_or_insert_with(|| {
            let mark = |text: &[u8]| SnapshotHandle::mark(text, &self.runtime.keys);
            let session = mark(token.owner.session_id.as_bytes());
            let address = network.map(|network| mark(network.address().to_string().as_bytes()));
            SnapshotKey::draw(address.unwrap_or(session), session)
        });
        let (arrives, writing) = oneshot::channel();
        stored.writing = Some(writing);
        let (store, ticket) = (store.clone(), self.runtime.in_flight.ticket());
        let lasts = self.runtime.config.snapshots.max_age;
        let put = put(store, key, sealed, (lasts, room), (arrives, ticket));
        // Of no act: none lasts for as long.
        spawn(Box::pin(put.instrument(tracing::Span::none())));
        None
    }

    /// Nothing is kept any more.
    pub(super) fn forget_stored(&mut self) {
        let Some(state) = &mut self.snapshots.0 else { return };
        let stored = std::mem::take(&mut state.stored);
        let Some(key) = stored.key else { return };
        let Some(store) = self.runtime.config.shared_snapshots.clone() else { return };
        let ticket = self.runtime.in_flight.ticket();
        let remove = remove(store, key, stored, ticket);
        spawn(Box::pin(remove.instrument(tracing::Span::none())));
    }
}

async fn put(
    store: SharedSnapshots,
    key: SnapshotKey,
    sealed: String,
    (lasts, room): (Duration, Room),
    (arrives, ticket): (oneshot::Sender<Arrived>, Ticket),
) {
    let put = store.put(key, sealed, lasts, room).await;
    // The view may have ended.
    let _ = arrives.send((put, ticket));
}

async fn remove(store: SharedSnapshots, key: SnapshotKey, mut stored: Stored, _ticket: Ticket) {
    if stored.is_writing() {
        // It would lie there after all.
        let _ = stored.written().await;
    }
    store.remove(key).await;
}

impl<V: LiveView> ViewTask<V> {
    /// Takes note of what became of the one that was on its way.
    pub(super) fn written(&mut self, arrived: Result<Arrived, RecvError>) {
        let Some(state) = &mut self.snapshots.0 else { return };
        state.stored.writing = None;
        let is_behind = std::mem::take(&mut state.stored.is_behind);
        // A store that panics says nothing either.
        let (put, ticket) = match arrived {
            Ok((put, ticket)) => (put, Some(ticket)),
            Err(RecvError { .. }) => (Err(StoreFailure::Down), None),
        };
        let mut has_news = is_behind;
        match (put, state.stored.key) {
            (Ok(()), Some(key)) if !state.stored.is_handed => {
                let session_id = self.socket.identity.session;
                let handle = SnapshotHandle { session_id, key: *key.as_bytes() };
                let handle = handle.seal(&self.runtime.keys, SystemTime::now());
                state.stored.is_handed = push(&mut self.socket, Some(handle)).is_ok();
                has_news = true;
            }
            (Ok(()), _) => {}
            (Err(failure), _) => {
                self.metrics.snapshot_not_stored(failure.reason());
                state.again();
                state.stored.is_for_browser = true;
                has_news = true;
            }
        }
        if has_news {
            state.is_ripe = true;
            self.busy = ticket;
        }
    }

    /// Returns when nothing of it is on its way any more: it has arrived, or the browser is given it. That
    /// takes no longer than the store may take over one: what follows is the browser's.
    pub(in super::super) async fn snapshot_arrives(&mut self) {
        while let Some(state) = self.snapshots.0.as_mut().filter(|state| state.stored.is_writing())
        {
            let arrived = state.stored.written().await;
            self.written(arrived);
            if let Some(state) = &mut self.snapshots.0 {
                state.stored.is_for_browser = true;
                if state.is_ripe {
                    self.push_snapshot();
                }
            }
        }
    }

    /// The browser has left the view, and will not bring its handle again.
    pub(in super::super) fn forget_snapshot(&mut self) {
        self.keeping().0.forget_stored();
    }
}

/// What lies where a handle of this session leads.
pub(super) async fn look_up(
    runtime: &Runtime,
    session: SessionId,
    handle: &str,
) -> Result<String, &'static str> {
    let handle = SnapshotHandle::open(handle, &runtime.keys);
    let SnapshotHandle { session_id, key } = handle.map_err(|error| error.reason())?;
    if session_id != session {
        return Err("session");
    }
    let Some(store) = &runtime.config.shared_snapshots else {
        if let Some(times) = runtime.told.no_store.again() {
            tracing::warn!(
                times,
                "browsers bring what another server has kept of their pages in a store, which this one \
                 does not have: set `LiveConfig::shared_snapshots` on all of them alike"
            );
        }
        return Err("no_store");
    };
    match store.get(SnapshotKey::of_view(key)).await {
        Ok(Some(sealed)) => Ok(sealed),
        Ok(None) => Err("gone"),
        Err(failure) => Err(failure.reason()),
    }
}
