//! The application's own script and style sheet.

use std::sync::LazyLock;

use axum::Router;
use belvedere::http::assets::Asset;

/// The hooks of `assets/js/hooks/` and `assets/js/app.js`, one after the other.
pub static APP_JS: LazyLock<Asset> = LazyLock::new(|| {
    let scripts = concat!(
        include_str!("../../../assets/js/hooks/reorder.js"),
        include_str!("../../../assets/js/app.js"),
    );
    Asset::embedded("/assets/app.js", scripts.as_bytes())
});

/// The style sheet's parts, one after the other.
pub static APP_CSS: LazyLock<Asset> = LazyLock::new(|| {
    let styles = concat!(
        include_str!("../../../assets/css/app.css"),
        include_str!("../../../assets/css/layout.css"),
        include_str!("../../../assets/css/kit/field.css"),
        include_str!("../../../assets/css/kit/dialog.css"),
        include_str!("../../../assets/css/kit/table.css"),
        include_str!("../../../assets/css/kit/sort_head.css"),
        include_str!("../../../assets/css/kit/pagination.css"),
        include_str!("../../../assets/css/kit/undo.css"),
        include_str!("../../../assets/css/components.css"),
        include_str!("../../../assets/css/todo_list.css"),
        include_str!("../../../assets/css/dashboard.css"),
        include_str!("../../../assets/css/import.css"),
    );
    Asset::embedded("/assets/app.css", styles.as_bytes())
});

/// Serves both under their hashed names.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    APP_CSS.route(APP_JS.route(Router::new()))
}
