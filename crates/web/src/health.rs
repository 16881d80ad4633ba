//! Health endpoints for a proxy or an orchestrator: is the process up, can it serve.

use axum::extract::State;
use domain::{Repo, users};
use http::StatusCode;

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: pages can be served, for the database answers a query.
///
/// The request is not traced, so that probes leave no traces.
pub async fn ready(State(repo): State<Repo>) -> (StatusCode, &'static str) {
    match users::is_empty(&repo).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
