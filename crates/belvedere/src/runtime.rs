//! Who runs views: connections, joins, view tasks, and what they share.
//!
//! One task per connection reads and writes frames; one task per view owns its state, so no lock
//! guards it. Between them stand a mailbox per view and an outbox per connection, both bounded.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::config::LiveConfig;
use crate::http::assets;
use crate::http::content_security_policy::refused::Sent;
use crate::pub_sub::Listening;
use crate::returned::ReturnedErrors;
use crate::telemetry::Metrics;
use crate::upload::grants::Grants;
use crate::upload::store::UploadStore;
use crate::wire::token::{Keys, SessionId};

use children::Children;
use client::Client;
use ended_sessions::EndedSessions;
use in_flight::InFlight;
use outbox::{Outbox, Outgoing};
use routes::Routes;
use session_ends::What;
use shares::Shares;
use told::Tellings;
use transport::CloseReason;
use views::Views;

pub(crate) mod adoption;
pub(crate) mod arrivals;
pub(crate) mod attachment;
pub(crate) mod backlog;
pub(crate) mod callback;
pub(crate) mod children;
pub(crate) mod client;
pub(crate) mod client_frame;
pub(crate) mod components;
pub(crate) mod connection;
pub(crate) mod ended_sessions;
pub(crate) mod in_flight;
pub(crate) mod inspect;
pub(crate) mod join;
pub(crate) mod mailbox;
pub(crate) mod mounting;
mod moving;
pub(crate) mod nested;
pub(crate) mod outbox;
mod pace;
pub(crate) mod page;
pub(crate) mod reader;
pub(crate) mod recipient;
pub(crate) mod refusal;
pub(crate) mod restream;
pub(crate) mod routes;
pub(crate) mod seats;
pub(crate) mod seed;
mod session_ends;
pub(crate) mod shares;
pub(crate) mod told;
pub(crate) mod transport;
pub(crate) mod view_task;
pub(crate) mod views;

/// No `http::Uri` is longer.
const MAX_URI_BYTES: usize = 65_534;

/// What every page, connection and view of an application shares.
pub(crate) struct Runtime {
    pub(crate) config: Arc<LiveConfig>,
    pub(crate) keys: Keys,
    pub(crate) views: Arc<Views>,
    /// What visitors have taken.
    pub(crate) shares: Shares,
    /// The nested views of the views that run.
    pub(crate) children: Children,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) told: Tellings,
    pub(crate) returned: Arc<ReturnedErrors>,
    /// Kept in a debug build.
    pub(crate) sent_policies: Sent,
    pub(crate) ended_sessions: EndedSessions,
    /// Where uploaded files lie.
    pub(crate) uploads: Arc<UploadStore>,
    /// Files that may be sent.
    pub(crate) grants: Arc<Grants>,
    /// Set once.
    session_ends: OnceLock<Listening>,
    /// The application's router; set once, when it is served.
    routes: OnceLock<Box<dyn Routes>>,
    connections: Mutex<HashMap<u64, OpenConnection>>,
    /// Told when the last connection has gone.
    disconnected: Notify,
    draining: AtomicBool,
    /// Source of incarnation, task and connection numbers.
    numbers: AtomicU64,
    protocol_errors: AtomicU64,
    joins_refused: AtomicU64,
    /// The log says that a socket joined too much.
    is_told_of_joins: AtomicBool,
}

struct OpenConnection {
    session: Option<SessionId>,
    outbox: Arc<Outbox>,
    /// The server goes away, and has said so.
    is_told_to_move: bool,
}

impl Runtime {
    pub(crate) fn new(config: LiveConfig) -> Self {
        let mut config = config.within_clocks();
        config.max_url_bytes = config.max_url_bytes.min(MAX_URI_BYTES);
        let keys = Keys::derive(&config.secret_key_base, config.base_path.as_str());
        let ended_sessions = EndedSessions::new(config.session_lasts());
        let metrics = Arc::<Metrics>::default();
        let uploads = Arc::new(UploadStore::new(&config.uploads));
        let shares = Shares::new(config.admission);
        let returned = Arc::new(ReturnedErrors::new(config.is_busy, config.is_full));
        Self {
            shares,
            config: Arc::new(config),
            keys,
            views: Arc::new(Views::new(Arc::clone(&metrics))),
            children: Children::default(),
            in_flight: Arc::default(),
            metrics,
            told: Tellings::default(),
            returned,
            sent_policies: Sent::default(),
            ended_sessions,
            uploads,
            grants: Arc::default(),
            session_ends: OnceLock::new(),
            routes: OnceLock::new(),
            connections: Mutex::default(),
            disconnected: Notify::new(),
            draining: AtomicBool::new(false),
            numbers: AtomicU64::new(1),
            protocol_errors: AtomicU64::new(0),
            joins_refused: AtomicU64::new(0),
            is_told_of_joins: AtomicBool::new(false),
        }
    }

    /// One that hears what other servers end.
    pub(crate) fn among_others(config: LiveConfig) -> Arc<Self> {
        let this = Arc::new(Self::new(config));
        this.session_ends.get_or_init(|| this.hear_session_ends());
        this
    }

    /// The application's router, once it is served.
    pub(crate) fn routes(&self) -> Option<&dyn Routes> {
        self.routes.get().map(|routes| &**routes)
    }

    /// Sets the router that joins go through; false when there is one already.
    pub(crate) fn serve(&self, routes: Box<dyn Routes>) -> bool {
        self.uploads.sweep();
        self.routes.set(routes).is_ok()
    }

    /// A number that no other incarnation, task or connection of this process has.
    pub(crate) fn next_incarnation(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts something a well-behaved client does not send. `kind` is a fixed word.
    pub(crate) fn protocol_error(&self, kind: &'static str) {
        self.protocol_errors.fetch_add(1, Ordering::Relaxed);
        self.metrics.protocol_error(kind);
        tracing::debug!(kind, "protocol error of a client");
    }

    /// Counts a refused join.
    pub(crate) fn join_refused(&self, reason: &'static str) {
        self.joins_refused.fetch_add(1, Ordering::Relaxed);
        self.metrics.join_refused(reason);
        tracing::debug!(reason, "join refused");
    }

    /// A browser joins more over one socket than it may. Said once: who sends more is no author.
    pub(crate) fn too_many_joins(&self) {
        if !self.is_told_of_joins.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a browser joins more views over one socket than it may; if it shows a page of this \
                 application, raise `LiveConfig::max_joins_per_socket`"
            );
        }
    }

    /// Protocol errors counted so far.
    pub(crate) fn protocol_errors(&self) -> u64 {
        self.protocol_errors.load(Ordering::Relaxed)
    }

    /// Refused joins counted so far.
    pub(crate) fn joins_refused(&self) -> u64 {
        self.joins_refused.load(Ordering::Relaxed)
    }

    /// Whether a page that shows these assets should be loaded anew.
    pub(crate) fn assets_changed(&self, shown: &[String]) -> bool {
        let own = self.config.tracked_assets.iter().map(String::as_str);
        let client = assets::client_scripts().map(|script| script.path);
        let served: Vec<&str> = own.chain(client).chain(assets::embedded_paths()).collect();
        !assets::tracked_are_current(shown.iter().map(String::as_str), &served)
    }

    /// Lists a connection for as long as the returned value lives.
    pub(crate) fn register(self: &Arc<Self>, client: &Client, outbox: &Arc<Outbox>) -> Registered {
        let number = self.next_incarnation();
        let mut connections = self.connections();
        // Of what comes from now on nobody is told with the others.
        let is_told_to_move = self.is_draining();
        let (session, outbox_of) = (client.session, Arc::clone(outbox));
        connections.insert(number, OpenConnection { session, outbox: outbox_of, is_told_to_move });
        drop(connections);
        if is_told_to_move {
            outbox.push(Outgoing::Drain);
        }
        // It may have ended since the upgrade.
        if client.session.is_some_and(|session| self.ended_sessions.contains(session)) {
            outbox.push(Outgoing::Close(CloseReason::GoingAway));
        }
        Registered { runtime: Arc::clone(self), number }
    }

    /// Closes the sockets of a session and drops its views, on all servers.
    pub(crate) fn disconnect(&self, session: SessionId) {
        self.disconnect_here(session);
        self.tell_session_end(session, What::Disconnected);
    }

    fn disconnect_here(&self, session: SessionId) {
        self.views.end_session(session);
        self.children.end_session(session);
        for open in self.connections().values().filter(|open| open.session == Some(session)) {
            open.outbox.push(Outgoing::Close(CloseReason::GoingAway));
        }
    }

    /// Believes no cookie of this session from now on, closes its sockets and drops its views, on all
    /// servers.
    pub(crate) fn end_session(&self, session: SessionId, has_value: bool) {
        self.end_session_here(session, has_value);
        self.tell_session_end(session, What::Ended { has_value });
    }

    fn end_session_here(&self, session: SessionId, has_value: bool) {
        // Before the sockets close: their browsers try at once to come back. And before the views are
        // looked through, see `view_started`.
        if self.ended_sessions.add(session, has_value)
            && let Some(times) = self.told.ended_sessions.again()
        {
            tracing::warn!(
                times,
                has_value,
                "so many sessions were ended that the end of the oldest is forgotten: whoever has \
                 copied its cookie may use it until it expires"
            );
        }
        self.disconnect_here(session);
    }

    /// Ends what has begun for a session while that was ended.
    pub(crate) fn view_started(&self, session: SessionId) {
        if self.ended_sessions.contains(session) {
            self.disconnect_here(session);
        }
    }

    /// Whether the server is going away.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    fn connections(&self) -> std::sync::MutexGuard<'_, HashMap<u64, OpenConnection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Runtime").field("config", &self.config).finish_non_exhaustive()
    }
}

/// An entry in the list of connections.
pub(crate) struct Registered {
    runtime: Arc<Runtime>,
    number: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut connections = self.runtime.connections();
        connections.remove(&self.number);
        if connections.is_empty() {
            self.runtime.disconnected.notify_waiters();
        }
    }
}
