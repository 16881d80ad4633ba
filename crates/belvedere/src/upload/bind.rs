//! What `field=(…)` on an `input type="file"` and `preview=(…)` on an `img` take.

use std::sync::Arc;

use super::slot::{self, Slot};
use super::state::Refs;
use super::{EntryId, Upload, UploadEntry};

/// What `field=(…)` takes on an `input type="file"`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no upload",
    label = "`field=(…)` takes an `Upload` on an `input` of type `file`",
    note = "such as `field=(self.photos)`, which the view has from `Upload::new(…)`"
)]
pub trait AsUpload {
    /// What the macro writes the attributes from.
    fn input(&self) -> FileInput;
}

impl<T: Send + 'static> AsUpload for Upload<T> {
    fn input(&self) -> FileInput {
        let slot = Arc::clone(&self.0) as Arc<dyn Slot>;
        slot::note(&slot);
        FileInput(slot)
    }
}

impl<T: AsUpload> AsUpload for &T {
    fn input(&self) -> FileInput {
        T::input(self)
    }
}

/// The value of `field=(…)` on an `input type="file"`.
pub fn file<T: AsUpload>(value: &T) -> FileInput {
    value.input()
}

/// The input of an upload, for the methods that the macro calls.
pub struct FileInput(Arc<dyn Slot>);

impl FileInput {
    /// The ref of the upload, which is the id of its input as well.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.reference()
    }

    /// The name of the upload.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Which types the browser's dialogue offers; `None` for any.
    #[must_use]
    pub fn accept(&self) -> Option<String> {
        self.0.options().accept.attribute()
    }

    /// Whether several may be chosen.
    #[must_use]
    pub fn is_multiple(&self) -> bool {
        self.0.options().max_entries > 1
    }

    /// Whether files are sent as soon as they are chosen.
    #[must_use]
    pub fn is_auto(&self) -> bool {
        self.0.options().auto
    }

    /// Refs of all entries.
    #[must_use]
    pub fn active(&self) -> String {
        self.0.refs(Refs::Active)
    }

    /// Refs of those that are, or were, sent.
    #[must_use]
    pub fn preflighted(&self) -> String {
        self.0.refs(Refs::Preflighted)
    }

    /// Refs of those that are here.
    #[must_use]
    pub fn done(&self) -> String {
        self.0.refs(Refs::Done)
    }

    /// Refs of those that keep the form from being sent.
    #[must_use]
    pub fn failed(&self) -> String {
        self.0.refs(Refs::Failed)
    }

    /// The value of `aria-invalid`.
    #[must_use]
    pub fn invalid(&self) -> &'static str {
        if self.failed().is_empty() { "false" } else { "true" }
    }
}

impl std::fmt::Debug for FileInput {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("FileInput").field(&self.id()).finish()
    }
}

/// The value of `preview=(…)` on an `img`.
#[must_use]
pub fn preview(entry: &UploadEntry) -> Preview<'_> {
    Preview(entry)
}

/// The picture of an entry, for the methods that the macro calls.
#[derive(Debug)]
pub struct Preview<'a>(&'a UploadEntry);

impl Preview<'_> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.upload(), self.entry())
    }

    /// The ref of the upload.
    #[must_use]
    pub fn upload(&self) -> &str {
        &self.0.about.upload
    }

    /// The ref of the entry.
    #[must_use]
    pub fn entry(&self) -> EntryId {
        self.0.id()
    }
}
