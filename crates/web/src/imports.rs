//! Imports of users: long work, which belongs to the application and not to the page that has begun it.
//!
//! An import runs in a task of its own. How far it is is said on a topic, and known to whoever asks, so any
//! page shows it, also after a reload and on another server; and anybody may cancel it by another topic.
//! Whatever ends it before its end, nothing of it is saved, and others can write until then
//! ([`domain::imports`]). The database knows of it as well: so it is told of when its server is gone.

mod others;
mod run;
mod shown;
mod turns;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use belvedere::upload::TempFile;
use belvedere::{PubSub, Topic};
use belvedere_diesel::{QueryError, Repo};
pub use domain::ImportId;
use domain::imports::Reason;
use domain::{imports, text};
pub use others::Others;
use serde::{Deserialize, Serialize};
pub use shown::Shown;
use tokio::sync::{Semaphore, watch};
use turns::{IsLeft, in_turn};

use crate::people_csv::check::{Report, Unknown};
use crate::shares::{NoShare, Share, Shares, Whose};

/// Says how far an import is, each time it has changed.
pub const IMPORTS: Topic<Import> = Topic::new("imports");

/// Somebody wants an import to end.
const CANCELS: Topic<ImportId> = Topic::new("imports.cancel");

/// Files that are checked at a time on a server; the others wait.
const MAX_CHECKS: usize = 2;

/// Files that are checked or wait for it, one of an address.
const MAX_FILES: usize = 32;

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
    /// Rows that were read, of which nothing is seen yet.
    pub n_done: u64,
    /// Where it stands.
    pub state: State,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Rows are being read, and then saved.
    Runs,
    /// It is under way on another server, or was, of which nothing was heard yet.
    Unheard,
    /// It is to end.
    Stops,
    /// All of it is saved.
    Done,
    /// It was cancelled, and nothing is saved.
    Cancelled,
    /// Somebody else has added a name of the file meanwhile, and nothing is saved.
    NameTaken,
    /// The database has no room for it, and nothing is saved.
    NoRoom,
    /// Its server was stopped, or stood still, and nothing is saved.
    GivenUp,
    /// Something went wrong, and nothing is saved.
    Failed,
}

impl Import {
    /// Whether it is not over yet.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::Runs | State::Unheard | State::Stops)
    }

    /// How much is done, from 0 to 100.
    #[must_use]
    pub fn percent(&self) -> u64 {
        100 * self.n_done / self.n_rows.max(1)
    }

    /// As the database knows it.
    fn stored(import: imports::Import) -> Self {
        let imports::Import { id, begun_by: by, file, is_saved, reason, .. } = import;
        let state = match is_saved {
            None => State::Unheard,
            Some(true) => State::Done,
            Some(false) => reason.map_or(State::GivenUp, State::from),
        };
        let [n_rows, n_users, n_done] =
            [import.n_lines, import.n_users, import.n_done].map(i64::unsigned_abs);
        Self { id, by, file, n_rows, n_users, n_done, state }
    }
}

impl From<Reason> for State {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Cancelled => Self::Cancelled,
            Reason::NameTaken => Self::NameTaken,
            Reason::NoRoom => Self::NoRoom,
            Reason::GivenUp => Self::GivenUp,
            Reason::Failed => Self::Failed,
        }
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

/// Why no import begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoStart {
    /// Another one is under way on this server.
    #[error("Another import is under way. Wait until it is done.")]
    Busy,
    /// The server is about to stop.
    #[error("The server is being restarted. Import the file in a moment.")]
    Stopping,
}

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
    last: watch::Sender<Option<Import>>,
    /// Whether the server is about to stop.
    is_stopping: AtomicBool,
}

impl Imports {
    /// Into this database, told to all servers of `pub_sub`.
    #[must_use]
    pub fn new(repo: Repo, pub_sub: PubSub) -> Self {
        let (files, checks) = (Shares::new(MAX_FILES), Arc::new(Semaphore::new(MAX_CHECKS)));
        let (last, is_stopping) = (watch::Sender::new(None), AtomicBool::new(false));
        Self(Arc::new(Shared { repo, pub_sub, files, checks, last, is_stopping }))
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
        Ok(Checked { file, name: text::shown(&name), report })
    }

    /// The import under way on this server, or else the last one.
    #[must_use]
    pub fn last(&self) -> Option<Import> {
        self.0.last.borrow().clone()
    }

    /// Imports under way on any server, and those that have ended in the last hour, as far as they are shown.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn shown(&self) -> Result<Shown, QueryError> {
        let stored = imports::Import::recent(&self.0.repo).await?;
        let mut shown = Shown::default();
        stored
            .into_iter()
            .map(Import::stored)
            .chain(self.last())
            .for_each(|import| shown.put(import));
        Ok(shown)
    }

    /// Begins to import a file without problems, for `by`.
    ///
    /// # Errors
    ///
    /// [`NoStart`].
    pub fn start(&self, checked: Checked, by: &str) -> Result<(), NoStart> {
        let Checked { file, name, report } = checked;
        if self.0.is_stopping.load(Ordering::Relaxed) {
            return Err(NoStart::Stopping);
        }
        // What travels between servers is bounded.
        let name = name.chars().take(100).collect();
        let [n_rows, n_users] =
            [report.n_rows, report.n_users].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        let import = imports::Import::new(by.to_owned(), name, n_rows, n_users);
        let begun = Import { state: State::Runs, ..Import::stored(import.clone()) };
        let is_begun = self.0.last.send_if_modified(|last| {
            let is_free = !last.as_ref().is_some_and(Import::is_under_way);
            if is_free {
                *last = Some(begun);
            }
            is_free
        });
        if !is_begun {
            return Err(NoStart::Busy);
        }
        // First it listens, and then it is known: no wish is lost in between.
        let cancels = self.0.pub_sub.subscribe(&CANCELS);
        self.0.tell(|_| ());
        tokio::spawn(Arc::clone(&self.0).watch(import, file, cancels));
        Ok(())
    }

    /// Ends the import under way, if there is one, and begins no more; ready when it has ended. One that is at its last
    /// step is saved.
    pub async fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
        let is_over = |last: &Option<Import>| !last.as_ref().is_some_and(Import::is_under_way);
        // Its sender lives as long as this.
        let _ = self.0.last.subscribe().wait_for(is_over).await;
    }

    /// Ends an import, on whichever server it is; one that is at its last step is saved. Who runs it hears so by the bus,
    /// and finds it in the database, which nothing takes away.
    pub fn cancel(&self, id: ImportId) {
        if let Err(error) = self.0.pub_sub.publish(&CANCELS, id) {
            tracing::error!(%error, "an import was not told to end");
        }
        let shared = Arc::clone(&self.0);
        // It waits for whoever writes just now, and nobody waits for it.
        tokio::spawn(async move {
            if let Err(error) = imports::Import::cancel(&shared.repo, id).await {
                tracing::warn!(%error, %id, "the database does not know that an import is to end");
            }
        });
    }
}

impl Shared {
    /// Changes where the import stands, and tells everybody, in the order of the changes.
    fn tell(&self, change: impl FnOnce(&mut Import)) {
        self.last.send_modify(|last| {
            if let Some(import) = last {
                change(import);
                self.publish(import.clone());
            }
        });
    }

    fn publish(&self, import: Import) {
        if let Err(error) = self.pub_sub.publish(&IMPORTS, import) {
            tracing::error!(%error, "nobody hears how far an import is");
        }
    }
}
