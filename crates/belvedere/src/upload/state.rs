//! The entries of one upload: which there are, what may be sent, what has come.

use std::sync::Arc;

use super::entry::{About, EntryId};
use super::transfer::Held;
use super::writer::{Left, lock};
use super::{StillUploading, UploadEntry, UploadError, UploadOptions, Uploaded, chosen};
use crate::wire::message::{ClientFile, Reported};

/// Entries beyond the most that there may be which are still listed, for the visitor to choose among.
const MAX_LISTED_BEYOND: usize = 20;

/// What is known of the chosen files. Owned by the view: its lock is only ever taken by its task.
pub(super) struct State<T> {
    entries: Vec<Entry<T>>,
    /// Taken, of an automatic upload.
    n_taken: usize,
    /// More were chosen than are listed.
    has_more: bool,
    /// The component whose form it is.
    pub(super) component: Option<u64>,
}

struct Entry<T> {
    about: Arc<About>,
    stage: Stage<T>,
    progress: u8,
    /// The view was told of its end.
    is_told: bool,
}

enum Stage<T> {
    Chosen,
    /// It is sent here.
    Granted {
        transfer: Held,
        left: Left<T>,
    },
    /// It is sent elsewhere.
    Elsewhere {
        left: T,
    },
    Done {
        transfer: Option<Held>,
        left: Left<T>,
    },
    Failed {
        error: UploadError,
        was_granted: bool,
        /// Its topic is open until it goes: the client, which may have been let to send another part, is
        /// told there that it has failed.
        _transfer: Option<Held>,
    },
}

/// What a request to send comes to.
pub(crate) enum Asked {
    /// Nothing may be sent, for these reasons; the first are refs.
    Refused(Vec<(String, &'static str)>),
    Wanted {
        entries: Vec<UploadEntry>,
        errors: Vec<(u64, &'static str)>,
    },
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), n_taken: 0, has_more: false, component: None }
    }
}

impl<T> State<T> {
    /// The browser says which files are chosen. Those that are known stay as they are.
    pub(super) fn announce(
        &mut self,
        upload: &Arc<str>,
        options: &UploadOptions,
        files: Vec<ClientFile>,
        check: impl Fn(&UploadEntry) -> Result<(), UploadError>,
    ) {
        let is_new = |file: &ClientFile| self.find(file.entry).is_none();
        if options.max_entries == 1 && files.iter().any(is_new) {
            // Another file takes the place of the one before.
            self.entries.retain(|own| files.iter().any(|file| file.entry == own.id()));
            self.has_more = false;
        }
        for mut file in files {
            if self.find(file.entry).is_some() {
                continue;
            }
            if self.entries.len() >= options.max_entries.saturating_add(MAX_LISTED_BEYOND) {
                self.has_more = true;
                break;
            }
            let measured = chosen::measure(&mut file);
            let about = Arc::new(About { upload: Arc::clone(upload), file });
            let checked = measured
                .and_then(|()| chosen::validate(&about.file, options))
                .and_then(|()| check(&UploadEntry::chosen(&about)));
            let stage = match checked {
                Ok(()) => Stage::Chosen,
                Err(error) => Stage::failed(error, false),
            };
            self.entries.push(Entry { about, stage, progress: 0, is_told: true });
        }
    }

    /// The browser asks to send these.
    pub(super) fn ask(&self, upload: &str, options: &UploadOptions, asked: &[u64]) -> Asked {
        let error = self.error(options);
        if !options.auto && (error.is_some() || self.entries.iter().any(Entry::has_failed)) {
            let of_upload = error.map(|error| (upload.to_owned(), error.reason()));
            let of_entries = self.entries.iter().filter_map(|entry| {
                entry.error().map(|error| (entry.id().to_string(), error.reason()))
            });
            return Asked::Refused(of_entries.chain(of_upload).collect());
        }
        let mut n_free = self.n_free(options);
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for entry in self.entries.iter().filter(|entry| asked.contains(&entry.id())) {
            match &entry.stage {
                Stage::Chosen if n_free > 0 => {
                    n_free -= 1;
                    entries.push(entry.shown());
                }
                Stage::Failed { error, .. } => errors.push((entry.id(), error.reason())),
                _ => {}
            }
        }
        Asked::Wanted { entries, errors }
    }

    /// How many more may be sent.
    fn n_free(&self, options: &UploadOptions) -> usize {
        let n_sent = self.entries.iter().filter(|entry| entry.is_sent()).count();
        options.max_entries.saturating_sub(self.n_taken + n_sent)
    }

    /// How many come, or are about to.
    pub(super) fn n_coming(&self) -> usize {
        self.entries.iter().filter(|entry| entry.is_coming()).count()
    }

    /// An entry is sent here from now on.
    pub(super) fn grant(&mut self, entry: u64, transfer: Held, left: Left<T>) {
        if let Some(entry) = self.find_mut(entry) {
            entry.stage = Stage::Granted { transfer, left };
            entry.is_told = false;
        }
    }

    /// An entry is sent elsewhere from now on.
    pub(super) fn send_elsewhere(&mut self, entry: u64, left: T) {
        if let Some(entry) = self.find_mut(entry) {
            entry.stage = Stage::Elsewhere { left };
            entry.is_told = false;
        }
    }

    /// An entry cannot be sent.
    pub(super) fn refuse(&mut self, entry: u64, error: UploadError) {
        if let Some(entry) = self.find_mut(entry) {
            let was_granted = entry.is_preflighted();
            entry.stage = Stage::failed(error, was_granted);
        }
    }

    /// An entry that was granted is as it was before.
    pub(super) fn ungrant(&mut self, entry: u64) {
        if let Some(entry) = self.find_mut(entry).filter(|entry| entry.is_sent()) {
            entry.stage = Stage::Chosen;
            entry.is_told = true;
        }
    }

    /// The browser says how far an entry has come. What is sent here is known better; of that only the
    /// end counts, which the browser says once it has heard that all of it is here.
    pub(super) fn progress(&mut self, entry: u64, reported: Reported) {
        let Some(entry) = self.find_mut(entry) else { return };
        let stage = std::mem::replace(&mut entry.stage, Stage::Chosen);
        entry.stage = match (stage, reported) {
            (Stage::Granted { transfer, left }, Reported::Percent(percent)) => {
                let is_received = transfer.0.is_received();
                if percent == 100 && is_received {
                    entry.progress = 100;
                    Stage::Done { transfer: Some(transfer), left }
                } else {
                    let most = if is_received { 100 } else { 99 };
                    entry.progress = entry.progress.max(transfer.0.percent().min(most));
                    Stage::Granted { transfer, left }
                }
            }
            (Stage::Granted { transfer, .. }, Reported::Failed) => {
                let error = transfer.0.failure().unwrap_or(UploadError::Interrupted);
                Stage::failed(error, true)
            }
            (Stage::Elsewhere { left }, Reported::Percent(100)) => {
                entry.progress = 100;
                Stage::Done { transfer: None, left: Left::new(Some(left).into()) }
            }
            (stage @ Stage::Elsewhere { .. }, Reported::Percent(percent)) => {
                entry.progress = entry.progress.max(percent);
                stage
            }
            (Stage::Elsewhere { .. }, Reported::Failed) => {
                Stage::failed(UploadError::NotSent, true)
            }
            (stage, _) => stage,
        };
    }

    /// Notes which have failed, and returns those whose end the view was not told.
    pub(super) fn take_ended(&mut self) -> Vec<UploadEntry> {
        let mut ended = Vec::new();
        for entry in &mut self.entries {
            if let Some(error) = entry.failure() {
                let _transfer = match std::mem::replace(&mut entry.stage, Stage::Chosen) {
                    Stage::Granted { transfer, .. } => Some(transfer),
                    _ => None,
                };
                entry.stage = Stage::Failed { error, was_granted: true, _transfer };
                entry.is_told = false;
            }
            if !entry.is_told && matches!(entry.stage, Stage::Done { .. } | Stage::Failed { .. }) {
                entry.is_told = true;
                ended.push(entry.shown());
            }
        }
        ended
    }

    pub(super) fn cancel(&mut self, options: &UploadOptions, entry: EntryId) -> bool {
        let n_before = self.entries.len();
        self.entries.retain(|own| own.id() != entry.0);
        self.fits(options);
        self.entries.len() < n_before
    }

    /// The browser has nothing of all this any more.
    pub(super) fn forget_entries(&mut self) {
        self.entries.clear();
        self.has_more = false;
    }

    pub(super) fn reset(&mut self) {
        self.forget_entries();
        self.n_taken = 0;
    }

    /// One that is done.
    pub(super) fn take(&mut self, options: &UploadOptions, id: EntryId) -> Option<Uploaded<T>> {
        let index = self.entries.iter().position(|entry| entry.id() == id.0 && entry.is_done())?;
        let entry = self.entries.remove(index);
        let shown = entry.shown();
        let Stage::Done { transfer, left } = entry.stage else { return None };
        let file = lock(&left).take()?;
        if options.auto && options.max_entries > 1 {
            self.n_taken += 1;
        }
        self.fits(options);
        let media_type = transfer.and_then(|held| held.0.media_type.get().copied().flatten());
        Some(Uploaded { entry: shown, media_type, file })
    }

    /// All that are done, unless one is still on its way.
    pub(super) fn consume(
        &mut self,
        options: &UploadOptions,
    ) -> Result<Vec<Uploaded<T>>, StillUploading> {
        let is_on_its_way = |entry: &Entry<T>| {
            matches!(entry.stage, Stage::Chosen | Stage::Granted { .. } | Stage::Elsewhere { .. })
        };
        if self.entries.iter().any(is_on_its_way) {
            return Err(StillUploading);
        }
        let done = self.entries.iter().filter(|entry| entry.is_done());
        let done: Vec<_> = done.map(|entry| EntryId(entry.id())).collect();
        Ok(done.into_iter().filter_map(|id| self.take(options, id)).collect())
    }

    /// Notes whether the entries are few enough; the browser has forgotten those that are not listed.
    fn fits(&mut self, options: &UploadOptions) {
        self.has_more &= self.n_taken + self.entries.len() > options.max_entries;
    }

    /// What is wrong with the selection as a whole.
    pub(super) fn error(&self, options: &UploadOptions) -> Option<UploadError> {
        let UploadOptions { max_entries, .. } = *options;
        let is_beyond = self.has_more || self.n_taken + self.entries.len() > max_entries;
        is_beyond.then_some(UploadError::TooManyFiles { max_entries })
    }

    pub(super) fn shown(&self) -> Vec<UploadEntry> {
        self.entries.iter().map(Entry::shown).collect()
    }

    pub(super) fn entry(&self, entry: u64) -> Option<UploadEntry> {
        self.find(entry).map(Entry::shown)
    }

    /// Refs of the entries, in their order.
    pub(super) fn refs(&self, which: Refs) -> String {
        let is_meant = |entry: &&Entry<T>| match which {
            Refs::Active => true,
            Refs::Preflighted => entry.is_preflighted(),
            Refs::Done => entry.is_done(),
            Refs::Failed => entry.has_failed(),
        };
        let refs = self.entries.iter().filter(is_meant).map(|entry| entry.id().to_string());
        refs.collect::<Vec<_>>().join(",")
    }

    fn find(&self, entry: u64) -> Option<&Entry<T>> {
        self.entries.iter().find(|own| own.id() == entry)
    }

    fn find_mut(&mut self, entry: u64) -> Option<&mut Entry<T>> {
        self.entries.iter_mut().find(|own| own.id() == entry)
    }
}

/// Which entries a list of refs has.
#[derive(Clone, Copy)]
pub(crate) enum Refs {
    Active,
    Preflighted,
    Done,
    Failed,
}

impl<T> Stage<T> {
    /// Of which nothing comes any more.
    const fn failed(error: UploadError, was_granted: bool) -> Self {
        Self::Failed { error, was_granted, _transfer: None }
    }
}

impl<T> Entry<T> {
    fn id(&self) -> u64 {
        self.about.file.entry
    }

    fn shown(&self) -> UploadEntry {
        let (about, error) = (Arc::clone(&self.about), self.error().cloned());
        UploadEntry { about, progress: self.progress, is_done: self.is_done(), error }
    }

    fn error(&self) -> Option<&UploadError> {
        match &self.stage {
            Stage::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done { .. })
    }

    fn has_failed(&self) -> bool {
        self.error().is_some()
    }

    /// Why it goes no further, of one that does not know it yet.
    fn failure(&self) -> Option<UploadError> {
        match &self.stage {
            Stage::Granted { transfer, .. } | Stage::Done { transfer: Some(transfer), .. } => {
                transfer.0.failure()
            }
            _ => None,
        }
    }

    /// Whether it comes, or is about to.
    fn is_coming(&self) -> bool {
        matches!(&self.stage, Stage::Granted { transfer, .. } if !transfer.0.is_received())
    }

    /// Whether it takes one of the places that there are.
    fn is_sent(&self) -> bool {
        matches!(self.stage, Stage::Granted { .. } | Stage::Elsewhere { .. } | Stage::Done { .. })
    }

    fn is_preflighted(&self) -> bool {
        self.is_sent() || matches!(self.stage, Stage::Failed { was_granted: true, .. })
    }
}
