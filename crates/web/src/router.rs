//! Every route of the application, and the layers around them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use live_view::http::security;
use live_view::http::{TraceOptions, trace_layer};
use live_view::{LiveConfig, LiveRouter as _, LiveSocket, SecretKeyBase};

use crate::config::PublicUrl;
use crate::pages::counter::Counter;
use crate::pages::home;
use crate::pages::users_fast::UsersFast;
use crate::pages::users_slow::UsersSlow;
use crate::state::AppState;
use crate::{assets, error, health, layout};

/// The live runtime, with this application's layout and error page around its views.
#[must_use]
pub fn live_socket(secret: SecretKeyBase, public_url: Option<PublicUrl>) -> LiveSocket {
    LiveSocket::new(LiveConfig {
        public_url: public_url.map(|url| url.origin().to_owned()),
        layout: layout::live_page,
        error_page: error::live_page,
        tracked_assets: [assets::APP_CSS, assets::APP_JS].map(|a| a.path.to_owned()).to_vec(),
        ..LiveConfig::new(secret)
    })
}

/// The whole application; the server and the tests use the same.
///
/// The layers next to the routes guard pages and joins alike. Those added to the result see no
/// joins: they are what a response to a browser needs and a join does not.
pub fn app(state: AppState, live: &LiveSocket, trust_incoming_trace: bool) -> Router {
    let options = TraceOptions {
        quiet_paths: vec!["/health/".into(), "/assets/".into(), "/live/".into()],
        skip: live_view::is_join,
        trust_incoming_trace,
    };
    let pages = Router::new()
        .route("/", get(home::home))
        .live::<Counter>("/counter")
        .live::<UsersFast>("/users-fast")
        .live::<UsersSlow>("/users-slow")
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(assets::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(middleware::from_fn(error::catch_panic))
        .layer(trace_layer(options))
        .with_state(state);
    live.clone().serve(pages).layer(middleware::from_fn(security_headers))
}

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    security::add_security_headers(response.headers_mut());
    response
}
