//! The whole application as tests serve it.

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{LiveRuntime, SecretKeyBase};
use belvedere_telemetry::store::TraceStore;
use domain::Repo;
use web::config::{Explained, InspectorAccess};
use web::inspector::{self, ClientAddress, Inspector};
use web::layout::Menu;
use web::router;
use web::state::AppState;

/// An application and what is at hand of it.
pub(crate) struct App {
    pub(crate) live: LiveRuntime,
    pub(crate) router: Router,
    pub(crate) store: TraceStore,
}

impl App {
    /// The application on this database, without an inspector.
    pub(crate) fn new(repo: Repo) -> Self {
        Self::with_inspector(repo, &InspectorAccess::Off(Explained::No))
    }

    /// The application with the inspector open to those that `access` says. Every application of
    /// the process has the same secret, as the nodes of an installation have.
    pub(crate) fn with_inspector(repo: Repo, access: &InspectorAccess) -> Self {
        Self::behind(repo, access, ClientAddress::Peer)
    }

    /// [`with_inspector`](Self::with_inspector), behind a proxy that names its clients so.
    pub(crate) fn behind(repo: Repo, access: &InspectorAccess, client: ClientAddress) -> Self {
        let secret = SecretKeyBase::new(&"t".repeat(64)).expect("long enough");
        let menu = if access.is_on() { Menu::WithInspector } else { Menu::Pages };
        let live = router::live_runtime(secret.clone(), None, menu);
        let store = inspector::trace_store();
        let inspector = Inspector::new(access, client, &secret, live.clone(), store.clone());
        let router = router::app(AppState { repo, inspector }, &live, false);
        Self { live, router, store }
    }

    /// A visitor of it.
    pub(crate) fn visitor(&self) -> TestApp {
        TestApp::new(&self.live, self.router.clone())
    }
}
