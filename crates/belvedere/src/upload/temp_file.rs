//! [`TempFile`] and [`InMemory`]: where files lie that no writer of the application takes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::task::spawn_blocking;

use super::UploadError;
use super::budget::Room;
use super::store::{OwnFolder, UploadStore};
use super::writer::{Opening, UploadWriter};
use crate::error::{CallbackError, Result};

/// A file that lies in the folder for uploads ([`UploadLimits`](crate::UploadLimits)), and is removed
/// when this is dropped.
#[derive(Debug)]
pub struct TempFile {
    /// Absent once it lies elsewhere.
    path: Option<PathBuf>,
    _room: Room,
    /// Not removed before its files.
    _folder: Arc<OwnFolder>,
}

impl TempFile {
    /// Where it lies.
    ///
    /// # Panics
    ///
    /// Never: only [`keep`](Self::keep), which takes the value, moves it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.path.as_deref().expect("it lies there until it is kept")
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// Whatever reading it comes to.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        let path = self.path().to_owned();
        blocking(move || fs::read(path).map(Bytes::from)).await
    }

    /// Moves it to `to`, where it stays, and where only the user of this process may read it. A file that
    /// is there is replaced, by all of this one or not at all. It is copied where `to` is on another disk.
    ///
    /// # Errors
    ///
    /// Whatever moving it comes to, for example when the folder of `to` is not there; the file is gone
    /// then, and what was at `to` is still there.
    pub async fn keep(mut self, to: impl Into<PathBuf>) -> io::Result<()> {
        let (from, to) = (self.path().to_owned(), to.into());
        let moved = blocking(move || match fs::rename(&from, &to) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                copy(&from, &to).map(|()| false)
            }
            Err(error) => Err(error),
        });
        if moved.await? {
            self.path = None;
        }
        Ok(())
    }
}

/// Copies a file to `to`, which has all of it or nothing.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:032x}", rand::random::<u128>()));
    let beside = to.with_file_name(name);
    let copied = fs::copy(from, &beside).and_then(|_| fs::rename(&beside, to));
    if copied.is_err() {
        // What was copied of it, if anything.
        let _ = fs::remove_file(&beside);
    }
    copied
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let Some(path) = &self.path else { return };
        if let Err(error) = fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "an upload cannot be removed");
        }
    }
}

/// Writes into a temporary file, in a thread for blocking work.
pub(super) struct TempFileWriter {
    room: Option<Room>,
    store: Arc<UploadStore>,
    /// Made with the first part; the file is elsewhere while that is written.
    temp: Option<TempFile>,
    file: Option<File>,
}

impl TempFileWriter {
    pub(super) fn open(opening: &Opening<'_>) -> Result<Self, CallbackError> {
        let room = opening.store.room_on_disk(opening.sender, opening.entry.size());
        let room = Some(room.ok_or(UploadError::NoRoom)?);
        Ok(Self { room, store: Arc::clone(opening.store), temp: None, file: None })
    }
}

impl UploadWriter for TempFileWriter {
    type Output = TempFile;

    async fn write(&mut self, part: Bytes) -> Result {
        if let Some(room) = self.room.take() {
            let store = Arc::clone(&self.store);
            let (temp, file) = blocking(move || create(&store, room)).await?;
            (self.temp, self.file) = (Some(temp), Some(file));
        }
        let Some(mut file) = self.file.take() else {
            return Err(io::Error::other("a part was not written").into());
        };
        let written = blocking(move || file.write_all(&part).map(|()| file));
        self.file = Some(written.await?);
        Ok(())
    }

    async fn finish(self) -> Result<TempFile> {
        Ok(self.temp.ok_or(UploadError::Empty)?)
    }
}

fn create(store: &UploadStore, room: Room) -> io::Result<(TempFile, File)> {
    let folder = store.own_folder()?;
    let path = folder.path.join(format!("{:032x}", rand::random::<u128>()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    Ok((TempFile { path: Some(path), _room: room, _folder: folder }, file))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A file that lies in memory.
#[derive(Debug)]
pub struct InMemory {
    bytes: Bytes,
    _room: Room,
}

impl InMemory {
    /// All of it.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Collects a file in memory.
pub(super) struct MemoryWriter {
    bytes: BytesMut,
    /// How many there will be.
    size: usize,
    room: Room,
}

impl MemoryWriter {
    pub(super) fn open(opening: &Opening<'_>) -> Result<Self, CallbackError> {
        let room = opening.store.room_in_memory(opening.sender, opening.entry.size());
        let room = room.ok_or(UploadError::NoRoom)?;
        let size = usize::try_from(opening.entry.size())?;
        Ok(Self { bytes: BytesMut::new(), size, room })
    }
}

impl UploadWriter for MemoryWriter {
    type Output = InMemory;

    async fn write(&mut self, part: Bytes) -> Result {
        if self.bytes.is_empty() {
            // As much as there is room for, and never more, as growing would take.
            self.bytes.reserve(self.size);
        }
        self.bytes.extend_from_slice(&part);
        Ok(())
    }

    async fn finish(self) -> Result<InMemory> {
        Ok(InMemory { bytes: self.bytes.freeze(), _room: self.room })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_in_memory_takes_no_more_than_it_has() {
        let (total, per_session, per_address) = (100_000, 100_000, 100_000);
        let limit = crate::config::UploadLimit { total, per_session, per_address };
        let sender = super::super::budget::Sender::default();
        let room = super::super::budget::Budget::new(limit).take(sender, 100_000).unwrap();
        let mut writer = MemoryWriter { bytes: BytesMut::new(), size: 100_000, room };
        for _ in 0..10 {
            writer.write(Bytes::from(vec![b'x'; 10_000])).await.unwrap();
        }
        let file = writer.finish().await.unwrap();
        assert_eq!(file.bytes.try_into_mut().unwrap().capacity(), 100_000);
    }

    #[test]
    fn a_copy_is_there_as_a_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("copy-{:x}", rand::random::<u64>()));
        fs::create_dir_all(folder.join("taken/by a folder")).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"new");
        copy(&from, &folder.join("taken")).unwrap_err();
        copy(&folder.join("nothing"), &to).unwrap_err();
        assert_eq!(fs::read(&to).unwrap(), b"new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "nothing is left beside them");
        fs::remove_dir_all(folder).unwrap();
    }
}
