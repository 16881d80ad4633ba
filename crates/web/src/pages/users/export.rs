//! `/users/export.csv`: all users and their todo items, as a file of any size in bounded memory.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use belvedere_diesel::{QueryError, Repo};
use domain::bulk::{Everyone, Row};
use futures_util::stream::{self, StreamExt as _};
use http::{StatusCode, header};
use tokio::sync::Semaphore;

use crate::busy;
use crate::people_csv::write;
use crate::shares::{NoShare, Share, Shares, Whose};

/// Files that are on their way at a time from a server, one for an address. Whoever reads slowly keeps no
/// more than a page of rows in memory.
const MAX_EXPORTS: usize = 40;

/// Exports that read from the database at a time: each of them reads all of it.
const MAX_READING: usize = 2;

/// The exports of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Exports {
    shares: Shares,
    turns: Arc<Semaphore>,
}

impl Default for Exports {
    fn default() -> Self {
        let turns = Arc::new(Semaphore::new(MAX_READING));
        Self { shares: Shares::new(MAX_EXPORTS), turns }
    }
}

impl Exports {
    /// The share that somebody keeps until an export is over.
    ///
    /// # Errors
    ///
    /// [`NoShare`] when they have one already, or others have all.
    pub fn share(&self, whose: Whose) -> Result<Share, NoShare> {
        self.shares.take(whose)
    }

    /// The next rows, when it is this export's turn to read.
    async fn read(&self, everyone: &mut Everyone) -> Result<Option<Vec<Row>>, QueryError> {
        let _turn = self.turns.acquire().await;
        everyone.next().await
    }
}

/// Where it is.
pub const EXPORT: &str = "/users/export.csv";

/// The file. It is read page by page as the browser takes it; should the database fail in between, the
/// download fails, rather than end as if it were whole.
///
/// # Errors
///
/// 503 when one of the visitor's goes on already, or as many as may, or the database is busy; 500 when not
/// even its beginning can be read.
pub async fn export(
    State(repo): State<Repo>,
    State(exports): State<Exports>,
    whose: Whose,
) -> Result<Response, StatusCode> {
    let share = exports.share(whose).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let mut everyone = Everyone::new(repo);
    let first = exports.read(&mut everyone).await;
    let first = first.map_err(|error| busy::status(&error, "the users are not exported"))?;
    let begin = begin(&first.unwrap_or_default()).map_err(|error| {
        tracing::error!(%error, "the users are not exported");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    let rest = (everyone, exports, share);
    let rest = stream::try_unfold(rest, async |(mut everyone, exports, share)| {
        let rows = exports.read(&mut everyone).await.map_err(|error| {
            busy::status(&error, "an export ends half-way");
            io::Error::other(error)
        })?;
        let Some(rows) = rows else { return Ok::<_, io::Error>(None) };
        Ok(Some((write::rows(&rows)?, (everyone, exports, share))))
    });
    let lines = stream::iter([Ok(begin)]).chain(rest);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"users.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// The head of the file, and its first lines.
fn begin(rows: &[Row]) -> io::Result<Vec<u8>> {
    let mut lines = write::header()?;
    lines.extend(write::rows(rows)?);
    Ok(lines)
}
