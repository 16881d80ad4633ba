//! [`LiveRuntime`]: the runtime of one application, and the routes it adds.

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};

use crate::config::LiveConfig;
use crate::http::routes::AppRoutes;
use crate::http::{assets, upgrade};
use crate::runtime::Runtime;
use crate::runtime::inspect::ViewSnapshot;
use crate::wire::token::SessionId;

/// Where the page's script opens its WebSocket.
const SOCKET_PATH: &str = "/live/websocket";

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
    pub fn serve(self, router: Router) -> Router {
        let runtime = self.runtime;
        let routes = AppRoutes { router: router.clone(), runtime: Arc::downgrade(&runtime) };
        runtime.serve(Box::new(routes));
        let app = router.layer(Extension(Arc::clone(&runtime)));
        app.route(SOCKET_PATH, get(upgrade::upgrade).with_state(runtime)).merge(assets::router())
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
