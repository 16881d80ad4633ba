//! What a view and its components want kept when their server goes away: sent to the browser as it changes,
//! and given back by its next join of a view that was mounted anew ([`restoring`]).
//!
//! It travels in the answer that shows the change, so whoever has seen that has it. What is larger than
//! [`SnapshotOptions::prompt_bytes`](crate::SnapshotOptions::prompt_bytes), and what nobody has asked
//! for, is sent no more often than every [`interval`](crate::SnapshotOptions::interval), after which the
//! last change follows in a frame of its own. A server that goes away sends it at once.
//!
//! Where servers share a store, it lies there, and the browser has its handle ([`stored`]).

use std::any::type_name;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::Arc;

use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::{Flow, ViewTask};
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::client::Client;
use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::Mail;
use crate::snapshot::{Kept, SnapshotError};
use crate::socket::{PushError, Socket};
use crate::telemetry::{FailOnPanic, ViewMetrics};
use crate::view::LiveView;
use crate::wire::token::{SnapshotComponent, SnapshotOwner, SnapshotToken};

use stored::Stored;

mod restoring;
mod stored;

/// Heard by the client's script, which keeps it.
const EVENT: &str = "live_view:snapshot";

/// A sealed snapshot, or the handle of one, as the browser's script is given it.
#[derive(Serialize)]
struct Pushed<'a> {
    /// Of the view's container.
    id: &'a str,
    /// None: what it has is out of date.
    kept: Option<String>,
}

/// What is kept of a view; nothing but a pointer for one that keeps nothing, nor its components.
pub(super) struct Snapshots<V>(Option<Box<State<V>>>);

struct State<V> {
    /// None where components alone keep something.
    declared: Option<Kept<V>>,
    hasher: foldhash::fast::RandomState,
    /// Whose it is, at this URL: hashes that are not made anew for each change.
    owner: Option<(LocalPath, SnapshotOwner)>,
    /// Hash of what the browser keeps, or of what it would mount anew.
    known: Option<u64>,
    /// Bytes of the state when it was looked at last.
    n_bytes: usize,
    /// When it was sent last.
    sent: Option<Instant>,
    /// The URL of its page then: what is kept of a page is believed for that alone.
    url: Option<LocalPath>,
    /// When what may have changed since is to follow.
    due: Option<Instant>,
    /// That time has come, and the browser has still to take the frame before.
    is_ripe: bool,
    /// The log says that the view's state cannot be kept.
    is_told: bool,
    /// Where it lies on the server side.
    stored: Stored,
}

/// When what has changed is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// With the answer to a join of a view that was just mounted: nothing, it would be mounted so again.
    Mounted,
    /// With the answer to any other join: of what was sent to an earlier connection it is not known whether
    /// it came.
    Joined,
    /// With the answer to what the browser has asked, if it is small.
    Answer,
    /// With a frame that nobody has asked for, unless something was sent just before.
    Push,
    Now,
}

/// What a join has brought of an earlier server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    Nothing,
    Restored,
    /// What does not fit.
    Refused,
    /// What leads to a store that does not answer.
    Unknown,
}

impl<V: LiveView> Snapshots<V> {
    pub(super) fn new() -> Self {
        Self(V::snapshot().declared().map(|declared| Box::new(State::new(Some(declared)))))
    }

    /// The same for components that keep something, if the view keeps nothing itself.
    fn with_components(&mut self) -> &mut State<V> {
        self.0.get_or_insert_with(|| Box::new(State::new(None)))
    }

    /// The browser is gone, and nothing can follow.
    pub(super) fn browser_lost(&mut self) {
        if let Some(state) = &mut self.0 {
            (state.due, state.is_ripe) = (None, false);
        }
    }
}

impl<V> State<V> {
    fn new(declared: Option<Kept<V>>) -> Self {
        Self {
            declared,
            hasher: foldhash::fast::RandomState::default(),
            owner: None,
            known: None,
            n_bytes: 0,
            sent: None,
            url: None,
            due: None,
            is_ripe: false,
            is_told: false,
            stored: Stored::default(),
        }
    }

    fn hash_of(&self, taken: &Option<SnapshotToken>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        if let Some(token) = taken {
            token.owner.hash(&mut hasher);
            token.components.hash(&mut hasher);
            token.state.hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl<V: LiveView> ViewTask<V> {
    /// The next mail; nothing when there is something to send and a browser that takes it.
    pub(super) async fn next(&mut self) -> Option<(Mail<V::Message>, Option<Ticket>)> {
        if self.snapshots.0.is_some() {
            return Box::pin(self.next_or_ripe()).await;
        }
        self.socket.mailbox.next_or_slot(self.dirty.is_some()).await
    }

    /// As [`next`](Self::next), of a view with a snapshot that may be due.
    async fn next_or_ripe(&mut self) -> Option<(Mail<V::Message>, Option<Ticket>)> {
        loop {
            let state = self.snapshots.0.as_mut()?;
            let due = state.due;
            let is_writing = state.stored.is_writing();
            let is_due = self.dirty.is_some() || state.is_ripe;
            let written = tokio::select! {
                biased;
                written = state.stored.written(), if is_writing => Some(written),
                next = self.socket.mailbox.next_or_slot(is_due) => return next,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
            };
            match written {
                Some(written) => self.written(written),
                None => (state.due, state.is_ripe) = (None, true),
            }
        }
    }

    /// Sends what has changed of a view that shows nothing new.
    pub(super) fn push_snapshot(&mut self) -> Flow {
        if self.snapshots.0.is_some() && self.channel.is_some() {
            self.keep(Moment::Now);
            self.push_pending();
        }
        Flow::Continue
    }

    /// Has the next frame bring what has changed since the browser was given it last.
    fn keep(&mut self, moment: Moment) {
        let (mut keeping, socket) = self.keeping();
        keeping.keep(moment, socket);
    }

    fn keeping(&mut self) -> (Keeping<'_, V>, &mut Socket<V>) {
        let Self { view, socket, runtime, metrics, snapshots, channel, .. } = self;
        let client = channel.as_ref().map(|channel| &*channel.client);
        (Keeping { view, runtime, metrics, client, snapshots }, socket)
    }

    /// What has come with a join does not fit: the browser is to keep it no longer.
    pub(super) fn settle_brought(&mut self, brought: Brought) {
        if brought == Brought::Refused {
            // Nothing else has been pushed yet that it could be too much for.
            let _ = push(&mut self.socket, None);
        }
    }
}

/// A view and what is kept of it, while a frame is written or none is.
pub(super) struct Keeping<'a, V: LiveView> {
    pub(super) view: &'a V,
    pub(super) runtime: &'a Arc<Runtime>,
    pub(super) metrics: &'a ViewMetrics,
    /// The browser, while there is one.
    pub(super) client: Option<&'a Client>,
    pub(super) snapshots: &'a mut Snapshots<V>,
}

impl<V: LiveView> Keeping<'_, V> {
    /// Has the frame that is being written, or the next one, bring what has changed since the browser was
    /// given it last. What is on the page is known: it was rendered before.
    pub(super) fn keep(&mut self, moment: Moment, socket: &mut Socket<V>) {
        if socket.components.has_kept() {
            self.snapshots.with_components();
        }
        let Some(state) = &mut self.snapshots.0 else { return };
        if moment == Moment::Joined {
            state.again();
        }
        let now = Instant::now();
        let options = &self.runtime.config.snapshots;
        let prompt_bytes = options.prompt_bytes;
        // What is kept for another URL would be refused.
        let has_moved = state.url.as_ref() != Some(&socket.identity.url);
        let next = state.sent.map(|sent| sent + options.interval);
        let next = next.filter(|next| *next > now && !has_moved);
        let waits = |n_bytes| match moment {
            Moment::Mounted | Moment::Joined | Moment::Now => false,
            Moment::Push => next.is_some(),
            Moment::Answer => next.is_some() && n_bytes > prompt_bytes,
        };
        // With an answer it is looked at: it may have become small.
        if moment != Moment::Answer && waits(state.n_bytes) {
            state.due = next;
            return;
        }
        (state.due, state.is_ripe) = (None, false);
        if state.stored.waits() {
            return;
        }
        let taken = self.taken(socket);
        let Some(state) = &mut self.snapshots.0 else { return };
        let hash = state.hash_of(&taken);
        if moment == Moment::Mounted {
            state.known = Some(hash);
            state.url = Some(socket.identity.url.clone());
        }
        if state.known == Some(hash) {
            return;
        }
        if waits(state.n_bytes) {
            state.due = next;
            return;
        }
        state.known = Some(hash);
        state.sent = Some(now);
        if has_moved {
            state.url = Some(socket.identity.url.clone());
        }
        let pushed = match taken {
            Some(token) => match self.placed(&token) {
                Some(kept) => push(socket, Some(kept)),
                None => Ok(()),
            },
            None => {
                self.forget_stored();
                push(socket, None)
            }
        };
        if pushed.is_err() {
            // The browser is far behind: once more with a later frame.
            self.snapshots.with_components().again();
        }
    }

    /// What the view and its components want kept now; nothing, and a word to the author, when that cannot be.
    fn taken(&mut self, socket: &Socket<V>) -> Option<SnapshotToken> {
        let state = self.snapshots.0.as_mut()?;
        let owner = state.owner(socket);
        let options = &self.runtime.config.snapshots;
        let taken = state.taken(self.view, socket);
        state.n_bytes = taken.as_ref().map_or(0, |(_, json, components)| {
            json.len() + components.iter().map(SnapshotComponent::n_bytes).sum::<usize>()
        });
        let n_bytes = state.n_bytes;
        let (reason, error) = match taken {
            Ok((version, json, components)) if n_bytes <= options.max_bytes => {
                let build = options.build.clone();
                return Some(SnapshotToken { owner, build, version, components, state: json });
            }
            Ok(_) => ("too_large", None),
            Err(error) => (error.reason(), Some(error)),
        };
        if !std::mem::replace(&mut state.is_told, true)
            && let Some(times) = self.runtime.told.unkept.again((V::name(), reason))
        {
            match error {
                None => log_too_large(V::name(), times, n_bytes, options.max_bytes),
                Some(error) => log_not_kept(V::name(), times, &error),
            }
        }
        self.metrics.snapshot_not_kept(reason);
        None
    }
}

fn log_too_large(view: &'static str, times: u64, n_bytes: usize, max_bytes: usize) {
    tracing::warn!(
        view,
        times,
        n_bytes,
        max_bytes,
        "a view's snapshot is too large and is not kept: keep what a person has done, not what can be \
         loaded again, or raise `SnapshotOptions::max_bytes`"
    );
}

fn log_not_kept(view: &'static str, times: u64, error: &SnapshotError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(view, times, error, "a view's snapshot is not kept");
}

impl<V: LiveView> State<V> {
    /// Version and JSON of the view's own state, and what its components keep.
    fn taken(
        &self,
        view: &V,
        socket: &Socket<V>,
    ) -> Result<(u32, String, Vec<SnapshotComponent>), SnapshotError> {
        let _panic = FailOnPanic::part(None, "snapshot");
        let (version, json) = match &self.declared {
            Some(declared) => (declared.version, declared.take(view)?),
            None => (0, String::new()),
        };
        Ok((version, json, socket.components.kept()?))
    }

    /// Whose it is; no hash is made twice of one URL.
    fn owner(&mut self, socket: &Socket<V>) -> SnapshotOwner {
        let url = &socket.identity.url;
        match &self.owner {
            Some((known, owner)) if known == url => *owner,
            _ => {
                let owner = owner_of(socket);
                self.owner = Some((url.clone(), owner));
                owner
            }
        }
    }

    /// What was to be sent was not: it is with a later frame.
    fn again(&mut self) {
        self.known = None;
        self.stored.is_handed = false;
    }
}

/// Whose state it is that this view takes over, and gives away.
fn owner_of<V: LiveView>(socket: &Socket<V>) -> SnapshotOwner {
    let identity = &socket.identity;
    // A view within the page, or its layout, stays while that shows other URLs: it belongs to the page that was
    // loaded, which its root's random topic tells.
    let (place, page) = match identity.depth {
        0 => ("", identity.url.as_str()),
        _ => (identity.dom_id(), &*identity.address.root),
    };
    SnapshotOwner::new(identity.session, type_name::<V>(), place, page)
}

fn push<V: LiveView>(socket: &mut Socket<V>, kept: Option<String>) -> Result<(), PushError> {
    let Socket { pending, identity, .. } = socket;
    pending.push_event(EVENT, &Pushed { id: identity.dom_id(), kept })
}
