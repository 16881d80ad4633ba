//! Health endpoints for a proxy or an orchestrator: is the process up, can it serve.

use std::time::Duration;

use axum::extract::State;
use belvedere::LiveRuntime;
use belvedere_diesel::Repo;
use http::StatusCode;

/// How long the database is waited for. Platforms give a check about two seconds.
pub const ANSWER: Duration = Duration::from_millis(900);

/// What readiness depends on.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// The database, which must answer.
    pub repo: Repo,
    /// The live runtime, which must not be going away.
    pub live: LiveRuntime,
}

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: pages can be served, for the server stays and the database answers. A
/// database whose connections are all busy answers too.
///
/// The answer comes within [`ANSWER`]. The request is not traced, so that probes leave no traces.
pub async fn ready(State(readiness): State<Readiness>) -> (StatusCode, &'static str) {
    if readiness.live.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match readiness.repo.check(ANSWER).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
