//! A page with two uploads: of files that a writer takes, and of files in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use belvedere::testing::TestApp;
use belvedere::upload::UploadWriter;
use belvedere::upload::{EntryId, InMemory, Upload, UploadEntry, UploadError, UploadOptions};
use belvedere::{
    LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Socket, UploadLimit, UploadLimits, live,
};
use bytes::Bytes;

use super::model::{
    CHUNK_TIMEOUT, Kind, MAX_COMING, MAX_ENTRIES, MAX_FILE_BYTES, MAX_FRAME_BYTES, REFUSED_BEYOND,
};

/// Upload, ref and content of a file.
pub(super) type Taken = (usize, u64, Vec<u8>);

#[derive(Clone, Default)]
struct Shared {
    /// Refs of the uploads.
    uploads: Arc<Mutex<Vec<String>>>,
    /// What the page lists; read here, since to parse the page takes longer than all else.
    shown: Arc<Mutex<Vec<String>>>,
    taken: Arc<Mutex<Vec<Taken>>>,
    n_writers: Arc<AtomicUsize>,
}

/// An application with the page.
pub(super) struct Place {
    pub(super) app: TestApp,
    shared: Shared,
}

impl Place {
    pub(super) fn new() -> Self {
        let secret = SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes");
        let n_bytes = MAX_FILE_BYTES;
        let room = UploadLimit { total: n_bytes, per_session: n_bytes, per_address: n_bytes };
        let live = LiveRuntime::new(LiveConfig {
            max_frame_bytes: MAX_FRAME_BYTES,
            max_frames_per_second: u32::MAX,
            max_uploads_per_socket: MAX_COMING,
            uploads: UploadLimits { in_memory: room, ..UploadLimits::default() },
            ..LiveConfig::new(secret)
        });
        let shared = Shared::default();
        let router = Router::new().live::<Files>("/").with_state(shared.clone());
        Self { app: TestApp::new(&live, live.clone().serve(router)), shared }
    }

    /// Refs of the uploads of the page that was mounted last.
    pub(super) fn uploads(&self) -> Vec<String> {
        lock(&self.shared.uploads).clone()
    }

    /// What the page lists, sorted.
    pub(super) fn shown(&self) -> Vec<String> {
        lock(&self.shared.shown).clone()
    }

    /// What the view was given, in the order of the uploads and refs.
    pub(super) fn taken(&self) -> Vec<Taken> {
        let mut taken = lock(&self.shared.taken).clone();
        taken.sort_unstable();
        taken
    }

    /// How many writers, or what they have left, there are.
    pub(super) fn n_writers(&self) -> usize {
        self.shared.n_writers.load(Ordering::Relaxed)
    }
}

struct Files {
    written: Upload<Written>,
    kept: Upload<InMemory>,
    shared: Shared,
}

#[derive(LiveEvent)]
enum Event {
    Changed,
    Take { upload: usize, entry: EntryId },
    TakeAll,
    Cancel { upload: usize, entry: EntryId },
    Reset,
}

impl Files {
    fn took(&self, upload: usize, entry: &UploadEntry, bytes: &[u8]) {
        let Ok(entry) = entry.id().to_string().parse() else { return };
        lock(&self.shared.taken).push((upload, entry, bytes.to_vec()));
    }
}

impl LiveView for Files {
    type Extract = State<Shared>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(State(shared): State<Shared>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = |max_entries| UploadOptions {
            max_entries,
            max_file_bytes: MAX_FILE_BYTES,
            auto: true,
            chunk_timeout: CHUNK_TIMEOUT,
            ..UploadOptions::default()
        };
        let n_writers = Arc::clone(&shared.n_writers);
        let writer = move |entry: &UploadEntry| Written::of(entry, &n_writers);
        let [of_written, of_kept] = MAX_ENTRIES.map(options);
        let written = Upload::with_writer("written", of_written, writer);
        let kept = Upload::in_memory("kept", of_kept);
        *lock(&shared.uploads) = [written.id(), kept.id()].map(str::to_owned).to_vec();
        Ok(Self { written, kept, shared })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Take { upload: 0, entry } => {
                if let Some(file) = self.written.take(entry) {
                    self.took(0, &file.entry, &file.file.bytes);
                }
            }
            Event::Take { entry, .. } => {
                if let Some(file) = self.kept.take(entry) {
                    self.took(1, &file.entry, file.file.bytes());
                }
            }
            Event::TakeAll => {
                for file in self.written.consume().unwrap_or_default() {
                    self.took(0, &file.entry, &file.file.bytes);
                }
                for file in self.kept.consume().unwrap_or_default() {
                    self.took(1, &file.entry, file.file.bytes());
                }
            }
            Event::Cancel { upload: 0, entry } => drop(self.written.cancel(entry)),
            Event::Cancel { entry, .. } => drop(self.kept.cancel(entry)),
            Event::Reset => {
                self.written.reset();
                self.kept.reset();
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let (written, kept) = (self.written.entries(), self.kept.entries());
        let written = written.iter().map(|entry| shown(0, entry));
        let mut files: Vec<_> = written.chain(kept.iter().map(|entry| shown(1, entry))).collect();
        files.sort_unstable();
        *lock(&self.shared.shown) = files;
        live! {
            form phx-change=(Event::Changed) {
                input type="file" field=(self.written) aria-label="Written";
                input type="file" field=(self.kept) aria-label="Kept";
            }
        }
    }
}

/// As the model says it.
fn shown(upload: usize, entry: &UploadEntry) -> String {
    let end = if entry.is_done() {
        " done"
    } else if entry.error().is_some() {
        " failed"
    } else {
        ""
    };
    format!("{upload} {} {}%{end}", entry.id(), entry.progress())
}

/// Takes a file, and is what is left of it.
struct Written {
    bytes: Vec<u8>,
    kind: Kind,
    n_writers: Arc<AtomicUsize>,
}

impl Written {
    fn of(entry: &UploadEntry, n_writers: &Arc<AtomicUsize>) -> Self {
        n_writers.fetch_add(1, Ordering::Relaxed);
        let kind = Kind::named(entry.name());
        Self { bytes: Vec::new(), kind, n_writers: Arc::clone(n_writers) }
    }
}

impl UploadWriter for Written {
    type Output = Self;

    async fn write(&mut self, part: Bytes) -> Result {
        self.bytes.extend_from_slice(&part);
        if matches!(self.kind, Kind::Refused) && self.bytes.len() > REFUSED_BEYOND {
            return Err(UploadError::refused("Too much of it.").into());
        }
        Ok(())
    }

    async fn finish(self) -> Result<Self> {
        if matches!(self.kind, Kind::Unfinished) {
            return Err(UploadError::refused("It has no end.").into());
        }
        Ok(self)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.n_writers.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
