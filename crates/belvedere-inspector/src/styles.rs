//! The inspector's own style sheet. Its scripts are the runtime's.

use std::sync::LazyLock;

use axum::Router;
use belvedere::http::assets::Asset;

/// `assets/inspector.css`.
static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::embedded("/inspector/assets/inspector.css", include_bytes!("../assets/inspector.css"))
});

/// Its path from the application's root.
pub(crate) fn path() -> &'static str {
    STYLE.path
}

/// Serves it under its hashed name.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    STYLE.route(Router::new())
}
