//! Health endpoints for a proxy or an orchestrator: is the process up, can it serve.

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live"
}

/// `GET /health/ready`: pages can be served.
pub async fn ready() -> &'static str {
    "ready"
}
