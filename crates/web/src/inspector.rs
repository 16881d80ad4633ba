//! The inspector's place in this application: open to whom the settings say, else explained or missing.

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use belvedere::LiveRuntime;
use belvedere_diesel::DatabaseSnapshots;
use belvedere_inspector::{Inspector, PATH};
use belvedere_telemetry::store::TraceStore;
use http::StatusCode;

use crate::config::{Explained, InspectorAccess};
use crate::error;
use crate::layout::Menu;
use crate::state::AppState;

/// The inspector's routes. All servers see who is signed in where they share `sign_ins`.
pub fn router(
    access: &InspectorAccess,
    live: &LiveRuntime,
    store: TraceStore,
    sign_ins: Option<DatabaseSnapshots>,
) -> Router<AppState> {
    match access {
        InspectorAccess::On(guard) => match sign_ins {
            Some(sign_ins) => Inspector::sharing(live, store, guard.clone(), sign_ins).router(),
            None => Inspector::new(live, store, guard.clone()).router(),
        },
        InspectorAccess::Off(Explained::Yes) => Router::new().route(PATH, get(explanation)),
        InspectorAccess::Off(Explained::No) => Router::new(),
    }
}

async fn explanation() -> Response {
    let advice = "Set INSPECTOR_PASSWORD to at least 8 characters and start the server again. A \
                  debug build that listens on loopback needs none.";
    let page =
        error::error_page(StatusCode::NOT_FOUND, Menu::Pages, "The inspector is off", advice);
    (StatusCode::NOT_FOUND, page).into_response()
}
