//! What a view wants kept when its server goes away: sent to its browser as it changes, and given back
//! by the browser's next join of a view that was mounted anew.
//!
//! It travels in the answer that shows the change, so whoever has seen that has it. What is larger than
//! [`SnapshotOptions::prompt_bytes`](crate::SnapshotOptions::prompt_bytes), and what nobody has asked
//! for, is sent no more often than every [`interval`](crate::SnapshotOptions::interval), after which the
//! last change follows in a frame of its own. A server that goes away sends it at once.

use std::any::type_name;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::time::SystemTime;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::{Flow, ViewTask};
use crate::navigation::LocalPath;
use crate::runtime::attachment::Attachment;
use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::Mail;
use crate::snapshot::Declared;
use crate::socket::Socket;
use crate::telemetry;
use crate::view::LiveView;
use crate::wire::token::{SnapshotOwner, SnapshotToken};

/// Heard by the client's script, which keeps it.
const EVENT: &str = "live_view:snapshot";

/// Most bytes of a sealed snapshot beyond what its state takes.
const MAX_AROUND_BYTES: usize = 2 * 1024;

/// A sealed snapshot as the browser's script is given it.
#[derive(Serialize)]
struct Kept<'a> {
    /// Of the view's container.
    id: &'a str,
    /// None: what it has is out of date.
    kept: Option<String>,
}

/// What the browser keeps of a view; nothing but a pointer for a view that declares no snapshot.
pub(super) struct Snapshots<V>(Option<Box<State<V>>>);

struct State<V> {
    declared: Declared<V>,
    hasher: foldhash::fast::RandomState,
    /// Whose it is, at this URL: hashes that are not made anew for each change.
    owner: Option<(LocalPath, SnapshotOwner)>,
    /// Hash of what the browser keeps, or of what it would mount anew.
    known: Option<u64>,
    /// Bytes of the state when it was looked at last.
    n_bytes: usize,
    /// When it was sent last.
    sent: Option<Instant>,
    /// When what may have changed since is to follow.
    due: Option<Instant>,
    /// That time has come, and the browser has still to take the frame before.
    is_ripe: bool,
    /// The log says that the view's state cannot be kept.
    is_told: bool,
}

/// When what has changed is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
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
}

impl<V: LiveView> Snapshots<V> {
    pub(super) fn new() -> Self {
        Self(V::snapshot().declared().map(|declared| {
            Box::new(State {
                declared,
                hasher: foldhash::fast::RandomState::default(),
                owner: None,
                known: None,
                n_bytes: 0,
                sent: None,
                due: None,
                is_ripe: false,
                is_told: false,
            })
        }))
    }

    /// The browser is gone, and nothing can follow.
    pub(super) fn browser_lost(&mut self) {
        if let Some(state) = &mut self.0 {
            (state.due, state.is_ripe) = (None, false);
        }
    }
}

impl<V: LiveView> ViewTask<V> {
    /// The next mail; nothing when there is something to send and a browser that takes it.
    pub(super) async fn next(&mut self) -> Option<(Mail<V::Message>, Option<Ticket>)> {
        let mailbox = &self.socket.mailbox;
        let Some(state) = &mut self.snapshots.0 else {
            return mailbox.next_or_slot(self.dirty.is_some()).await;
        };
        let next = mailbox.next_or_slot(self.dirty.is_some() || state.is_ripe);
        let Some(due) = state.due else { return next.await };
        if let Ok(next) = timeout_at(due, next).await {
            return next;
        }
        (state.due, state.is_ripe) = (None, true);
        mailbox.next_or_slot(true).await
    }

    /// Sends what has changed of a view that shows nothing new.
    pub(super) fn push_snapshot(&mut self) -> Flow {
        if self.snapshots.0.is_some() {
            self.keep(Moment::Now);
            self.push_pending();
        }
        Flow::Continue
    }

    /// Has the next frame bring what has changed since the browser was given it last.
    pub(super) fn keep(&mut self, moment: Moment) {
        let Some(state) = self.snapshots.0.as_mut().filter(|_| self.channel.is_some()) else {
            return;
        };
        let now = Instant::now();
        let options = &self.runtime.config.snapshots;
        let prompt_bytes = options.prompt_bytes;
        let next = state.sent.map(|sent| sent + options.interval).filter(|next| *next > now);
        let waits = |n_bytes| match moment {
            Moment::Now => false,
            Moment::Push => next.is_some(),
            Moment::Answer => next.is_some() && n_bytes > prompt_bytes,
        };
        if waits(state.n_bytes) {
            state.due = next;
            return;
        }
        (state.due, state.is_ripe) = (None, false);
        let taken = self.taken();
        let Some(state) = &mut self.snapshots.0 else { return };
        let hash = hash_of(state, &taken);
        if state.known == Some(hash) {
            return;
        }
        if waits(state.n_bytes) {
            // It has just become too large.
            state.due = next;
            return;
        }
        state.known = Some(hash);
        state.sent = Some(now);
        let kept = taken.map(|token| token.seal(&self.runtime.keys, SystemTime::now()));
        if let Some(kept) = &kept {
            self.metrics.snapshot_sent(kept.len());
        }
        if push(&mut self.socket, kept).is_err() {
            // The browser is far behind: once more with a later frame.
            state.known = None;
        }
    }

    /// A browser joins: says what it is to keep. A view that was just mounted would be mounted so again.
    pub(super) fn keep_joined(&mut self, is_first: bool, brought: Brought) {
        if brought == Brought::Refused {
            // Nothing else has been pushed yet that it could be too much for.
            let _ = push(&mut self.socket, None);
        }
        if is_first && brought != Brought::Restored {
            let taken = self.taken();
            if let Some(state) = &mut self.snapshots.0 {
                state.known = Some(hash_of(state, &taken));
            }
            return;
        }
        // Of what was sent to an earlier connection it is not known whether it came.
        if let Some(state) = &mut self.snapshots.0 {
            state.known = None;
        }
        self.keep(Moment::Now);
    }

    /// What the view wants kept now; nothing, and a word to the author, when that cannot be.
    fn taken(&mut self) -> Option<SnapshotToken> {
        // A view that declares nothing asks for no owner, whose hash it would pay for.
        self.snapshots.0.as_ref()?;
        let owner = self.known_owner()?;
        let options = &self.runtime.config.snapshots;
        let state = self.snapshots.0.as_mut()?;
        let json = state.declared.take(&self.view);
        state.n_bytes = json.as_ref().map_or(0, String::len);
        let reason = match json {
            Ok(json) if json.len() <= options.max_bytes => {
                let (seed, forms) = self.forms.told();
                let (version, build) = (state.declared.version, options.build.clone());
                return Some(SnapshotToken { owner, build, version, seed, forms, state: json });
            }
            Ok(json) => {
                if !std::mem::replace(&mut state.is_told, true) {
                    tracing::warn!(
                        view = V::name(),
                        n_bytes = json.len(),
                        max_bytes = options.max_bytes,
                        "a view's snapshot is too large and is not kept: keep what a person has done, \
                         not what can be loaded again, or raise `SnapshotOptions::max_bytes`"
                    );
                }
                "too_large"
            }
            Err(error) => {
                if !std::mem::replace(&mut state.is_told, true) {
                    tracing::error!(
                        view = V::name(),
                        error = &error as &dyn std::error::Error,
                        "a view's snapshot is not kept"
                    );
                }
                error.reason()
            }
        };
        self.metrics.snapshot_not_kept(reason);
        None
    }

    /// Puts what the browser has brought into a view that was mounted anew. What nobody has touched of its
    /// forms says nothing new to a view that keeps what was done.
    pub(super) fn restore(&mut self, attachment: &mut Attachment) -> Brought {
        if attachment.rejoin && self.snapshots.0.is_some() {
            self.forms.begin_recovery();
        }
        let Some(sealed) = attachment.snapshot.take() else { return Brought::Nothing };
        match self.opened(&sealed).and_then(|token| self.given(token)) {
            Ok(build) => {
                self.socket.is_restored = true;
                self.metrics.snapshot_returned(None);
                telemetry::record_restored(&attachment.span, &build);
                Brought::Restored
            }
            Err(reason) => {
                self.metrics.snapshot_returned(Some(reason));
                tracing::debug!(view = V::name(), reason, "a snapshot does not fit its join");
                Brought::Refused
            }
        }
    }

    fn opened(&self, sealed: &str) -> Result<SnapshotToken, &'static str> {
        let options = &self.runtime.config.snapshots;
        if sealed.len() > options.max_bytes / 3 * 4 + MAX_AROUND_BYTES {
            return Err("too_large");
        }
        let opened =
            SnapshotToken::open(sealed, &self.runtime.keys, SystemTime::now(), options.max_age);
        let token = opened.map_err(|error| error.reason())?;
        token.owner.differs(&self.owner()).map_or(Ok(token), Err)
    }

    /// The build whose state the view has taken over.
    fn given(&mut self, token: SnapshotToken) -> Result<String, &'static str> {
        let SnapshotToken { build, version, seed, forms, state: json, .. } = token;
        let state = self.snapshots.0.as_ref().ok_or("not_declared")?;
        state.declared.give(&mut self.view, version, &json).map_err(|error| {
            tracing::warn!(
                view = V::name(),
                %build,
                error = &error as &dyn std::error::Error,
                "what an earlier build has kept of a view is lost"
            );
            error.reason()
        })?;
        self.forms.restore(seed, forms);
        Ok(build)
    }

    /// The same, and no hash is made twice of one URL.
    fn known_owner(&mut self) -> Option<SnapshotOwner> {
        let url = &self.socket.identity.url;
        match &self.snapshots.0.as_ref()?.owner {
            Some((known, owner)) if known == url => Some(*owner),
            _ => {
                let (url, owner) = (url.clone(), self.owner());
                self.snapshots.0.as_mut()?.owner = Some((url, owner));
                Some(owner)
            }
        }
    }

    /// Whose state it is that this view takes over, and gives away.
    fn owner(&self) -> SnapshotOwner {
        let identity = &self.socket.identity;
        let place = if identity.depth == 0 { "" } else { identity.dom_id() };
        SnapshotOwner::new(identity.session, type_name::<V>(), place, identity.url.as_str())
    }
}

fn push<V: LiveView>(
    socket: &mut Socket<V>,
    kept: Option<String>,
) -> Result<(), crate::socket::PushError> {
    let Socket { pending, identity, .. } = socket;
    pending.push_event(EVENT, &Kept { id: identity.dom_id(), kept })
}

fn hash_of<V>(state: &State<V>, taken: &Option<SnapshotToken>) -> u64 {
    let mut hasher = state.hasher.build_hasher();
    if let Some(token) = taken {
        token.owner.hash(&mut hasher);
        token.forms.hash(&mut hasher);
        token.state.hash(&mut hasher);
    }
    hasher.finish()
}
