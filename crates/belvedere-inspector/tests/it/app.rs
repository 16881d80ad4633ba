//! A shop, whose queries are spans that nobody's database wrote.

use axum::{Extension, Router};
use belvedere::http::{TraceOptions, guard_events, trace_layer};
use belvedere::testing::{TestApp, TestPage};
use belvedere::upload::{Accept, Upload, UploadOptions};
use belvedere::{
    BasePath, EventRefusal, GuardedEvent, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView,
    MountError, Render, Result, SecretKeyBase, SnapshotStore, Socket, flash, live,
};
use belvedere_inspector::{Guard, Inspector};
use belvedere_telemetry::store::{TraceId, TraceStore};
use belvedere_telemetry::testing::{Caller, recorder};
use http::StatusCode;

/// Every page of the inspector that needs no trace.
pub(crate) const PAGES: [&str; 3] = ["/inspector", "/inspector/compare", "/inspector/live"];

/// How many queries a page runs.
#[derive(Clone, Copy)]
struct Queries(usize);

/// A page of so many queries.
struct Shop;

impl LiveView for Shop {
    type Extract = Extension<Queries>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(
        Extension(queries): Extension<Queries>,
        _socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        for _ in 0..queries.0 {
            tracing::info_span!(
                "query",
                otel.name = "SELECT products",
                otel.kind = "client",
                db.system.name = "postgresql",
                db.query.text = "SELECT price FROM products WHERE id = $1",
            );
        }
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "Shop" } }
    }
}

/// A page whose guard does to an event as it is called.
struct Till;

#[derive(LiveEvent)]
enum TillEvent {
    Pass,
    Refuse,
    Redirect,
    Fail,
}

impl LiveView for Till {
    type Extract = ();
    type Params = ();
    type Event = TillEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn handle_event(&mut self, _: TillEvent, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            button #pass phx-click=(TillEvent::Pass) {}
            button #refuse phx-click=(TillEvent::Refuse) {}
            button #redirect phx-click=(TillEvent::Redirect) {}
            button #fail phx-click=(TillEvent::Fail) {}
        }
    }
}

/// A page to which files are sent.
struct Album {
    photos: Upload,
}

impl LiveView for Album {
    type Extract = ();
    type Params = ();
    type Event = TillEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let accept = Accept::only([".txt"]);
        let options =
            UploadOptions { auto: true, max_entries: 2, accept, ..UploadOptions::default() };
        Ok(Self { photos: Upload::new("photos", options) })
    }

    async fn handle_event(&mut self, _: TillEvent, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { form #album phx-change=(TillEvent::Pass) { input type="file" field=(self.photos); } }
    }
}

fn porter(event: &GuardedEvent<'_>) -> Result<(), EventRefusal> {
    match event.name {
        "refuse" => Err(EventRefusal::flash("error", "The till is closed.")),
        "redirect" => Err(EventRefusal::redirect("/about")),
        "fail" => Err(std::fmt::Error.into()),
        _ => Ok(()),
    }
}

/// An application and what is at hand of it.
pub(crate) struct App {
    pub(crate) live: LiveRuntime,
    pub(crate) router: Router,
    pub(crate) store: TraceStore,
}

impl App {
    /// Every application of the process has the same secret, as one that starts anew.
    pub(crate) fn new(guard: Guard) -> Self {
        Self::at(BasePath::default(), guard)
    }

    /// [`new`](Self::new), nested at a base path.
    pub(crate) fn at(base_path: BasePath, guard: Guard) -> Self {
        Self::with(LiveConfig { base_path, ..Self::config() }, guard)
    }

    /// The settings of [`new`](Self::new).
    pub(crate) fn config() -> LiveConfig {
        LiveConfig::new(SecretKeyBase::new(&"t".repeat(64)).unwrap())
    }

    /// An application with these settings.
    pub(crate) fn with(config: LiveConfig, guard: Guard) -> Self {
        Self::with_inspector(config, |live, store| Inspector::new(live, store, guard))
    }

    /// One of several servers, whose sign-ins lie in `sign_ins`.
    pub(crate) fn sharing(config: LiveConfig, guard: Guard, sign_ins: impl SnapshotStore) -> Self {
        Self::with_inspector(config, |live, store| Inspector::sharing(live, store, guard, sign_ins))
    }

    fn with_inspector(
        config: LiveConfig,
        inspector: impl FnOnce(&LiveRuntime, TraceStore) -> Inspector,
    ) -> Self {
        let store = belvedere_inspector::trace_store_at(&config.base_path);
        let live = LiveRuntime::new(config);
        let inspector = inspector(&live, store.clone());
        let page = |path: &str, n_queries| {
            Router::new().live::<Shop>(path).layer(Extension(Queries(n_queries)))
        };
        let pages: Router = page("/about", 0)
            .merge(page("/fast", 1))
            .merge(page("/slow", 9))
            .merge(Router::new().live::<Till>("/till").layer(guard_events(porter)))
            .live::<Album>("/album")
            .merge(inspector.router());
        let options = TraceOptions { trust_incoming_trace: false, ..TraceOptions::default() };
        let router = live.clone().serve(pages.layer(trace_layer(options)));
        Self { live, router, store }
    }

    /// A visitor of it.
    pub(crate) fn visitor(&self) -> TestApp {
        TestApp::new(&self.live, self.router.clone())
    }

    /// Opens a page, whose trace and those of what is done on it come into the store.
    pub(crate) async fn watch(&self, path: &str) -> TestPage {
        let caller = Caller::new();
        recorder().feed(self.store.clone(), &caller);
        let headers = [("traceparent", caller.traceparent())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let page = self.visitor().get_with(path, &headers).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page
    }

    /// Opens a page and returns when the store has its trace: a response is here a moment before
    /// its span has ended.
    pub(crate) async fn visit(&self, path: &str) -> TraceId {
        let newest = || self.store.newest_page(path).map(|trace| trace.summary.id);
        let before = newest();
        let mut changes = self.store.subscribe();
        self.watch(path).await;
        loop {
            match newest() {
                Some(id) if Some(id) != before => return id,
                _ => changes.changed().await.unwrap(),
            }
        }
    }
}
