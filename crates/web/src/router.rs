//! Every route of the application, and the layers around them.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use belvedere::http::page::{ErrorPage, Layout};
use belvedere::http::{TraceOptions, error_pages, trace_layer};
use belvedere::{LiveConfig, LivePath as _, LiveRouter as _, LiveRuntime, PubSub, SnapshotOptions};

use crate::config::PublicUrl;
use crate::health::Readiness;
use crate::layout::Menu;
use crate::pages::counter::Counter;
use crate::pages::dashboard::Dashboard;
use crate::pages::home::Home;
use crate::pages::import::{IMPORT, ImportPage};
use crate::pages::user::{self, ItemsPath, UserPage, UserPath};
use crate::pages::users::export::EXPORT;
use crate::pages::users::{self, DeletePath, EditPath, List, UsersPage};
use crate::pages::users_fast::UsersFast;
use crate::pages::users_slow::UsersSlow;
use crate::state::AppState;
use crate::{assets, error, examples, health, layout};

/// The live runtime of these settings, with this application's layout and error page around its views.
#[must_use]
pub fn live_runtime(
    config: LiveConfig,
    public_url: Option<PublicUrl>,
    menu: Menu,
    pub_sub: PubSub,
) -> LiveRuntime {
    LiveRuntime::new(LiveConfig {
        pub_sub,
        public_url: public_url.map(|url| url.origin().to_owned()),
        layout: Layout::new(move |page| layout::live_page(page, menu)),
        snapshots: SnapshotOptions {
            build: env!("CARGO_PKG_VERSION").to_owned(),
            ..config.snapshots
        },
        is_busy: belvedere_diesel::is_busy,
        is_full: belvedere_diesel::is_full,
        error_page: ErrorPage::new(move |failure| error::page(failure, menu)),
        ..config
    })
}

/// The whole application; the server and the tests use the same. `inspector` are the routes of
/// [`crate::inspector`].
///
/// The layers next to the routes guard pages and joins alike. Those added to the result see no
/// joins: they are what a response to a browser needs and a join does not.
pub fn app(
    state: AppState,
    live: &LiveRuntime,
    inspector: Router<AppState>,
    trust_incoming_trace: bool,
) -> Router {
    let options = TraceOptions {
        quiet_paths: vec![
            "/health/".into(),
            "/assets/".into(),
            "/inspector/assets/".into(),
            "/live/".into(),
        ],
        trust_incoming_trace,
        ..TraceOptions::default()
    };
    let readiness = Readiness::new(state.repo.clone(), live.clone());
    let pages = Router::new()
        .live::<Home>("/")
        .live::<Counter>("/counter")
        .live::<Dashboard>("/dashboard")
        .live::<UsersFast>("/users-fast")
        .live::<UsersSlow>("/users-slow")
        .merge(state.writes.guard(database_pages()))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready).with_state(readiness))
        .merge(examples::router())
        .merge(assets::router())
        .merge(inspector)
        .layer(middleware::from_fn(error_pages))
        .layer(trace_layer(options))
        .with_state(state);
    live.clone().serve(pages).layer(middleware::from_fn_with_state(live.clone(), security_headers))
}

/// The pages that change the database, and the plain forms beside them.
fn database_pages() -> Router<AppState> {
    Router::new()
        .live::<UsersPage>(List::ROUTE)
        .live::<UsersPage>(users::NEW)
        .live::<UsersPage>(EditPath::ROUTE)
        .route(users::NEW, post(users::plain::save))
        .route(EditPath::ROUTE, post(users::plain::save))
        .route(DeletePath::ROUTE, post(users::plain::delete))
        .live::<ImportPage>(IMPORT)
        .route(EXPORT, get(users::export::export))
        .live::<UserPage>(UserPath::ROUTE)
        .route(UserPath::ROUTE, post(user::plain::save))
        .route(ItemsPath::ROUTE, post(user::plain::act_on))
        .layer(middleware::map_response(error::retry_after))
}

async fn security_headers(
    State(live): State<LiveRuntime>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    live.add_security_headers(response.headers_mut());
    response
}
