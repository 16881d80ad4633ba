//! Every route of the application, and the layers around them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use live_view::http::security;

use crate::pages::home;
use crate::{assets, error, health};

/// The whole application; the server and the tests use the same.
#[must_use]
pub fn app() -> Router {
    Router::new()
        .route("/", get(home::home))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(assets::router())
        .merge(live_view::http::assets::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(middleware::from_fn(error::catch_panic))
        .layer(middleware::from_fn(security_headers))
}

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    security::add_security_headers(response.headers_mut());
    response
}
