//! Every route; the program and its tests use the same.

use axum::Router;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::{LiveRouter, LiveRuntime};
use belvedere_diesel::Repo;

use crate::desk::Desk;
use crate::layout;

/// The application. `inspector` are the routes beside its pages.
pub fn app(live: &LiveRuntime, inspector: Router<Repo>, repo: Repo) -> Router {
    let pages = Router::new().live::<Desk>("/").merge(inspector);
    let pages = layout::STYLE.route(pages);
    // Files leave no traces.
    let options = TraceOptions {
        quiet_paths: vec!["/assets/".into(), "/live/".into()],
        ..TraceOptions::default()
    };
    live.clone().serve(pages.layer(trace_layer(options)).with_state(repo))
}
