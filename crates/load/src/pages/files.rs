//! `/files`: what is sent is written to a temporary file, or to nothing, and dropped as soon as it is here.

use belvedere::upload::{Upload, UploadEntry, UploadOptions, UploadWriter};
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use bytes::Bytes;

/// Most bytes of a file.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Files of one input.
#[derive(Debug)]
pub struct Files {
    files: Upload,
    n_taken: usize,
}

/// What the form asks for.
#[derive(Debug, LiveEvent)]
pub enum FilesEvent {
    /// Files were chosen.
    Changed,
}

/// What both pages let be sent.
fn options() -> UploadOptions {
    UploadOptions { auto: true, max_file_bytes: MAX_FILE_BYTES, ..UploadOptions::default() }
}

/// The page's form.
fn form<T: Send + 'static>(files: &Upload<T>, n_taken: usize) -> impl Render {
    live! {
        form #files phx-change=(FilesEvent::Changed) {
            input type="file" field=(files);
            @for entry in files.entries() {
                progress key=(entry.id()) value=(entry.progress()) max="100" {}
            }
        }
        output { (n_taken) }
    }
}

impl LiveView for Files {
    type Extract = ();
    type Params = ();
    type Event = FilesEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { files: Upload::new("files", options()), n_taken: 0 })
    }

    async fn handle_event(&mut self, _: FilesEvent, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        self.n_taken += self.files.take(entry.id()).iter().count();
        Ok(())
    }

    fn render(&self) -> impl Render {
        form(&self.files, self.n_taken)
    }
}

/// The same, of files that nothing is kept of.
#[derive(Debug)]
pub struct Counted {
    files: Upload<u64>,
    n_taken: usize,
}

/// Counts bytes.
#[derive(Default)]
struct Counter(u64);

impl UploadWriter for Counter {
    type Output = u64;

    async fn write(&mut self, part: Bytes) -> Result {
        self.0 += part.len() as u64;
        Ok(())
    }

    async fn finish(self) -> Result<u64> {
        Ok(self.0)
    }
}

impl LiveView for Counted {
    type Extract = ();
    type Params = ();
    type Event = FilesEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let files = Upload::with_writer("files", options(), |_| Counter::default());
        Ok(Self { files, n_taken: 0 })
    }

    async fn handle_event(&mut self, _: FilesEvent, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        self.n_taken += self.files.take(entry.id()).iter().count();
        Ok(())
    }

    fn render(&self) -> impl Render {
        form(&self.files, self.n_taken)
    }
}
