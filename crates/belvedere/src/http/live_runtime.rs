//! [`LiveRuntime`]: the runtime of one application, and the routes it adds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use http::HeaderMap;
use tower::util::MapRequestLayer;

use crate::base_path::BasePath;
use crate::config::LiveConfig;
use crate::http::live_route::Misplaced;
use crate::http::routes::AppRoutes;
use crate::http::{assets, security, upgrade};
use crate::runtime::Runtime;
use crate::runtime::inspect::ViewSnapshot;
use crate::wire::token::SessionId;

/// Where the page's script opens its WebSocket, below the base path.
const SOCKET_PATH: &str = "/live/websocket";

/// What an author is told who serves one runtime twice.
const SERVED_TWICE: &str =
    "a `LiveRuntime` serves one router; make another with `LiveRuntime::new` for another router";

/// What an author is told whose router is served already.
const SERVED_ALREADY: &str = "this router has the socket of a `LiveRuntime` already; of two in one router, each stands at a \
     base path of its own: set `LiveConfig::base_path` and nest what `serve` returns there";

/// The Belvedere runtime of an application.
///
/// Clones share it: keep one to [`drain`](Self::drain) at shutdown.
#[derive(Clone, Debug)]
pub struct LiveRuntime {
    runtime: Arc<Runtime>,
}

impl LiveRuntime {
    /// A runtime with these settings.
    #[must_use]
    pub fn new(config: LiveConfig) -> Self {
        Self { runtime: Arc::new(Runtime::new(config)) }
    }

    /// Makes the live views of `router` live: adds the WebSocket at `/live/websocket` and the
    /// browser client under `/live/client/`.
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
    /// When this runtime serves a router already, or another one serves `router`.
    #[track_caller]
    pub fn serve(self, router: Router) -> Router {
        let runtime = self.runtime;
        let routes = AppRoutes::new(router.clone(), &runtime);
        assert!(runtime.serve(Box::new(routes)), "{SERVED_TWICE}");
        let placed = Placed { runtime: Arc::clone(&runtime), is_told: AtomicBool::new(false) };
        let placed = Arc::new(placed);
        let app = router.layer(MapRequestLayer::new(move |request| placed.mark(request)));
        let socket = get(upgrade::upgrade).with_state(runtime);
        // axum says of a second socket that a route overlaps, and not what to do.
        let served = AssertUnwindSafe(|| app.route(SOCKET_PATH, socket).merge(assets::router()));
        match catch_unwind(served) {
            Ok(served) => served,
            Err(_) => panic!("{SERVED_ALREADY}"),
        }
    }

    /// Closes every socket of a session and drops its views, for example when its visitor signs
    /// out or is blocked.
    pub fn disconnect(&self, session: SessionId) {
        self.runtime.disconnect(session);
    }

    /// Asks every browser to reconnect, which will find another server or this one's successor,
    /// and refuses new sockets. Callbacks under way have
    /// [`drain_timeout`](LiveConfig::drain_timeout) to answer first. Returns when all have gone.
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

/// Marks the requests of a served router with their runtime, where the router stands as configured.
struct Placed {
    runtime: Arc<Runtime>,
    /// The author has been told that it does not.
    is_told: AtomicBool,
}

impl Placed {
    fn mark(&self, mut request: Request) -> Request {
        let base = &self.runtime.config.base_path;
        if let Some(misplaced) = Misplaced::of(&request, base) {
            if !self.is_told.swap(true, Ordering::Relaxed) {
                tracing::error!("{misplaced}");
            }
            request.extensions_mut().insert(misplaced);
        }
        request.extensions_mut().insert(Arc::clone(&self.runtime));
        request
    }
}
