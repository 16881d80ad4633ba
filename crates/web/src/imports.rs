//! Imports of users: long work, which belongs to the application and not to the page that has begun it.
//!
//! An import runs in a task of its own. How far it is is said on a topic, and known to whoever asks, so any
//! page shows it, also after a reload and on another server; and anybody may cancel it by another topic. It
//! is one transaction: whatever ends it before its end, nothing of it is saved.

mod turns;

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use belvedere::pub_sub::Subscription;
use belvedere::upload::TempFile;
use belvedere::{Heard, PubSub, Topic};
use belvedere_diesel::{QueryError, Repo};
use domain::bulk::{Additions, Row};
use domain::users::NAME_KEY;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;
use turns::{IsLeft, in_turn};
use uuid::Uuid;

use crate::changes;
use crate::people_csv::Problems;
use crate::people_csv::check::{Report, Unknown};
use crate::people_csv::read::Reader;
use crate::shares::{NoShare, Share, Shares, Whose};

/// Says how far an import is, each time it has changed.
pub const IMPORTS: Topic<Import> = Topic::new("imports");

/// Somebody wants an import to end.
const CANCELS: Topic<ImportId> = Topic::new("imports.cancel");

/// Rows that are saved at a time. Between two of these an import can be cancelled.
const BATCH_ROWS: usize = 1_000;

/// Files that are checked at a time on a server; the others wait.
const MAX_CHECKS: usize = 2;

/// Files that are checked or wait for it, one of an address.
const MAX_FILES: usize = 32;

/// Tells imports apart, on all servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImportId(Uuid);

impl std::fmt::Display for ImportId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An import, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Tells it from others.
    pub id: ImportId,
    /// Who has begun it.
    pub by: String,
    /// Name of the file.
    pub file: String,
    /// Rows that are to be saved.
    pub n_rows: u64,
    /// Users in them.
    pub n_users: u64,
    /// Rows that were saved, unless it is rolled back.
    pub n_done: u64,
    /// Where it stands.
    pub state: State,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Rows are being saved.
    Runs,
    /// It is to end, and will be rolled back.
    Stops,
    /// All of it is saved.
    Done,
    /// It was cancelled, and nothing is saved.
    Cancelled,
    /// Somebody else has added a name of the file meanwhile, and nothing is saved.
    NameTaken,
    /// The database has no room for it, and nothing is saved.
    NoRoom,
    /// Something went wrong, and nothing is saved.
    Failed,
}

impl Import {
    /// Whether it is not over yet.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::Runs | State::Stops)
    }

    /// How much is done, from 0 to 100.
    #[must_use]
    pub fn percent(&self) -> u64 {
        100 * self.n_done / self.n_rows.max(1)
    }
}

/// A file that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    file: Arc<TempFile>,
    name: String,
    /// What is in it.
    pub report: Report,
}

impl Checked {
    /// Name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// There is no room to check one more file now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// One of theirs is being checked.
    #[error("Another file of yours is being looked at. Choose this one again in a moment.")]
    Own,
    /// Too many are.
    #[error("Many files are being looked at. Choose this one again in a moment.")]
    All,
}

/// Another import is under way on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Another import is under way. Wait until it is done.")]
pub struct Busy;

/// The imports of a server, one at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Imports(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    repo: Repo,
    pub_sub: PubSub,
    /// Who has a file checked.
    files: Shares,
    checks: Arc<Semaphore>,
    /// The one under way, or else the last one.
    last: Mutex<Option<Import>>,
}

impl Imports {
    /// Into this database, told to all servers of `pub_sub`.
    #[must_use]
    pub fn new(repo: Repo, pub_sub: PubSub) -> Self {
        let (files, checks) = (Shares::new(MAX_FILES), Arc::new(Semaphore::new(MAX_CHECKS)));
        Self(Arc::new(Shared { repo, pub_sub, files, checks, last: Mutex::default() }))
    }

    /// The share that somebody keeps while a file is [checked](Self::check).
    ///
    /// # Errors
    ///
    /// [`NoRoom`].
    pub fn share(&self, whose: Whose) -> Result<Share, NoRoom> {
        self.0.files.take(whose).map_err(|no_share| match no_share {
            NoShare::Own => NoRoom::Own,
            NoShare::All => NoRoom::All,
        })
    }

    /// Looks at a file, no further once this is dropped.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the database does not answer.
    pub async fn check(&self, file: TempFile, name: String) -> belvedere::Result<Checked> {
        let file = Arc::new(file);
        let open = Arc::clone(&file);
        let read = move |is_left: IsLeft| Unknown::read(is_left.end(File::open(open.path())?));
        let (read, _turn) = in_turn(Arc::clone(&self.0.checks), read).await?;
        let report = read?.compare(&self.0.repo).await?;
        Ok(Checked { file, name, report })
    }

    /// The import under way on this server, or else the last one.
    #[must_use]
    pub fn last(&self) -> Option<Import> {
        self.0.last().clone()
    }

    /// Begins to import a file without problems, for `by`.
    ///
    /// # Errors
    ///
    /// [`Busy`].
    pub fn start(&self, checked: Checked, by: &str) -> Result<(), Busy> {
        let Checked { file, name, report } = checked;
        let mut last = self.0.last();
        if last.as_ref().is_some_and(Import::is_under_way) {
            return Err(Busy);
        }
        let id = ImportId(Uuid::now_v7());
        *last = Some(Import {
            id,
            by: by.to_owned(),
            // What travels between servers is bounded.
            file: name.chars().take(100).collect(),
            n_rows: report.n_rows,
            n_users: report.n_users,
            n_done: 0,
            state: State::Runs,
        });
        drop(last);
        // First it listens, and then it is known: no wish is lost in between.
        let cancels = self.0.pub_sub.subscribe(&CANCELS);
        self.0.tell(|_| ());
        tokio::spawn(Arc::clone(&self.0).watch(id, file, cancels));
        Ok(())
    }

    /// Asks an import to end, on whichever server it is. When it has ended it says so.
    pub fn cancel(&self, id: ImportId) {
        if let Err(error) = self.0.pub_sub.publish(&CANCELS, id) {
            tracing::error!(%error, "an import was not told to end");
        }
    }
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("cancelled")]
    Cancelled,
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl Shared {
    fn last(&self) -> MutexGuard<'_, Option<Import>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes where the import stands, and tells everybody, in the order of the changes.
    fn tell(&self, change: impl FnOnce(&mut Import)) {
        let mut last = self.last();
        let Some(import) = last.as_mut() else { return };
        change(import);
        if let Err(error) = self.pub_sub.publish(&IMPORTS, import.clone()) {
            tracing::error!(%error, "nobody hears how far an import is");
        }
    }

    /// Runs an import, hears who wants it to end, and says how it has ended, whatever has ended it.
    async fn watch(
        self: Arc<Self>,
        id: ImportId,
        file: Arc<TempFile>,
        mut cancels: Subscription<ImportId>,
    ) {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let mut run = tokio::spawn(Arc::clone(&self).run(file, Arc::clone(&is_cancelled)));
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
            Ok(Err(ImportError::Cancelled)) => State::Cancelled,
            Ok(Err(ImportError::Query(error))) if error.constraint() == Some(NAME_KEY) => {
                State::NameTaken
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "an import has failed");
                match error {
                    ImportError::Query(QueryError::DiskFull) => State::NoRoom,
                    _ => State::Failed,
                }
            }
            Err(panic) => {
                tracing::error!(error = %panic, "an import has panicked");
                State::Failed
            }
        };
        tracing::info!(%id, ?state, "an import has ended");
        if state == State::Done {
            changes::tell_added(&self.pub_sub);
        }
        self.tell(|import| import.state = state);
    }

    /// Saves all rows of a file, or none.
    async fn run(
        self: Arc<Self>,
        file: Arc<TempFile>,
        is_cancelled: Arc<AtomicBool>,
    ) -> Result<(), ImportError> {
        let mut batches = batches(file);
        let shared = Arc::clone(&self);
        let saving = self.repo.transaction(async move |transaction| {
            let mut additions = Additions::default();
            while let Some(rows) = batches.recv().await {
                let rows = rows?;
                let n_rows = rows.len() as u64;
                additions.add(transaction, rows).await?;
                if is_cancelled.load(Ordering::Relaxed) {
                    return Err(ImportError::Cancelled);
                }
                shared.tell(|import| import.n_done += n_rows);
            }
            Ok(())
        });
        saving.await
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
