//! A view with an upload, in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use belvedere::http::guard_events;
use belvedere::testing::{TestApp, TestView};
use belvedere::upload::{EntryId, Upload, UploadEntry, UploadOptions};
use belvedere::{
    EventGuard, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render,
    Result, Socket, UploadLimits, flash, live,
};

use crate::views::{config, served};

/// What the page's files may be, and what has become of them.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) options: UploadOptions,
    /// The view takes each file as soon as it is here.
    pub(crate) takes_each: bool,
    pub(crate) saved: Saved,
}

/// Name, type and content of each file that a view has taken.
pub(crate) type Saved = Arc<Mutex<Vec<(String, Option<&'static str>, Vec<u8>)>>>;

pub(crate) struct Album {
    photos: Upload,
    setup: Setup,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Changed,
    Save,
    Cancel { entry: EntryId },
    Crash,
    Reset,
}

impl Album {
    async fn keep(&self, file: belvedere::upload::Uploaded) -> Result {
        let bytes = file.file.bytes().await?.to_vec();
        let kept = (file.entry.name().to_owned(), file.media_type, bytes);
        self.setup.saved.lock().unwrap().push(kept);
        Ok(())
    }
}

impl LiveView for Album {
    type Extract = State<Setup>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(State(setup): State<Setup>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { photos: Upload::new("photos", setup.options.clone()), setup })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Save => {
                for file in self.photos.consume()? {
                    self.keep(file).await?;
                }
            }
            Event::Cancel { entry } => drop(self.photos.cancel(entry)),
            Event::Crash => panic!("asked to"),
            Event::Reset => self.photos.reset(),
        }
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        if self.setup.takes_each
            && let Some(file) = self.photos.take(entry.id())
        {
            self.keep(file).await?;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            form #album phx-change=(Event::Changed) phx-submit=(Event::Save) {
                label for=(self.photos.id()) { "Photos" }
                input type="file" field=(self.photos) required;
                div phx-drop-target=(self.photos.id()) { "Drop photos here" }
                button { "Save" }
            }
            ul {
                @for entry in self.photos.entries() {
                    li key=(entry.id()) {
                        img preview=(entry) alt="";
                        (name_of(&entry)) " " (entry.progress()) "%"
                        @if let Some(error) = entry.error() { em { (error) } }
                        button.cancel phx-click=(Event::Cancel { entry: entry.id() }) { "×" }
                    }
                }
            }
            @if let Some(error) = self.photos.error() { strong { (error) } }
            button #crash phx-click=(Event::Crash) { "Crash" }
            button #reset phx-click=(Event::Reset) { "Reset" }
        }
    }
}

/// Its name; of one that is called `crash.txt` the template panics.
fn name_of(entry: &UploadEntry) -> String {
    assert_ne!(entry.name(), "crash.txt", "asked to");
    entry.name().to_owned()
}

/// An application with an album, and the folder in which its files lie.
pub(crate) struct Place {
    pub(crate) app: TestApp,
    pub(crate) live: LiveRuntime,
    pub(crate) setup: Setup,
    pub(crate) folder: PathBuf,
}

impl Place {
    pub(crate) fn new(options: UploadOptions) -> Self {
        Self::with(options, false, |_| {})
    }

    pub(crate) fn with(
        options: UploadOptions,
        takes_each: bool,
        change: impl FnOnce(&mut LiveConfig),
    ) -> Self {
        Self::routed(options, takes_each, change, |router| router)
    }

    pub(crate) fn guarded(
        options: UploadOptions,
        takes_each: bool,
        guard: impl EventGuard,
    ) -> Self {
        Self::routed(options, takes_each, |_| {}, |router| router.layer(guard_events(guard)))
    }

    fn routed(
        options: UploadOptions,
        takes_each: bool,
        change: impl FnOnce(&mut LiveConfig),
        route: impl FnOnce(Router) -> Router,
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("album-{:x}", rand_number()));
        let limits = UploadLimits { folder: folder.clone(), ..UploadLimits::default() };
        let mut config = LiveConfig { uploads: limits, ..config() };
        change(&mut config);
        let setup = Setup { options, takes_each, saved: Saved::default() };
        let router = Router::new()
            .live::<Album>("/album")
            .live::<crate::views::Counter>("/counter")
            .with_state(setup.clone());
        let live = LiveRuntime::new(config);
        Self { app: served(live.clone(), route(router)), live, setup, folder }
    }

    pub(crate) async fn join(&self) -> TestView {
        let view = self.app.get("/album").await;
        view.join().await
    }

    /// How many files lie in the folder.
    pub(crate) fn n_files(&self) -> usize {
        n_files(&self.folder)
    }

    /// Names of what was saved.
    pub(crate) fn saved(&self) -> Vec<String> {
        self.setup.saved.lock().unwrap().iter().map(|(name, ..)| name.clone()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What a test has left is nothing to the next.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn n_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => n_files(&entry.path()),
            _ => usize::from(entry.file_name() != "lock"),
        })
        .sum()
}

/// A number that no other test has.
fn rand_number() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}
