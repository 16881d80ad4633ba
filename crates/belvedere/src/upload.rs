//! Files that visitors send: chosen in a form, written as they come, taken by the view.
//!
#![doc = include_str!("docs/uploads.md")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::container::random_id;
use crate::error::{CallbackError, Result};

mod accept;
pub(crate) mod bind;
pub(crate) mod budget;
pub(crate) mod channel;
mod chosen;
mod entry;
mod error;
mod external;
pub(crate) mod grants;
mod options;
pub(crate) mod slot;
pub(crate) mod state;
pub(crate) mod store;
pub(crate) mod task;
mod temp_file;
pub(crate) mod transfer;
mod writer;

pub use accept::Accept;
pub use entry::{EntryId, UploadEntry};
pub use error::{StillUploading, UploadError};
pub use external::ExternalUpload;
pub use options::UploadOptions;
pub use temp_file::{InMemory, TempFile};
pub use writer::{UploadWriter, WriteInto};

use state::State;
use temp_file::{MemoryWriter, TempFileWriter};
use writer::{Factory, IntoLeft, MadeLater, Maker};

/// Files of one input: a view, or a component, keeps it as a field and shows its input.
///
/// `T` is what becomes of a file: [`TempFile`] unless it says otherwise. Whatever has been sent and not
/// been taken goes when this is dropped, when an entry is cancelled, and when the connection is lost.
///
/// ```
/// use belvedere::live;
/// use belvedere::template::Render;
/// use belvedere::upload::{Accept, Upload, UploadOptions};
///
/// struct Album { photos: Upload }
///
/// let options = UploadOptions {
///     max_entries: 3,
///     accept: Accept::only([".png", "image/jpeg"]),
///     ..UploadOptions::default()
/// };
/// let album = Album { photos: Upload::new("photos", options) };
/// let page = live! {
///     label for=(album.photos.id()) { "Photos" }
///     input type="file" field=(album.photos);
///     @for entry in album.photos.entries() {
///         p key=(entry.id()) { (entry.name()) " " (entry.progress()) "%" }
///     }
/// };
/// # assert!(belvedere::template::to_html(&page).contains(r#"accept=".png,image/jpeg" multiple"#));
/// ```
pub struct Upload<T = TempFile>(pub(crate) Arc<Shared<T>>);

/// What an [`Upload`] shares with the runtime, which holds it by a weak reference.
pub(crate) struct Shared<T> {
    /// Random; the id of the input.
    reference: Arc<str>,
    name: &'static str,
    options: Arc<UploadOptions>,
    source: Source<T>,
    check: Option<Check>,
    state: Mutex<State<T>>,
}

type Check = Box<dyn Fn(&UploadEntry) -> Result<(), UploadError> + Send + Sync>;

/// What signing comes to: the JSON for the page's script, and what the view is given at the end.
type Signed<T> = Pin<Box<dyn Future<Output = Result<(String, T), CallbackError>> + Send>>;

/// Where files go.
enum Source<T> {
    Here(Factory<T>),
    Elsewhere(Box<dyn Fn(UploadEntry) -> Signed<T> + Send + Sync>),
}

/// A file that is here as a whole, taken from its upload.
#[derive(Debug)]
#[non_exhaustive]
pub struct Uploaded<T = TempFile> {
    /// What the browser said of it.
    pub entry: UploadEntry,
    /// What it holds by its signature: `image/png`. `None` where it has none, such as text, and of one
    /// that was sent elsewhere.
    pub media_type: Option<&'static str>,
    /// What has become of it.
    pub file: T,
}

impl Upload {
    /// Of files that lie in the folder for uploads until the view has them. `name` is the input's.
    #[must_use]
    pub fn new(name: &'static str, options: UploadOptions) -> Self {
        Self::here(name, options, TempFileWriter::open)
    }
}

impl Upload<InMemory> {
    /// Of files that are kept in memory, for small ones.
    #[must_use]
    pub fn in_memory(name: &'static str, options: UploadOptions) -> Self {
        Self::here(name, options, MemoryWriter::open)
    }
}

impl<T: Send + 'static> Upload<T> {
    /// Of files that writers of the application take, which `writer` makes: one for each file, when its
    /// beginning has come and is of an accepted type. It may block for a moment, to open a file for
    /// example: it is called in a thread for blocking work.
    #[must_use]
    pub fn with_writer<W: UploadWriter<Output = T>>(
        name: &'static str,
        options: UploadOptions,
        writer: impl Fn(&UploadEntry) -> W + Send + Sync + 'static,
    ) -> Self {
        let make: Maker<W> = Arc::new(writer);
        Self::here(name, options, move |opening| Ok(MadeLater::new(&make, &opening.entry)))
    }

    fn here<W: UploadWriter<Output = T>>(
        name: &'static str,
        options: UploadOptions,
        open: impl Fn(&writer::Opening<'_>) -> Result<W, CallbackError> + Send + Sync + 'static,
    ) -> Self {
        let factory: Factory<T> =
            Arc::new(move |opening, left| Ok(Box::new(IntoLeft { writer: open(&opening)?, left })));
        Self::of(name, options, Source::Here(factory))
    }

    fn of(name: &'static str, options: UploadOptions, source: Source<T>) -> Self {
        Self(Arc::new(Shared {
            reference: random_id().into(),
            name,
            options: Arc::new(options),
            source,
            check: None,
            state: Mutex::default(),
        }))
    }

    /// With a check of the application's own, asked of each file when it is chosen, after those of the
    /// options. Whatever it returns stands at the entry.
    ///
    /// ```
    /// use belvedere::upload::{Upload, UploadError, UploadOptions};
    ///
    /// let scans = Upload::new("scans", UploadOptions::default()).with_check(|entry| {
    ///     match entry.name().contains("draft") {
    ///         true => Err(UploadError::refused("Drafts are not archived.")),
    ///         false => Ok(()),
    ///     }
    /// });
    /// # assert!(scans.entries().is_empty());
    /// ```
    ///
    /// # Panics
    ///
    /// When the upload was shown before.
    #[must_use]
    pub fn with_check(
        mut self,
        check: impl Fn(&UploadEntry) -> Result<(), UploadError> + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::get_mut(&mut self.0).expect("a check is set before the upload is shown");
        shared.check = Some(Box::new(check));
        self
    }

    /// The id of its input, for a `label for=(…)` and a `phx-drop-target=(…)`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.reference
    }

    /// The chosen files, in the order in which they were chosen.
    #[must_use]
    pub fn entries(&self) -> Vec<UploadEntry> {
        self.0.lock().shown()
    }

    /// One of them.
    #[must_use]
    pub fn entry(&self, id: EntryId) -> Option<UploadEntry> {
        self.0.lock().entry(id.0)
    }

    /// What is wrong with the selection as a whole: too many files. What is wrong with one of them is
    /// said by [`UploadEntry::error`].
    #[must_use]
    pub fn error(&self) -> Option<UploadError> {
        self.0.lock().error(&self.0.options)
    }

    /// Takes a file off the list, and ends its upload. Says whether it was there.
    pub fn cancel(&mut self, id: EntryId) -> bool {
        self.0.lock().cancel(&self.0.options, id)
    }

    /// Takes all files that are here. Those with an [error](UploadEntry::error) stay on the list.
    ///
    /// A form that is sent sends its files first, so all are here when its event is handled.
    ///
    /// # Errors
    ///
    /// [`StillUploading`] when one is still on its way, which only a browser does that was tampered with;
    /// nothing is taken then.
    pub fn consume(&mut self) -> Result<Vec<Uploaded<T>>, StillUploading> {
        self.0.lock().consume(&self.0.options)
    }

    /// Takes a file that [is here](UploadEntry::is_done): from
    /// [`handle_upload`](crate::LiveView::handle_upload), for example.
    pub fn take(&mut self, id: EntryId) -> Option<Uploaded<T>> {
        self.0.lock().take(&self.0.options, id)
    }

    /// Begins anew: cancels what is there, and forgets how many files were taken.
    pub fn reset(&mut self) {
        self.0.lock().reset();
    }
}

impl<T> Shared<T> {
    /// The view's task is the only one that locks it, and never while it waits.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Upload<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upload").field("name", &self.0.name).finish_non_exhaustive()
    }
}
