//! An import under way: its file is read part by part, and saved as a whole or not at all.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use belvedere::Heard;
use belvedere::pub_sub::Subscription;
use belvedere::upload::TempFile;
use belvedere_diesel::{Database, QueryError};
use domain::bulk::Row;
use domain::imports::{Additions, Import, Reason};
use domain::users::NAME_KEY;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::{ImportId, Shared, State};
use crate::changes;
use crate::people_csv::Problems;
use crate::people_csv::read::Reader;

/// Rows that are read at a time. Between two of these, and before they are saved, an import can be cancelled.
const BATCH_ROWS: usize = 1_000;

/// How long the writer of SQLite is left to others at most, after each of them: who waits for it only looks from time
/// to time whether it is free.
const MAX_PAUSE: Duration = Duration::from_millis(100);

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("cancelled")]
    Cancelled,
    #[error("the server stops")]
    Stopped,
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl ImportError {
    fn reason(&self) -> Reason {
        match self {
            Self::Cancelled => Reason::Cancelled,
            Self::Stopped => Reason::GivenUp,
            Self::Query(error) if error.constraint() == Some(NAME_KEY) => Reason::NameTaken,
            Self::Query(QueryError::DiskFull) => Reason::NoRoom,
            Self::File(_) | Self::Query(_) => Reason::Failed,
        }
    }
}

impl Shared {
    /// Runs an import, hears who wants it to end, and says how it has ended, whatever has ended it.
    pub(super) async fn watch(
        self: Arc<Self>,
        import: Import,
        file: Arc<TempFile>,
        mut cancels: Subscription<ImportId>,
    ) {
        let (id, is_cancelled) = (import.id, Arc::new(AtomicBool::new(false)));
        let mut run = tokio::spawn(Arc::clone(&self).run(import, file, Arc::clone(&is_cancelled)));
        let ended = loop {
            tokio::select! {
                ended = &mut run => break ended,
                heard = cancels.next() => if heard == Heard::Message(id) {
                    is_cancelled.store(true, Ordering::Relaxed);
                    self.tell(|import| import.state = State::Stops);
                },
            }
        };
        let state = match ended {
            Ok(Ok(())) => State::Done,
            Ok(Err(ImportError::Query(QueryError::NotFound))) => self.ended_by_others(id).await,
            Ok(Err(error)) => {
                let reason = error.reason();
                if let Reason::NoRoom | Reason::Failed = reason {
                    tracing::error!(%error, "an import has failed");
                }
                State::from(reason)
            }
            Err(panic) => {
                tracing::error!(error = %panic, "an import has panicked");
                State::Failed
            }
        };
        if state == State::GivenUp {
            tracing::warn!(%id, "an import is given up, and nothing of it is saved");
        }
        tracing::info!(%id, ?state, "an import has ended");
        if state == State::Done {
            changes::tell_added(&self.pub_sub);
        }
        self.tell(|import| import.state = state);
    }

    /// Saves all rows of a file, or none.
    async fn run(
        self: Arc<Self>,
        import: Import,
        file: Arc<TempFile>,
        is_cancelled: Arc<AtomicBool>,
    ) -> Result<(), ImportError> {
        let mut additions = Additions::begin(&self.repo, import).await?;
        let saved = self.save(&mut additions, batches(file), &is_cancelled).await;
        let cleared = match &saved {
            Ok(()) | Err(ImportError::Query(QueryError::NotFound)) => additions.clear_away().await,
            Err(error) => additions.end(error.reason()).await,
        };
        if let Err(error) = cleared {
            // Mostly for the reason that has ended the import, which is told of.
            tracing::debug!(%error, "what an import has read is cleared away later");
        }
        saved
    }

    /// How one has ended that another server has ended.
    async fn ended_by_others(&self, id: ImportId) -> State {
        let ended = Import::find(&self.repo, id).await.ok().flatten();
        ended.and_then(|import| import.reason).map_or(State::GivenUp, State::from)
    }

    async fn save(
        &self,
        additions: &mut Additions,
        mut batches: mpsc::Receiver<io::Result<Vec<Row>>>,
        is_cancelled: &AtomicBool,
    ) -> Result<(), ImportError> {
        loop {
            if is_cancelled.load(Ordering::Relaxed) {
                return Err(ImportError::Cancelled);
            }
            if self.is_stopping.load(Ordering::Relaxed) {
                return Err(ImportError::Stopped);
            }
            let Some(rows) = batches.recv().await else { break };
            let rows = rows?;
            let (n_rows, begun) = (rows.len() as u64, Instant::now());
            additions.add(rows).await?;
            self.tell(|import| import.n_done += n_rows);
            if self.repo.database() == Database::Sqlite {
                tokio::time::sleep(begun.elapsed().min(MAX_PAUSE)).await;
            }
        }
        Ok(additions.save().await?)
    }
}

/// The rows of a file, read in a thread for blocking work, which waits until they are saved.
fn batches(file: Arc<TempFile>) -> mpsc::Receiver<io::Result<Vec<Row>>> {
    let (sender, batches) = mpsc::channel(1);
    spawn_blocking(move || {
        let read = || {
            let mut problems = Problems::default();
            let mut reader = Reader::new(File::open(file.path())?, &mut problems)?;
            let mut rows = Vec::new();
            while let Some((_, row)) = reader.next(&mut problems)? {
                rows.push(row);
                if rows.len() == BATCH_ROWS {
                    // An import that has ended wants no more.
                    if sender.blocking_send(Ok(std::mem::take(&mut rows))).is_err() {
                        return Ok(());
                    }
                }
            }
            let _ = sender.blocking_send(Ok(rows));
            Ok(())
        };
        if let Err(error) = read() {
            let _ = sender.blocking_send(Err(error));
        }
    });
    batches
}
