//! What takes a file as it comes: a temporary file, memory, anything that bytes can be written to.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tracing::Span;

use super::budget::Sender;
use super::store::UploadStore;
use super::{UploadEntry, UploadError};
use crate::error::{CallbackError, Result};

/// Takes one file as it comes, and says what is left of it when all of it is here.
///
/// There is one for each file, made when its beginning has come. While it writes a part the browser sends
/// the next one, and no further, so a slow writer makes it wait rather than fill memory; one that takes
/// longer than 20 s for a part fails, and so does one that takes as long to be made. An error, or a panic,
/// of either fails this file alone: the page shows
/// [`UploadError::Failed`](super::UploadError::Failed), or, if that is what is returned, the
/// [`UploadError`](super::UploadError) itself.
///
/// A file that is cancelled, or whose page is left, drops its writer at whichever `.await` it stands:
/// what it has written until then is for its `Drop` to take away.
///
/// ```
/// use belvedere::upload::{Upload, UploadError, UploadOptions, UploadWriter};
/// use belvedere::Result;
/// use bytes::Bytes;
///
/// /// Counts lines, and keeps nothing.
/// #[derive(Default)]
/// struct Lines(usize);
///
/// impl UploadWriter for Lines {
///     type Output = usize;
///
///     async fn write(&mut self, part: Bytes) -> Result {
///         self.0 += part.iter().filter(|byte| **byte == b'\n').count();
///         if self.0 > 1_000_000 {
///             return Err(UploadError::refused("A million lines are enough.").into());
///         }
///         Ok(())
///     }
///
///     async fn finish(self) -> Result<usize> {
///         Ok(self.0)
///     }
/// }
///
/// let lists = Upload::with_writer("lists", UploadOptions::default(), |_| Lines::default());
/// # assert_eq!(lists.entries().len(), 0);
/// ```
pub trait UploadWriter: Send + 'static {
    /// What is left of a file that has come as a whole: [`Upload::consume`](super::Upload::consume)
    /// gives it to the view.
    type Output: Send + 'static;

    /// Takes the next part, at most
    /// [`max_frame_bytes`](crate::LiveConfig::max_frame_bytes) (256 KiB) and the 8 KiB by which the
    /// file's type is recognised.
    ///
    /// # Errors
    ///
    /// Any error fails the upload of this file.
    fn write(&mut self, part: Bytes) -> impl Future<Output = Result> + Send;

    /// All of the file has been written.
    ///
    /// # Errors
    ///
    /// Any error fails the upload of this file.
    fn finish(self) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Writes a file into anything that bytes can be written to, such as a process or a connection, which
/// is flushed and shut down at its end, and then given to the view.
#[derive(Debug)]
pub struct WriteInto<W>(pub W);

impl<W: AsyncWrite + Send + Unpin + 'static> UploadWriter for WriteInto<W> {
    type Output = W;

    async fn write(&mut self, part: Bytes) -> Result {
        Ok(self.0.write_all(&part).await?)
    }

    async fn finish(mut self) -> Result<W> {
        self.0.shutdown().await?;
        Ok(self.0)
    }
}

/// What is left of a file, as soon as all of it is here.
pub(super) type Left<T> = Arc<Mutex<Option<T>>>;

/// Takes what is left.
pub(super) fn lock<T>(left: &Left<T>) -> MutexGuard<'_, Option<T>> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a writer comes to.
pub(super) type Writing<'a> = Pin<Box<dyn Future<Output = Result> + Send + 'a>>;

/// A writer of any type.
pub(super) trait Sink: Send {
    fn write(&mut self, part: Bytes) -> Writing<'_>;
    fn finish(self: Box<Self>) -> Writing<'static>;
}

/// A writer, and where what it leaves is put.
pub(super) struct IntoLeft<W: UploadWriter> {
    pub(super) writer: W,
    pub(super) left: Left<W::Output>,
}

impl<W: UploadWriter> Sink for IntoLeft<W> {
    fn write(&mut self, part: Bytes) -> Writing<'_> {
        Box::pin(self.writer.write(part))
    }

    fn finish(self: Box<Self>) -> Writing<'static> {
        Box::pin(async move {
            let Self { writer, left } = *self;
            let output = writer.finish().await?;
            *lock(&left) = Some(output);
            Ok(())
        })
    }
}

/// Makes a writer of the application.
pub(super) type Maker<W> = Arc<dyn Fn(&UploadEntry) -> W + Send + Sync>;

/// A writer of the application: made with the first part of its file, in a thread where that may block,
/// so that its socket does not wait.
pub(super) struct MadeLater<W> {
    make: Option<(Maker<W>, UploadEntry)>,
    writer: Option<W>,
}

impl<W> MadeLater<W> {
    pub(super) fn new(make: &Maker<W>, entry: &UploadEntry) -> Self {
        Self { make: Some((Arc::clone(make), entry.clone())), writer: None }
    }
}

impl<W: UploadWriter> UploadWriter for MadeLater<W> {
    type Output = W::Output;

    async fn write(&mut self, part: Bytes) -> Result {
        if let Some((make, entry)) = self.make.take() {
            let span = Span::current();
            let made = spawn_blocking(move || span.in_scope(|| make(&entry)));
            self.writer = Some(made.await?);
        }
        match &mut self.writer {
            Some(writer) => writer.write(part).await,
            None => Err("its writer was not made".into()),
        }
    }

    async fn finish(self) -> Result<W::Output> {
        self.writer.ok_or(UploadError::Empty)?.finish().await
    }
}

/// For whom a writer is made.
pub(super) struct Opening<'a> {
    pub(super) entry: UploadEntry,
    pub(super) store: &'a Arc<UploadStore>,
    pub(super) sender: Sender,
}

/// Makes the writer of an entry, which puts what it leaves where it is told.
pub(super) type Factory<T> =
    Arc<dyn Fn(Opening<'_>, Left<T>) -> Result<Box<dyn Sink>, CallbackError> + Send + Sync>;
