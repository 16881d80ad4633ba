//! Connections to the embedded database.
//!
//! SQLite blocks its thread, most of the time for microseconds and, while another writer works, for
//! seconds. So each connection has a thread of its own, and there are never more of them than the
//! pool may have connections, and one for checks. Tokio's threads for blocking work would multiply: a query begins before
//! the thread of the one before is seen to be free.
//!
//! A query that has begun runs to its end, even when its caller goes away; its connection is then
//! closed, and makes room for another when its thread is done.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleResult};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::connection::ConnectError;
use crate::database_url::SqlitePath;

/// A SQLite connection that runs its queries on a thread of its own.
pub(crate) type SqliteConnection = SyncConnectionWrapper<diesel::SqliteConnection, Thread>;

type BoxError = Box<dyn Error + Send + Sync>;
type Job = Box<dyn FnOnce() + Send>;

/// Where the blocking work of one connection is done. The thread ends with this.
#[derive(Debug)]
pub struct Thread {
    /// None on a current-thread runtime, which stops its clock only for tokio's own threads: a
    /// test with paused time would otherwise not wait for a query.
    jobs: Option<SyncSender<Job>>,
    /// Given back when this is dropped and its last job is done.
    room: Option<Arc<Room>>,
}

/// Room for one connection, and whether it is open, by which it counts.
#[derive(Debug)]
struct Room {
    _permit: OwnedSemaphorePermit,
    open: OnceLock<Counted>,
}

impl Thread {
    /// Starts a thread with this name.
    fn start(name: &str, permit: OwnedSemaphorePermit) -> io::Result<Self> {
        let room = Arc::new(Room { _permit: permit, open: OnceLock::new() });
        let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
        if !matches!(flavor, Ok(RuntimeFlavor::MultiThread)) {
            return Ok(Self { jobs: None, room: Some(room) });
        }
        // A connection does one thing at a time. One more may wait when the first was given up.
        let (jobs, todo) = mpsc::sync_channel::<Job>(1);
        let of_thread = Arc::clone(&room);
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in todo {
                job();
            }
            drop(of_thread);
        })?;
        Ok(Self { jobs: Some(jobs), room: Some(room) })
    }
}

impl SpawnBlocking for Thread {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, BoxError>>
    where
        R: Send + 'static,
    {
        let (jobs, room) = (self.jobs.clone(), self.room.clone());
        // In an `async` block, so that the work starts at the first poll, and not at all when the
        // future is dropped before.
        Box::pin(async move {
            let Some(jobs) = jobs else {
                let task = move || {
                    let done = task();
                    drop(room);
                    done
                };
                return Ok(tokio::task::spawn_blocking(task).await?);
            };
            let (done, answer) = oneshot::channel();
            let job: Job = Box::new(move || {
                // Nobody waits for what was given up.
                let _ = done.send(task());
            });
            jobs.try_send(job).map_err(|_| "the connection is busy with queries given up")?;
            Ok(answer.await?)
        })
    }

    /// Only asked for by connections that Diesel opens by itself, and none is.
    fn get_runtime() -> Self {
        Self { jobs: None, room: None }
    }
}

/// Opens connections to one file.
#[derive(Debug)]
pub struct SqliteManager {
    path: SqlitePath,
    busy_timeout: Duration,
    /// What was found at the path when it was opened first.
    opened: OnceLock<FileId>,
    /// Where what was saved last waits to be written to the file; nothing where SQLite keeps none.
    wal: Mutex<Option<Wal>>,
    /// How many connections are open.
    n_open: Arc<AtomicUsize>,
    /// Room for the threads of the pool.
    room: Arc<Semaphore>,
    /// Turns of those who write.
    turns: Arc<Semaphore>,
    /// How many turns there are: half as many as connections.
    max_writers: usize,
    /// How many wait for a turn now.
    n_waiting: Arc<AtomicUsize>,
    /// Room for the one that checks.
    room_beside: Arc<Semaphore>,
}

impl SqliteManager {
    pub(crate) fn new(path: SqlitePath, busy_timeout: Duration, max_connections: usize) -> Self {
        let max_writers = (max_connections / 2).max(1);
        Self {
            path,
            busy_timeout,
            opened: OnceLock::new(),
            wal: Mutex::default(),
            n_open: Arc::default(),
            room: Arc::new(Semaphore::new(max_connections)),
            turns: Arc::new(Semaphore::new(max_writers)),
            max_writers,
            n_waiting: Arc::default(),
            room_beside: Arc::new(Semaphore::new(1)),
        }
    }

    /// A connection that the pool does not count; there is one at a time.
    pub(crate) async fn open_beside(&self) -> Result<SqliteConnection, ConnectError> {
        self.open_in(&self.room_beside).await
    }

    /// Waits until there is room for one more thread, and opens a connection on it.
    async fn open_in(&self, room: &Arc<Semaphore>) -> Result<SqliteConnection, ConnectError> {
        let room = Arc::clone(room).acquire_owned().await.expect("it is never closed");
        // Opening makes a file where there is none.
        self.check_place()?;
        let failed = |error: BoxError| open_error(&self.path, &error.to_string());
        let thread = Thread::start(self.path.file_name(), room);
        let mut thread = thread.map_err(|error| failed(error.into()))?;
        let (path, busy_timeout) = (self.path.clone(), self.busy_timeout);
        let opened = thread.spawn_blocking(move || open(&path, busy_timeout)).await;
        let opened = opened.map_err(failed)??;
        if let Some(file) = FileId::at(self.path.as_path()) {
            self.opened.get_or_init(|| file);
        }
        if self.n_open.load(Ordering::Relaxed) == 0 {
            // The last connection has taken along the one before.
            *self.wal() = Wal::beside(&self.path);
        }
        if let Some(room) = &thread.room {
            room.open.get_or_init(|| Counted::one_more(&self.n_open));
        }
        self.check_place()?;
        Ok(SyncConnectionWrapper::with_runtime(opened, thread))
    }

    /// Waits until one more may write. While another process, or one long transaction, has the file's lock, each who
    /// writes waits for it on a connection of the pool, and those who read need the others.
    pub(crate) async fn turn_to_write(&self) -> OwnedSemaphorePermit {
        let _waiting = Counted::one_more(&self.n_waiting);
        Arc::clone(&self.turns).acquire_owned().await.expect("it is never closed")
    }

    /// How many may write at a time.
    pub(crate) fn max_writers(&self) -> usize {
        self.max_writers
    }

    /// How many wait for a turn to write now.
    pub(crate) fn n_waiting(&self) -> usize {
        self.n_waiting.load(Ordering::Relaxed)
    }

    /// Whether the connections write to the files that others find at their paths. One that was removed or
    /// replaced takes everything as before, until it is closed and gone. So nothing more is asked of it; the
    /// connections stay, since it may be put back, and since nobody else has what is in it.
    pub(crate) fn check_place(&self) -> Result<(), ConnectError> {
        let path = || self.path.as_path().to_owned();
        let is_file = |opened| FileId::at(self.path.as_path()).as_ref() == Some(opened);
        if !self.opened.get().is_none_or(is_file) {
            return Err(ConnectError::SqliteMoved { path: path() });
        }
        // SQLite itself removes it with the last connection.
        let is_open = self.n_open.load(Ordering::Relaxed) > 0;
        if is_open && self.wal().as_ref().is_some_and(Wal::is_removed) {
            return Err(ConnectError::SqliteWalRemoved { path: path() });
        }
        Ok(())
    }

    fn wal(&self) -> MutexGuard<'_, Option<Wal>> {
        self.wal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is in a removed `-wal` to the file itself, which a connection does that has both open: a
    /// restart then loses nothing.
    pub(crate) async fn write_back(connection: &mut SqliteConnection) {
        // Whoever is refused next tries it again.
        let _ = connection.batch_execute("PRAGMA wal_checkpoint").await;
    }
}

/// One of those who wait, or are open, until it is dropped.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(number: &Arc<AtomicUsize>) -> Self {
        number.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(number))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Closes a connection that was given up. The turn of one who writes is over when its thread is done: what waits for
/// the file's lock does so to its end.
pub(crate) fn close_when_done(
    mut connection: SqliteConnection,
    turn: Option<OwnedSemaphorePermit>,
) {
    let (Some(turn), Ok(runtime)) = (turn, Handle::try_current()) else { return };
    runtime.spawn(async move {
        // Whatever comes of it, nothing is under way any more.
        let _ = connection.spawn_blocking(|_| Ok(())).await;
        drop((connection, turn));
    });
}

/// Tells a file from others, whatever it is called.
#[derive(Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    fn at(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let found = std::fs::metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }

    /// Open files cannot be removed there.
    #[cfg(not(unix))]
    fn at(_: &Path) -> Option<Self> {
        None
    }
}

/// The `-wal` that open connections write to.
#[derive(Debug)]
struct Wal {
    path: PathBuf,
    file: FileId,
}

impl Wal {
    /// That of the database at this path, beside the file to which links lead.
    fn beside(database: &SqlitePath) -> Option<Self> {
        let mut path = std::fs::canonicalize(database.as_path()).ok()?.into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        FileId::at(&path).map(|file| Self { path, file })
    }

    /// Whether others find another file in its place, or none.
    fn is_removed(&self) -> bool {
        FileId::at(&self.path).as_ref() != Some(&self.file)
    }
}

impl Manager for SqliteManager {
    type Type = SqliteConnection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        self.open_in(&self.room).await
    }

    // A connection whose transaction was left open never comes back: see `Transaction`.
    async fn recycle(&self, _: &mut Self::Type, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}

/// Makes the directory of the file; the file itself is made by opening it.
pub(crate) fn create_directory(path: &SqlitePath) -> Result<(), ConnectError> {
    let Some(directory) = path.as_path().parent().filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(directory).map_err(|source| ConnectError::SqliteDirectory {
        path: directory.to_owned(),
        source: source.into(),
    })
}

/// Opens the file, makes it when it is missing, and sets it up.
pub(crate) fn open(
    path: &SqlitePath,
    busy_timeout: Duration,
) -> Result<diesel::SqliteConnection, ConnectError> {
    let mut connection = diesel::SqliteConnection::establish(path.as_str())
        .map_err(|error| open_error(path, &error.to_string()))?;
    // The busy time-out comes first: switching to WAL takes a lock, and parallel openers would
    // get "database is locked" at once.
    let pragmas = format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
         PRAGMA foreign_keys = ON;",
        busy_timeout.as_millis()
    );
    connection.batch_execute(&pragmas).map_err(|error| open_error(path, &error.to_string()))?;
    Ok(connection)
}

fn open_error(path: &SqlitePath, reason: &str) -> ConnectError {
    let path = path.as_path().to_owned();
    if reason.contains("readonly database") {
        ConnectError::SqliteReadOnly { path }
    } else if reason.contains("disk is full") || reason.contains("disk I/O error") {
        ConnectError::SqliteDisk { path, reason: reason.to_owned() }
    } else {
        ConnectError::SqliteOpen { path, reason: reason.to_owned() }
    }
}
