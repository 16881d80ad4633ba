//! Where files go: to writers of the application, to memory, elsewhere.

use std::io;

use axum::Router;
use axum::extract::Path;
use belvedere::testing::{TestApp, TestView};
use belvedere::upload::{
    EntryId, ExternalUpload, InMemory, Upload, UploadEntry, UploadError, UploadOptions,
    UploadWriter, WriteInto,
};
use belvedere::{
    LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket, live,
};
use bytes::Bytes;
use serde_json::json;

use super::{listed, text};
use crate::views::{config, served};

#[derive(LiveEvent)]
enum Event {
    Changed,
    Save,
    Cancel { entry: EntryId },
}

/// Does what the name of its file says.
struct Acts(String, usize);

impl UploadWriter for Acts {
    type Output = usize;

    async fn write(&mut self, part: Bytes) -> Result {
        self.1 += part.len();
        match &*self.0 {
            "panics" => panic!("asked to"),
            "fails" => Err("the disk is on fire".into()),
            "full" => Err(io::Error::from(io::ErrorKind::StorageFull).into()),
            "quota" => Err(io::Error::other(io::Error::from(io::ErrorKind::QuotaExceeded)).into()),
            "says" => Err(UploadError::refused("Not today.").into()),
            "hangs" => std::future::pending().await,
            _ => Ok(()),
        }
    }

    async fn finish(self) -> Result<usize> {
        if self.0 == "fails late" { Err("so close".into()) } else { Ok(self.1) }
    }
}

struct Sizes {
    files: Upload<usize>,
    sizes: Vec<String>,
}

fn options() -> UploadOptions {
    UploadOptions { max_entries: 9, auto: true, chunk_bytes: 10_000, ..UploadOptions::default() }
}

fn list(entries: &[UploadEntry]) -> impl Render {
    live! {
        ul {
            @for entry in entries {
                li key=(entry.id()) {
                    (entry.name()) " " (entry.progress()) "%"
                    @if let Some(error) = entry.error() { em { (error) } }
                    button.cancel phx-click=(Event::Cancel { entry: entry.id() }) { "×" }
                }
            }
        }
    }
}

impl LiveView for Sizes {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let files = Upload::with_writer("files", options(), |entry| Acts(entry.name().into(), 0));
        let files = files.with_check(|entry| match entry.name() {
            "draft" => Err(UploadError::refused("No drafts.")),
            _ => Ok(()),
        });
        Ok(Self { files, sizes: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Save => {
                let files = self.files.consume()?;
                self.sizes.extend(files.iter().map(|file| file.file.to_string()));
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #files phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.files) aria-label="Files";
                button { "Save" }
            }
            (list(&self.files.entries()))
            output { (self.sizes.join(" ")) }
        }
    }
}

/// Files that are kept in memory, or written into a buffer, or sent elsewhere.
struct Kept {
    memory: Upload<InMemory>,
    buffer: Upload<Vec<u8>>,
    elsewhere: Upload<ExternalUpload>,
    kept: Vec<String>,
}

impl LiveView for Kept {
    type Extract = Path<bool>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(auto): Path<bool>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = || UploadOptions { auto, ..options() };
        let buffer = Upload::with_writer("buffer", options(), |_| WriteInto(Vec::new()));
        let elsewhere =
            Upload::external("elsewhere", options(), async |entry| match entry.name() {
                "refused" => Err(UploadError::refused("Not this one.").into()),
                "fails" => Err("no key".into()),
                name => Ok(ExternalUpload::new("Store", &json!({ "url": name }))?),
            });
        let memory = Upload::in_memory("memory", options());
        Ok(Self { memory, buffer, elsewhere, kept: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Cancel { entry } => drop(self.elsewhere.cancel(entry)),
            Event::Save => {
                let of_memory = self.memory.consume()?;
                self.kept.extend(of_memory.iter().map(|file| file.file.bytes().len().to_string()));
                let of_buffer = self.buffer.consume()?;
                self.kept.extend(of_buffer.iter().map(|file| file.file.len().to_string()));
                let elsewhere = self.elsewhere.consume()?;
                self.kept
                    .extend(elsewhere.iter().map(|file| file.file.get("url").unwrap().to_string()));
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #files phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.memory);
                input type="file" field=(self.buffer);
                input type="file" field=(self.elsewhere);
                button { "Save" }
            }
            (list(&self.elsewhere.entries()))
            output { (self.kept.join(" ")) }
        }
    }
}

fn app() -> TestApp {
    let router = Router::new().live::<Sizes>("/sizes").live::<Kept>("/kept/{auto}");
    served(LiveRuntime::new(config()), router)
}

async fn joined(path: &str) -> TestView {
    app().get(path).await.join().await
}

#[tokio::test]
async fn a_writer_that_fails_or_panics_fails_its_file_alone() {
    let mut view = joined("/sizes").await;
    let names = ["panics", "fails", "says", "full", "quota", "fails late", "works"];
    view.form("#files").choose_files("Files", names.map(|name| text(name, 15_000))).await;
    assert_eq!(
        listed(&view),
        [
            "panics 0%The file could not be stored.",
            "fails 0%The file could not be stored.",
            "says 0%Not today.",
            "full 0%There is no room for more files now. Please try again later.",
            "quota 0%There is no room for more files now. Please try again later.",
            "fails late 66%The file could not be stored.",
            "works 100%",
        ]
    );
    for _ in 0..6 {
        view.click("li:first-child .cancel").await;
    }
    view.form("#files").press("Save").await;
    assert_eq!((view.text("output"), listed(&view)), ("15000".to_owned(), vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_hangs_is_given_up() {
    let mut view = joined("/sizes").await;
    view.form("#files").choose_files("Files", [text("hangs", 15_000)]).await;
    assert_eq!(listed(&view), ["hangs 0%The file could not be stored."]);
}

#[tokio::test]
async fn files_go_to_memory_to_whatever_takes_bytes_and_elsewhere() {
    for auto in [true, false] {
        let mut view = joined(&format!("/kept/{auto}")).await;
        view.form("#files").choose_files("memory", [text("a", 15_000)]).await;
        view.form("#files").choose_files("buffer", [text("b", 25_000)]).await;
        view.form("#files").choose_files("elsewhere", [text("c", 1)]).await;
        if !auto {
            continue;
        }
        assert_eq!(view.sent_elsewhere(), [json!({ "uploader": "Store", "url": "c" })]);
        let upload = view.attribute("[name=elsewhere]", "id").unwrap();
        view.report_upload(&upload, 2, json!(40)).await;
        assert_eq!(listed(&view), ["c 40%"]);
        view.report_upload(&upload, 2, json!(100)).await;
        view.form("#files").press("Save").await;
        assert_eq!(view.text("output"), "15000 25000 \"c\"");
        view.form("#files").choose_files("elsewhere", [text("d", 1)]).await;
        view.report_upload(&upload, 3, json!({ "error": "lost" })).await;
        assert_eq!(listed(&view), ["d 0%The file could not be sent."]);
        let names = ["refused", "fails", "e"].map(|name| text(name, 1));
        view.form("#files").choose_files("elsewhere", names).await;
        let shown = [
            "d 0%The file could not be sent.",
            "refused 0%Not this one.",
            "fails 0%The file could not be stored.",
            "e 0%",
        ];
        assert_eq!(listed(&view), shown);
    }
}

#[tokio::test]
async fn a_check_of_the_applications_own_is_asked_when_a_file_is_chosen() {
    let mut view = joined("/sizes").await;
    view.form("#files").choose_files("Files", ["draft", "final"].map(|name| text(name, 9))).await;
    assert_eq!(listed(&view), ["draft 0%No drafts.", "final 100%"]);
}
