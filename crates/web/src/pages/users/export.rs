//! `/users/export.csv`: all users and their todo items, as a file of any size in bounded memory.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use belvedere_diesel::Repo;
use domain::bulk::{Everyone, Row};
use futures_util::stream::{self, StreamExt as _};
use http::{StatusCode, header};

use crate::people_csv::write;

/// Where it is.
pub const EXPORT: &str = "/users/export.csv";

/// The file. It is read page by page as the browser takes it; should the database fail in between, the
/// download fails, rather than end as if it were whole.
///
/// # Errors
///
/// 500 when not even its beginning can be read.
pub async fn export(State(repo): State<Repo>) -> Result<Response, StatusCode> {
    let mut everyone = Everyone::new(repo);
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "the users are not exported");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let header = write::header().map_err(failed)?;
    let first = next(&mut everyone).await.map_err(failed)?.unwrap_or_default();
    let rest = stream::try_unfold(everyone, async |mut everyone| {
        let lines = next(&mut everyone).await;
        let lines = lines.inspect_err(|error| tracing::error!(%error, "an export ends half-way"));
        lines.map(|lines| Some((lines?, everyone)))
    });
    let lines = stream::iter([Ok(header), Ok(first)]).chain(rest);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"users.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// The next lines.
async fn next(everyone: &mut Everyone) -> std::io::Result<Option<Vec<u8>>> {
    let rows: Option<Vec<Row>> = everyone.next().await.map_err(std::io::Error::other)?;
    rows.map(|rows| write::rows(&rows)).transpose()
}
