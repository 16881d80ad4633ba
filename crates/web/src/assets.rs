//! The application's own script and style sheet, embedded by the build script.

use axum::Router;
use belvedere::http::assets::Asset;

mod embedded {
    use belvedere::http::assets::Asset;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// `assets/js/app.js`.
pub static APP_JS: Asset = embedded::APP_JS;

/// `assets/css/app.css`.
pub static APP_CSS: Asset = embedded::APP_CSS;

/// Serves both under their hashed names.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    APP_CSS.route(APP_JS.route(Router::new()))
}
