//! The whole application as tests serve it.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use belvedere::http::ClientAddress;
use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, PubSub, SecretKeyBase, SnapshotOptions, UploadLimits};
use belvedere_diesel::Repo;
use belvedere_telemetry::store::TraceStore;
use web::config::{Explained, InspectorAccess};
use web::imports::Imports;
use web::inspector;
use web::layout::Menu;
use web::pages::users::export::Exports;
use web::router;
use web::state::AppState;
use web::writes::Writes;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// An application and what is at hand of it.
pub(crate) struct App {
    pub(crate) live: LiveRuntime,
    pub(crate) router: Router,
    pub(crate) store: TraceStore,
    pub(crate) imports: Imports,
    pub(crate) exports: Exports,
}

impl App {
    /// The application on this database, without an inspector.
    pub(crate) fn new(repo: Repo) -> Self {
        Self::with_inspector(repo, &InspectorAccess::Off(Explained::No))
    }

    /// The application whose database nobody may change.
    pub(crate) fn read_only(repo: Repo) -> Self {
        Self::of(repo, &InspectorAccess::Off(Explained::No), Writes::Refused)
    }

    /// The application with the inspector open to those that `access` says. Every application of
    /// the process has the same secret, as the nodes of an installation have.
    pub(crate) fn with_inspector(repo: Repo, access: &InspectorAccess) -> Self {
        Self::of(repo, access, Writes::Allowed)
    }

    /// One of several servers, that `pub_sub` connects.
    pub(crate) fn among_others(repo: Repo, pub_sub: PubSub) -> Self {
        let (access, uploads) = (InspectorAccess::Off(Explained::No), UploadLimits::default());
        Self::with(repo, &access, Writes::Allowed, pub_sub, uploads)
    }

    /// One of them, whose uploads lie in a folder of the test's.
    pub(crate) fn with_uploads_in(folder: &Path, repo: Repo, pub_sub: PubSub) -> Self {
        let access = InspectorAccess::Off(Explained::No);
        let uploads = UploadLimits { folder: folder.to_owned(), ..UploadLimits::default() };
        Self::with(repo, &access, Writes::Allowed, pub_sub, uploads)
    }

    fn of(repo: Repo, access: &InspectorAccess, writes: Writes) -> Self {
        Self::with(repo, access, writes, PubSub::new(), UploadLimits::default())
    }

    fn with(
        repo: Repo,
        access: &InspectorAccess,
        writes: Writes,
        pub_sub: PubSub,
        uploads: UploadLimits,
    ) -> Self {
        let secret = SecretKeyBase::new(&"t".repeat(64)).expect("long enough");
        let menu = if access.is_on() { Menu::WithInspector } else { Menu::Pages };
        // So long that no frame's content depends on how fast the test is.
        let snapshots = SnapshotOptions { interval: HOUR, ..SnapshotOptions::default() };
        let config = LiveConfig { snapshots, uploads, ..LiveConfig::new(secret) };
        let live = router::live_runtime(config, None, menu, pub_sub.clone());
        let store = belvedere_inspector::trace_store();
        let inspector = inspector::router(access, &live, store.clone(), None);
        let state = AppState::new(repo, pub_sub, ClientAddress::Peer, menu, writes);
        let (imports, exports) = (state.imports.clone(), state.exports.clone());
        let router = router::app(state, &live, inspector, false);
        Self { live, router, store, imports, exports }
    }

    /// A visitor of it.
    pub(crate) fn visitor(&self) -> TestApp {
        TestApp::new(&self.live, self.router.clone())
    }
}
