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

    /// Moves it to `to`, where it stays. A file that is there is replaced. It is copied where `to` is on
    /// another disk.
    ///
    /// # Errors
    ///
    /// Whatever moving it comes to, for example when the folder of `to` is not there; the file is gone
    /// then.
    pub async fn keep(mut self, to: impl Into<PathBuf>) -> io::Result<()> {
        let (from, to) = (self.path().to_owned(), to.into());
        let moved = blocking(move || match fs::rename(&from, &to) {
            Ok(()) => Ok(true),
            Err(_) => fs::copy(&from, &to).map(|_| false),
        });
        if moved.await? {
            self.path = None;
        }
        Ok(())
    }
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
        let room = opening.store.room_on_disk(opening.session, opening.entry.size());
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
    room: Room,
}

impl MemoryWriter {
    pub(super) fn open(opening: &Opening<'_>) -> Result<Self, CallbackError> {
        let room = opening.store.room_in_memory(opening.session, opening.entry.size());
        Ok(Self { bytes: BytesMut::new(), room: room.ok_or(UploadError::NoRoom)? })
    }
}

impl UploadWriter for MemoryWriter {
    type Output = InMemory;

    async fn write(&mut self, part: Bytes) -> Result {
        self.bytes.extend_from_slice(&part);
        Ok(())
    }

    async fn finish(self) -> Result<InMemory> {
        Ok(InMemory { bytes: self.bytes.freeze(), _room: self.room })
    }
}
