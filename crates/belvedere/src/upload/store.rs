//! Where files lie until they are taken: a folder of this process, and how much room there is.
//!
//! The folder is made with the first file, holds a file that the process has locked for as long as it
//! lives, and goes with the store or when the server stops. What a process that was killed has left is found
//! by a lock that nobody holds, and removed when the next one starts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::budget::{Budget, Room, Sender};
use crate::config::UploadLimits;

/// Begins the names of the folders of processes.
const PREFIX: &str = "belvedere-uploads-";

/// Locked while its process lives.
const LOCK: &str = "lock";

/// A folder that is younger may not be locked yet.
const YOUNG: Duration = Duration::from_secs(10);

/// Room for uploads; one per runtime.
#[derive(Debug)]
pub(crate) struct UploadStore {
    folder: PathBuf,
    own: Mutex<Option<Arc<OwnFolder>>>,
    on_disk: Arc<Budget>,
    in_memory: Arc<Budget>,
}

/// The folder of this process.
#[derive(Debug)]
pub(super) struct OwnFolder {
    pub(super) path: PathBuf,
    /// Unlocked when it is closed.
    _lock: File,
}

impl UploadStore {
    pub(crate) fn new(limits: &UploadLimits) -> Self {
        Self {
            folder: limits.folder.clone(),
            own: Mutex::default(),
            on_disk: Budget::new(limits.on_disk),
            in_memory: Budget::new(limits.in_memory),
        }
    }

    /// Takes room in the folder.
    pub(super) fn room_on_disk(&self, sender: Sender, bytes: u64) -> Option<Room> {
        self.on_disk.take(sender, bytes)
    }

    /// Takes room in memory.
    pub(super) fn room_in_memory(&self, sender: Sender, bytes: u64) -> Option<Room> {
        self.in_memory.take(sender, bytes)
    }

    /// The folder of this process. Blocks for a moment when it is the first to ask.
    pub(super) fn own_folder(&self) -> io::Result<Arc<OwnFolder>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        match &*own {
            Some(folder) if folder.path.is_dir() => Ok(Arc::clone(folder)),
            _ => Ok(Arc::clone(own.insert(Arc::new(OwnFolder::make(&self.folder)?)))),
        }
    }

    /// Leaves the folder, which goes with the last file in it.
    pub(crate) fn leave(&self) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Removes what processes have left that are no more. A folder that may be about to be locked is
    /// looked at once more, where there is a tokio runtime to wait in.
    pub(crate) fn sweep(&self) {
        match sweep(&self.folder) {
            Ok(young) if young.is_empty() => {}
            Ok(young) => {
                if let Ok(runtime) = Handle::try_current() {
                    runtime.spawn(sweep_again(young));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(
                folder = %self.folder.display(),
                %error,
                "cannot look for uploads that another process has left"
            ),
        }
    }
}

impl OwnFolder {
    fn make(parent: &Path) -> io::Result<Self> {
        let path = parent.join(format!("{PREFIX}{:032x}", rand::random::<u128>()));
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let lock = File::create_new(path.join(LOCK))?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(folder = %self.path.display(), %error, "a folder of uploads stays");
        }
    }
}

/// Removes folders that were left; returns those that may be about to be locked.
fn sweep(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut left, mut young) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        match age_of_lock(&entry.path()) {
            Some(age) if age > YOUNG => left.push(entry.path()),
            Some(_) => young.push(entry.path()),
            None => {}
        }
    }
    remove_left(&left);
    Ok(young)
}

/// Looks at folders once more that have been there for long enough by now, whatever their clocks said.
async fn sweep_again(young: Vec<PathBuf>) {
    sleep(YOUNG).await;
    spawn_blocking(move || remove_left(&young));
}

/// Removes those of the folders whose processes are no more.
fn remove_left(folders: &[PathBuf]) {
    let is_removed = |folder: &&PathBuf| {
        let lock = lock_of(folder).filter(|lock| lock.try_lock().is_ok());
        lock.is_some() && fs::remove_dir_all(folder).is_ok()
    };
    let n_folders = folders.iter().filter(is_removed).count();
    if n_folders > 0 {
        tracing::info!(
            n_folders,
            "removed uploads that a process has left which did not end by itself"
        );
    }
}

/// For how long the lock of a folder has been there, by the clock that it was made by.
fn age_of_lock(folder: &Path) -> Option<Duration> {
    let modified = lock_of(folder)?.metadata().and_then(|about| about.modified());
    Some(modified.ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default())
}

/// The lock of a folder; `None` of one that cannot be looked at.
fn lock_of(folder: &Path) -> Option<File> {
    let path = folder.join(LOCK);
    // Whoever may write beside it may have put a pipe there, which opening would wait for.
    fs::symlink_metadata(&path).ok().filter(|about| about.is_file())?;
    File::open(path).ok()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::config::LiveConfig;
    use crate::wire::token::SecretKeyBase;

    /// A store in a folder of its own.
    fn store() -> (PathBuf, UploadStore) {
        let folder = std::env::temp_dir().join(format!("belvedere-{:x}", rand::random::<u64>()));
        let limits = LiveConfig::new(SecretKeyBase::random()).uploads;
        (folder.clone(), UploadStore::new(&UploadLimits { folder, ..limits }))
    }

    fn n_folders(folder: &Path) -> usize {
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn a_folder_goes_with_its_store() {
        let (parent, store) = store();
        let first = store.own_folder().unwrap();
        assert_eq!(first.path, store.own_folder().unwrap().path);
        drop(store);
        assert_eq!(n_folders(&parent), 1, "a file may still lie there");
        drop(first);
        assert_eq!(n_folders(&parent), 0);
        fs::remove_dir(parent).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_lock_that_is_a_pipe_is_not_waited_for() {
        let (parent, store) = store();
        let left = parent.join(format!("{PREFIX}left"));
        fs::create_dir_all(&left).unwrap();
        let made = std::process::Command::new("mkfifo").arg(left.join(LOCK)).status().unwrap();
        assert!(made.success());
        store.sweep();
        assert!(left.exists(), "nobody knows whose it is");
        fs::remove_dir_all(parent).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_young_or_of_another_time_is_looked_at_once_more() {
        let (parent, store) = store();
        let alive = store.own_folder().unwrap();
        let left = ["young", "of tomorrow"].map(|name| parent.join(format!("{PREFIX}{name}")));
        for folder in &left {
            fs::create_dir(folder).unwrap();
            let lock = File::create_new(folder.join(LOCK)).unwrap();
            if folder.ends_with(format!("{PREFIX}of tomorrow")) {
                lock.set_modified(SystemTime::now() + 9000 * YOUNG).unwrap();
            }
        }
        store.sweep();
        assert!(left.iter().all(|folder| folder.exists()), "they may be about to be locked");
        for _ in 0..20 {
            sleep(Duration::from_secs(1)).await;
        }
        assert!(!left.iter().any(|folder| folder.exists()) && alive.path.exists());
        drop((store, alive));
        fs::remove_dir(parent).unwrap();
    }

    #[test]
    fn what_a_killed_process_has_left_is_removed_and_what_another_has_is_not() {
        let (parent, store) = store();
        let alive = store.own_folder().unwrap();
        let left = parent.join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join("file"), "x").unwrap();
        let old = |folder: &Path| {
            let lock = File::options().append(true).create(true).open(folder.join(LOCK)).unwrap();
            lock.set_modified(SystemTime::now() - 2 * YOUNG).unwrap();
        };
        store.sweep();
        assert!(left.exists(), "nobody knows whose it is");
        File::create_new(left.join(LOCK)).unwrap();
        store.sweep();
        assert!(left.exists(), "it is about to be locked");
        old(&left);
        old(&alive.path);
        store.sweep();
        assert!(!left.exists() && alive.path.exists());
        drop((store, alive));
        fs::remove_dir(parent).unwrap();
    }
}
