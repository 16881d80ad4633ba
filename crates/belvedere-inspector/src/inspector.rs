//! [`Inspector`]: what is looked into, who may look, and the routes where one does.

use std::sync::Arc;

use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use belvedere::http::page::Layout;
use belvedere::http::security;
use belvedere::{BasePath, LiveRouter as _, LiveRuntime, SnapshotStore, TimedSnapshotStore};
use belvedere_telemetry::store::{StoreLimits, TraceStore};

use crate::guard::shared::PATIENCE;
use crate::guard::{Access, Guard, SIGN_IN_PATH, SIGN_OUT_PATH, layer, sign_in};
use crate::pages::compare::InspectorCompare;
use crate::pages::trace::InspectorTrace;
use crate::pages::traces::InspectorTraces;
use crate::pages::views::InspectorViews;
use crate::{layout, styles};

/// Where the inspector is. Its own traffic is told by this.
pub const PATH: &str = "/inspector";

/// A store for the traces that an inspector shows: give it to
/// [`belvedere_telemetry::Extras::processors`] and to [`Inspector::new`].
///
/// It leaves out the inspector's own traces, as a list that showed itself would never come to rest.
#[must_use]
pub fn trace_store() -> TraceStore {
    trace_store_at(&BasePath::default())
}

/// [`trace_store`] for an application that is nested at a base path, where its inspector is as well.
#[must_use]
pub fn trace_store_at(base: &BasePath) -> TraceStore {
    let ignored_path: &'static str = base.path(PATH).leak();
    TraceStore::new(StoreLimits { ignored_path: Some(ignored_path), ..StoreLimits::default() })
}

/// A look into a running application; cheap to clone.
///
/// [`router`](Self::router) is merged into the application's own, before
/// [`LiveRuntime::serve`]:
///
/// ```
/// use axum::Router;
/// use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
/// use belvedere_inspector::{Guard, Inspector};
///
/// let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
/// let store = belvedere_inspector::trace_store();
/// let inspector = Inspector::new(&live, store, Guard::ThisMachine);
/// let pages: Router = Router::new();
/// let app = live.serve(pages.merge(inspector.router()));
/// # let _: Router = app;
/// ```
#[derive(Clone, Debug)]
pub struct Inspector(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    live: LiveRuntime,
    store: TraceStore,
    access: Access,
}

impl Inspector {
    /// An inspector of what `live` and `store` know, for those whom `guard` lets pass.
    #[must_use]
    pub fn new(live: &LiveRuntime, store: TraceStore, guard: Guard) -> Self {
        let access = Access::new(guard, live, None);
        Self(Arc::new(Shared { live: live.clone(), store, access }))
    }

    /// As [`new`](Self::new), where who signs in with a password does so on all servers of the application and
    /// through their restarts, and so signs out: `sign_ins` is a store that they share, such as
    /// `belvedere_diesel::DatabaseSnapshots`, which may be that of
    /// [`LiveConfig::shared_snapshots`](belvedere::LiveConfig::shared_snapshots) as well.
    ///
    /// A server that cannot reach the store believes whom it knows already, and signs in to itself alone, so that
    /// the inspector is there when the database is gone. What a copied cookie opens is in the guide.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
    /// # use belvedere::{SnapshotKey, SnapshotStore, SnapshotStoreError};
    /// use belvedere_inspector::{Guard, Inspector, Password};
    ///
    /// # struct Table;
    /// # impl SnapshotStore for Table {
    /// #     async fn put(&self, _: SnapshotKey, _: String, _: Duration) -> Result<(), SnapshotStoreError> {
    /// #         Ok(())
    /// #     }
    /// #     async fn get(&self, _: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
    /// #         Ok(None)
    /// #     }
    /// #     async fn remove(&self, _: SnapshotKey) -> Result<(), SnapshotStoreError> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    /// # let traces = belvedere_inspector::trace_store();
    /// # let password = "correct horse battery staple";
    /// let guard = Guard::password(Password::parse(password)?);
    /// let inspector = Inspector::sharing(&live, traces, guard, Table);
    /// # Ok::<(), belvedere_inspector::PasswordError>(())
    /// ```
    #[must_use]
    pub fn sharing(
        live: &LiveRuntime,
        store: TraceStore,
        guard: Guard,
        sign_ins: impl SnapshotStore,
    ) -> Self {
        let sign_ins = TimedSnapshotStore::new(sign_ins, PATIENCE);
        let access = Access::new(guard, live, Some(sign_ins));
        Self(Arc::new(Shared { live: live.clone(), store, access }))
    }

    /// The pages below [`PATH`], with their style sheet and their guard, for an application with any
    /// state.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let inspector = self.clone();
        let layout = Layout::new(move |page| layout::live_page(&inspector, page));
        Router::new()
            .live::<InspectorTraces>(PATH)
            .live::<InspectorTrace>("/inspector/trace/{id}")
            .live::<InspectorCompare>("/inspector/compare")
            .live::<InspectorViews>("/inspector/live")
            .route_layer(from_fn_with_state(self.clone(), layer::guard))
            // By which one comes to pass the guard.
            .route(SIGN_IN_PATH, get(sign_in::form).post(sign_in::sign_in))
            .route(SIGN_OUT_PATH, post(sign_in::sign_out))
            .layer(Extension(layout.group("inspector")))
            .layer(map_response(strict))
            .merge(styles::router())
            .with_state(self.clone())
    }

    /// Where one of its pages is, as browsers see it: [`PATH`] and what follows, below the
    /// application's base path.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        self.place(&format!("{PATH}{below}"))
    }

    /// Where a path of the application is, as browsers see it.
    pub(crate) fn place(&self, path: &str) -> String {
        self.0.live.base_path().path(path)
    }

    pub(crate) fn live(&self) -> &LiveRuntime {
        &self.0.live
    }

    pub(crate) fn store(&self) -> &TraceStore {
        &self.0.store
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }
}

/// The pages of the runtime have these headers by themselves, the forms have not.
async fn strict(mut response: Response) -> Response {
    security::add_security_headers(response.headers_mut());
    response
}
