//! [`LiveRuntime`]: the runtime of one application, and the routes it adds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::HeaderMap;

use crate::base_path::BasePath;
use crate::config::{DEFAULT_LONG_POLL_AFTER, LiveConfig};
use crate::http::assets::LongPollAfter;
use crate::http::live_route::Misplaced;
use crate::http::long_poll::{self, LongPolls};
use crate::http::origin::is_origin;
use crate::http::routes::AppRoutes;
use crate::http::session::{OwnCookies, caller_of, give_session, is_secure};
use crate::http::session_value::Caller;
use crate::http::{assets, refused, requested_host, security, upgrade};
use crate::runtime::Runtime;
use crate::runtime::inspect::ViewSnapshot;
use crate::wire::token::SessionId;

/// Where the page's script opens its WebSocket, below the base path.
const SOCKET_PATH: &str = "/live/websocket";

/// Where it polls when WebSockets are blocked.
const POLL_PATH: &str = "/live/longpoll";

/// What an author is told whose public URL is none.
const NO_ORIGIN: &str = "which no browser's page can come from: write scheme, host and port, such as `https://example.org`";

/// What an author is told who serves one runtime twice.
const SERVED_TWICE: &str =
    "a `LiveRuntime` serves one router; make another with `LiveRuntime::new` for another router";

/// What an author is told whose router has a route where the runtime's are to be.
const SERVED_ALREADY: &str = "this router has the socket of a `LiveRuntime` already, or a route of its own at \
     `/live/websocket`, `/live/longpoll` or below `/live/client/`. Of two runtimes in one router, each stands at a base \
     path of its own: set `LiveConfig::base_path` and nest what `serve` returns there. A route of the \
     application needs another path";

/// The runtimes that this process serves, and where. Two of them may serve two listeners; in one router
/// they need two base paths, which axum alone finds out, and says in words of its own.
static SERVED: Mutex<Vec<Weak<Runtime>>> = Mutex::new(Vec::new());

/// The Belvedere runtime of an application.
///
/// Clones share it: keep one to [`drain`](Self::drain) at shutdown.
#[derive(Clone, Debug)]
pub struct LiveRuntime {
    runtime: Arc<Runtime>,
}

impl LiveRuntime {
    /// A runtime with these settings.
    ///
    /// # Panics
    ///
    /// When [`LiveConfig::public_url`] is not a scheme, `http` or `https`, and a host: no browser
    /// could open a socket.
    #[must_use]
    #[track_caller]
    pub fn new(config: LiveConfig) -> Self {
        if let Some(url) = config.public_url.as_deref() {
            assert!(is_origin(url), "`LiveConfig::public_url` is `{url}`, {NO_ORIGIN}");
        }
        Self { runtime: Runtime::among_others(config) }
    }

    /// Makes the live views of `router` live: adds the WebSocket at `/live/websocket`, what takes its
    /// place where WebSockets are blocked at `/live/longpoll`
    /// ([`LiveConfig::long_poll_after`](crate::LiveConfig::long_poll_after)), and the browser client under
    /// `/live/client/`.
    ///
    /// Joins are answered by `router` as it is now, so the layers that guard its pages guard their
    /// joins. A layer added to the result sees pages and upgrades, but no joins.
    ///
    /// The result may be nested in another router, if
    /// [`LiveConfig::base_path`](crate::LiveConfig::base_path) says where. That is also how two
    /// runtimes stand in one router: each has a socket and scripts of its own, which only one can have
    /// at a place.
    ///
    /// # Panics
    ///
    /// When this runtime serves a router already, when another one serves `router`, or when `router`
    /// has a route of its own at `/live/websocket`, `/live/longpoll` or below `/live/client/`. `Router::merge` panics by
    /// itself when both routers are served at one base path; the log has named it before.
    #[track_caller]
    pub fn serve(self, router: Router) -> Router {
        let runtime = self.runtime;
        let routes = AppRoutes::new(router.clone(), &runtime);
        assert!(runtime.serve(Box::new(routes)), "{SERVED_TWICE}");
        note_served(&runtime);
        let placed = Placed { runtime: Arc::clone(&runtime), is_told: AtomicBool::new(false) };
        let placed = Arc::new(placed);
        let app = router.layer(from_fn_with_state(placed, answer));
        let polls = runtime.config.long_poll_after.is_some().then(|| LongPolls::new(&runtime));
        let socket = get(upgrade::upgrade).with_state(runtime);
        // axum says of a second socket that a route overlaps, and not what to do. Of two routers without
        // a fallback the second one's is kept, with the application's layers around it.
        let served = AssertUnwindSafe(|| {
            let mut app = app.route(SOCKET_PATH, socket);
            if let Some(polls) = polls {
                let requests = get(long_poll::answer).post(long_poll::answer);
                app = app.route(POLL_PATH, requests.with_state(polls));
            }
            assets::router().merge(app)
        });
        match catch_unwind(served) {
            Ok(served) => served,
            Err(_) => panic!("{SERVED_ALREADY}"),
        }
    }

    /// Ends a session, from anywhere, for example when its visitor is blocked: closes its sockets, drops
    /// its views, and believes its cookie no more, so that the browser has to sign in again. Its open pages are loaded
    /// anew ten to eighteen seconds later, in a tab in the background when its browser gets to it; by then one that has
    /// ended it itself has its next cookie.
    ///
    /// This process remembers it until the cookie has expired; of more than 100,000 sessions that have
    /// not, it forgets the one that ended first, and says so in the log. The other servers on the bus of
    /// [`LiveConfig::pub_sub`] hear of it, and remember it as well. A process that starts anew, or had lost
    /// the bus at that moment, believes the cookie until it has expired
    /// ([`LiveConfig::session_lifetime`]). What must hold there as well is kept by the application, and
    /// looked up wherever it matters.
    pub fn end_session(&self, session: SessionId) {
        self.runtime.end_session(session, true);
    }

    /// Closes every socket of a session and drops its views. Its browser comes back at once, with the same
    /// cookie, and so with all that it may do: for changes that its open pages are to see, which
    /// are mounted anew. [`end_session`](Self::end_session) signs out.
    pub fn disconnect(&self, session: SessionId) {
        self.runtime.disconnect(session);
    }

    /// Asks every browser to reconnect, which will find another server or this one's successor,
    /// and refuses new sockets. They are asked some at a time
    /// ([`drain_per_second`](LiveConfig::drain_per_second)), and go on as ever until then; callbacks under
    /// way have [`drain_timeout`](LiveConfig::drain_timeout) to answer first. Returns when all have gone,
    /// at the latest after both times.
    pub async fn drain(&self) {
        self.runtime.drain().await;
    }

    /// The running views, newest first, at most `limit`: for people who look. The views are not
    /// woken for it.
    #[must_use]
    pub fn views(&self, limit: usize) -> Vec<ViewSnapshot> {
        self.runtime.views.snapshot(limit)
    }

    /// How many views run, with a browser or waiting for it to come back.
    #[must_use]
    pub fn n_views(&self) -> usize {
        self.runtime.views.n_running()
    }

    /// Whether [`drain`](Self::drain) has begun, so that this server is no longer ready for visitors.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.runtime.is_draining()
    }

    /// Where the application stands under its host.
    #[must_use]
    pub fn base_path(&self) -> &BasePath {
        &self.runtime.config.base_path
    }

    /// Adds what each page of this runtime goes out with and `headers` does not set itself: the
    /// [security headers](security::add_security_headers), and `Strict-Transport-Security` where the
    /// application's public URL is one of https. For the other responses of an application.
    pub fn add_security_headers(&self, headers: &mut HeaderMap) {
        security::add_headers_of(&self.runtime.config, headers);
    }

    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// Frames that no well-behaved client sends, counted since the start.
    #[must_use]
    pub fn protocol_errors(&self) -> u64 {
        self.runtime.protocol_errors()
    }

    /// Joins refused since the start.
    #[must_use]
    pub fn joins_refused(&self) -> u64 {
        self.runtime.joins_refused()
    }
}

/// Says so when another runtime is served at the same place.
fn note_served(runtime: &Arc<Runtime>) {
    let base = &runtime.config.base_path;
    let mut served = SERVED.lock().unwrap_or_else(PoisonError::into_inner);
    served.retain(|served| served.strong_count() > 0);
    let has_same = |other: Arc<Runtime>| other.config.base_path == *base;
    if served.iter().filter_map(Weak::upgrade).any(has_same) {
        tracing::info!(
            base_path = %base.path("/"),
            "two runtimes of this process are served at one base path; merged into one router they \
             have the same socket, and axum panics over the route `/live/websocket`: give one of them \
             another `LiveConfig::base_path` and nest it there"
        );
    }
    served.push(Arc::downgrade(runtime));
}

/// Marks the requests of a served router with their runtime, where the router stands as configured.
struct Placed {
    runtime: Arc<Runtime>,
    /// The author has been told that it does not.
    is_told: AtomicBool,
}

impl Placed {
    /// Marks a request, and returns who sent it.
    fn mark(&self, request: &mut Request) -> Caller {
        let base = &self.runtime.config.base_path;
        if let Some(misplaced) = Misplaced::of(request, base) {
            if !self.is_told.swap(true, Ordering::Relaxed) {
                tracing::error!("{misplaced}");
            }
            request.extensions_mut().insert(misplaced);
        }
        let caller = caller_of(request.headers(), &self.runtime);
        // In place of those of a runtime that this one is nested in.
        let extensions = request.extensions_mut();
        extensions.insert(caller.clone());
        extensions.insert(Arc::clone(&self.runtime));
        let after = self.runtime.config.long_poll_after;
        if after == Some(DEFAULT_LONG_POLL_AFTER) {
            extensions.remove::<LongPollAfter>();
        } else {
            extensions.insert(LongPollAfter(after));
        }
        caller
    }
}

/// Around everything that a served router answers.
async fn answer(State(placed): State<Arc<Placed>>, mut request: Request, next: Next) -> Response {
    let caller = placed.mark(&mut request);
    let runtime = &placed.runtime;
    if !requested_host::is_one(request.headers()) {
        return requested_host::SEVERAL.into_response();
    }
    if !requested_host::is_answered(runtime, request.uri(), request.headers()) {
        return requested_host::refusal(runtime, request.headers());
    }
    let secure = is_secure(runtime.config.public_url.as_deref(), request.headers());
    let own = refused::own_host(runtime, request.uri(), request.headers());
    let mut response = next.run(request).await;
    refused::check(runtime, own, &mut response);
    if let Some(own) = response.extensions_mut().remove::<OwnCookies>() {
        own.restore(response.headers_mut());
    }
    if caller.is_started() {
        give_session(&caller, runtime, secure, response.headers_mut());
    }
    response
}
