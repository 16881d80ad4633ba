//! One of the servers.

use std::net::SocketAddr;

use axum::Router;
use belvedere::{LiveRouter, LiveRuntime};
use load::instance;

use crate::acts;
use crate::desk::{AWAY, Away, DESK, Desk};

/// Serves the pages, with the database at this URL, until told to stop.
pub(crate) async fn serve(address: SocketAddr, database: &str) -> anyhow::Result<()> {
    let repo = acts::open(database).await?;
    let live = LiveRuntime::new(instance::config(&"soaking ".repeat(8))?);
    let pages = Router::new().live::<Desk>(DESK).live::<Away>(AWAY).with_state(repo);
    instance::serve(address, live.clone(), live.serve(pages)).await
}
