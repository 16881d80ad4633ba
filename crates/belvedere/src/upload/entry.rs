//! One chosen file, as a template shows it.

use std::fmt::{self, Display};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::UploadError;
use crate::wire::message::ClientFile;

/// Tells the entries of a page apart; travels in events: `Event::Cancel { entry: EntryId }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub(crate) u64);

impl Display for EntryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A chosen file, as it stands now.
///
/// Name, type and size are what the browser says. Never make a path of the name: it may be
/// `../../etc/passwd`.
#[derive(Clone, Debug)]
pub struct UploadEntry {
    pub(super) about: Arc<About>,
    pub(super) progress: u8,
    pub(super) is_done: bool,
    pub(super) error: Option<UploadError>,
}

/// What does not change of an entry.
#[derive(Debug)]
pub(super) struct About {
    /// Ref of the upload: the id of its input.
    pub(super) upload: Arc<str>,
    pub(super) file: ClientFile,
}

impl UploadEntry {
    /// What tells it from the others of the page.
    #[must_use]
    pub fn id(&self) -> EntryId {
        EntryId(self.about.file.entry)
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.file.name
    }

    /// Its size in bytes; as many have come when it is [done](Self::is_done).
    #[must_use]
    pub fn size(&self) -> u64 {
        self.about.file.size
    }

    /// What the browser takes it for, by its name: `image/png`; empty if it does not know. What it holds
    /// is said by [`Uploaded::media_type`](super::Uploaded::media_type).
    #[must_use]
    pub fn client_type(&self) -> &str {
        &self.about.file.content_type
    }

    /// Where it stood in a folder that was chosen as a whole (`webkitdirectory`); empty otherwise.
    #[must_use]
    pub fn relative_path(&self) -> &str {
        &self.about.file.relative_path
    }

    /// When it was changed last, in milliseconds from the Unix epoch.
    #[must_use]
    pub fn last_modified(&self) -> Option<i64> {
        self.about.file.last_modified
    }

    /// What a script of the page has said of it by its `meta()`, if that reads as a `T`.
    #[must_use]
    pub fn meta<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.about.file.meta.as_ref()?.get()).ok()
    }

    /// How much of it has come, from 0 to 100.
    #[must_use]
    pub fn progress(&self) -> u8 {
        self.progress
    }

    /// Whether all of it is here, and waits to be taken.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Why it is not taken. It stays until it is cancelled, and its form is not sent before.
    #[must_use]
    pub fn error(&self) -> Option<&UploadError> {
        self.error.as_ref()
    }
}

impl UploadEntry {
    /// One of which nothing has come.
    pub(super) fn chosen(about: &Arc<About>) -> Self {
        Self { about: Arc::clone(about), progress: 0, is_done: false, error: None }
    }
}
