//! What an upload is measured against: the body of a request, written to a temporary file or to nothing.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use futures_util::StreamExt;
use http::StatusCode;
use tokio::task::spawn_blocking;

/// Writes a body to a temporary file as it comes, each part in a thread for blocking work, and removes
/// that when all of it is there. Says how long it was.
pub(super) async fn to_file(body: Body) -> Result<String, StatusCode> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("load-{}-{number}", std::process::id()));
    let written = write(body, path.clone()).await;
    let removed = blocking(move || fs::remove_file(path)).await;
    match (written, removed) {
        (Ok(n_bytes), Ok(())) => Ok(n_bytes.to_string()),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn write(body: Body, path: PathBuf) -> io::Result<u64> {
    let mut file = blocking(move || File::create_new(path)).await?;
    let (mut parts, mut n_bytes) = (body.into_data_stream(), 0);
    while let Some(part) = parts.next().await {
        let part = part.map_err(io::Error::other)?;
        n_bytes += part.len() as u64;
        file = blocking(move || file.write_all(&part).map(|()| file)).await?;
    }
    Ok(n_bytes)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Counts the bytes of a body.
pub(super) async fn counted(body: Body) -> Result<String, StatusCode> {
    let (mut parts, mut n_bytes) = (body.into_data_stream(), 0);
    while let Some(part) = parts.next().await {
        n_bytes += part.map_err(|_| StatusCode::BAD_REQUEST)?.len();
    }
    Ok(n_bytes.to_string())
}
