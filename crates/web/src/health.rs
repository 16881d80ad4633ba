//! Health endpoints for a proxy or an orchestrator: is the process up, can it serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    repo: Repo,
    /// The live runtime, which must not be going away.
    live: LiveRuntime,
    /// Whether the database was missed when it was last asked, so that the log tells of a change
    /// and not of every probe.
    is_missed: Arc<AtomicBool>,
}

impl Readiness {
    /// Ready while this database answers and this runtime stays.
    #[must_use]
    pub fn new(repo: Repo, live: LiveRuntime) -> Self {
        Self { repo, live, is_missed: Arc::default() }
    }
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
        Ok(()) => {
            if readiness.is_missed.swap(false, Ordering::Relaxed) {
                tracing::info!("ready: the database answers again");
            }
            (StatusCode::OK, "ready\n")
        }
        Err(error) => {
            if !readiness.is_missed.swap(true, Ordering::Relaxed) {
                tracing::warn!(%error, "not ready: the database does not answer");
            }
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
