use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::{Extension, Router};
use belvedere::http::assets::Asset;
use belvedere::http::page::{Layout, Page};
use belvedere::upload::{
    Accept, EntryId, ExternalUpload, Upload, UploadEntry, UploadError, UploadOptions, UploadWriter,
};
use belvedere::{LiveEvent, LiveRouter, LiveView, MountError, Render, Result, Socket, live};
use http::request::Parts;
use maud::{Markup, html};
use serde_json::json;
use tokio::sync::watch;

mod placed;

use placed::{Around, Framed};

/// Sends files to a server that takes them all, and fails with one.
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let script = br#"
        const Elsewhere = (entries) => {
          for (const entry of entries) {
            window.sentElsewhere = [...(window.sentElsewhere ?? []), entry.meta.url];
            entry.onCancel(() => (window.cancelled = entry.file.name));
            entry.progress(50);
            if (entry.file.name === "slow.txt") continue;
            if (entry.file.name === "lost.txt") entry.error("lost");
            else entry.progress(100);
          }
        };
        Belvedere.connect({ uploaders: { Elsewhere } });
    "#;
    Asset::embedded("/assets/elsewhere.js", script)
});

fn layout(page: &Page<'_>) -> Markup {
    super::document(page, "Elsewhere", &SCRIPT, &html! {})
}

pub(crate) fn router() -> Router {
    let elsewhere = Router::new()
        .live::<Elsewhere>("/uploads/elsewhere/{kind}")
        .layer(Extension(Layout::new(layout)));
    SCRIPT
        .route(elsewhere)
        .live::<Uploads>("/uploads/{kind}")
        .live::<Fussy>("/uploads/fussy/writer")
        .live::<Framed>("/uploads/in/{kind}")
        .live::<Around>("/uploads/in/nested")
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Changed,
    Typed(Named),
    Save,
    Cancel { entry: EntryId },
    Toggle,
}

#[derive(serde::Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// Which of the kinds a page shows: the end of its path, or what a page says that nests it.
#[derive(Clone)]
pub(crate) struct Kind(String);

impl<S: Send + Sync> FromRequestParts<S> for Kind {
    type Rejection = PathRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PathRejection> {
        Path::from_request_parts(parts, state).await.map(|Path(kind)| Self(kind))
    }
}

/// Files of one input, of several kinds.
pub(crate) struct Uploads {
    kind: String,
    files: Upload,
    name: String,
    is_on: bool,
    n_saves: usize,
    /// Name and content of what was taken.
    taken: Vec<(String, String)>,
}

fn options(kind: &str) -> UploadOptions {
    let text = || Accept::only([".txt", ".md"]);
    let options = UploadOptions { max_entries: 2, accept: text(), ..UploadOptions::default() };
    match kind {
        "auto" => UploadOptions { auto: true, ..options },
        "takes" => UploadOptions { auto: true, accept: Accept::ANY, ..options },
        "one" => UploadOptions { auto: true, max_entries: 1, ..options },
        "forgets" => {
            UploadOptions { auto: true, take_timeout: Duration::from_millis(1), ..options }
        }
        "pictures" => UploadOptions { accept: Accept::only([".png"]), ..options },
        "many" => {
            let (accept, max_entries) = (Accept::ANY, 1500);
            let chunk_bytes = 5 * 1024 * 1024;
            UploadOptions { auto: true, accept, max_entries, chunk_bytes, ..options }
        }
        _ => options,
    }
}

impl Uploads {
    fn takes_each(&self) -> bool {
        ["takes", "one"].contains(&&*self.kind)
    }

    async fn keep(&mut self, file: belvedere::upload::Uploaded) -> Result {
        let text = String::from_utf8_lossy(&file.file.bytes().await?).into_owned();
        self.taken.push((file.entry.name().to_owned(), text));
        Ok(())
    }
}

impl LiveView for Uploads {
    type Extract = Kind;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Kind(kind): Kind, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let files = Upload::new("files", options(&kind));
        let (name, taken) = (String::new(), Vec::new());
        Ok(Self { kind, files, name, is_on: false, n_saves: 0, taken })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Typed(Named { name }) => self.name = name,
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Toggle => self.is_on = !self.is_on,
            Event::Save => {
                self.n_saves += 1;
                for file in self.files.consume()? {
                    self.keep(file).await?;
                }
            }
        }
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, socket: &mut Socket<Self>) -> Result {
        if self.takes_each()
            && let Some(file) = self.files.take(entry.id())
        {
            self.keep(file).await?;
        }
        Ok(socket.push_event("ended", &json!({ "name": entry.name() }))?)
    }

    fn render(&self) -> impl Render {
        live! {
            form #files phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input.on[self.is_on] type="file" field=(self.files) required[self.kind == "required"]
                    disabled[self.kind == "toggled" && !self.is_on];
                section #drop phx-drop-target=(self.files.id()) { b #inner { "Drop" } }
                (entries(&self.files.entries(), self.files.error()))
                button #save { "Save" }
            }
            form #other phx-change=(Event::TYPED) { input #name name="name" value=(self.name); }
            button #toggle phx-click=(Event::Toggle) { "Toggle" }
            output #saves { (self.n_saves) }
            ul #taken {
                @for (name, text) in &self.taken { li title=(text) { (name) } }
            }
        }
    }
}

fn entries(entries: &[UploadEntry], error: Option<UploadError>) -> impl Render {
    live! {
        @for entry in entries {
            article.entry key=(entry.id()) data-name=(entry.name()) {
                img preview=(entry) alt="";
                span { (entry.name()) }
                progress value=(entry.progress()) max="100" {}
                @if let Some(error) = entry.error() { p.error { (said(error)) } }
                button.cancel type="button" phx-click=(Event::Cancel { entry: entry.id() }) { "×" }
            }
        }
        @if let Some(error) = &error { strong { (error) } }
    }
}

fn said(error: &UploadError) -> String {
    match error {
        UploadError::Failed(cause) => cause.to_string(),
        error => error.to_string(),
    }
}

/// A writer that does not like everything, and waits with some of it.
struct Picky {
    gate: watch::Receiver<bool>,
}

impl UploadWriter for Picky {
    type Output = ();

    async fn write(&mut self, part: Bytes) -> Result {
        if part.starts_with(b"delay") {
            self.gate.wait_for(|is_open| *is_open).await?;
        }
        if part.ends_with(b"error") { Err("this part is wrong".into()) } else { Ok(()) }
    }

    async fn finish(self) -> Result<()> {
        Ok(())
    }
}

/// Files that go to such a writer.
pub(crate) struct Fussy {
    files: Upload<()>,
    gate: watch::Sender<bool>,
    taken: Vec<String>,
    n_saves: usize,
}

impl LiveView for Fussy {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = UploadOptions {
            max_entries: 2,
            auto: true,
            chunk_bytes: 5,
            ..UploadOptions::default()
        };
        let (gate, receiver) = watch::channel(false);
        let picky = move |_: &UploadEntry| Picky { gate: receiver.clone() };
        let files = Upload::with_writer("files", options, picky);
        Ok(Self { files, gate, taken: Vec::new(), n_saves: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Save => self.n_saves += 1,
            Event::Toggle => drop(self.gate.send(true)),
            _ => {}
        }
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        let taken = self.files.take(entry.id());
        self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #files phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.files);
                button #save { "Save" }
            }
            (entries(&self.files.entries(), self.files.error()))
            button #toggle phx-click=(Event::Toggle) { "Open" }
            output #saves { (self.n_saves) }
            output #taken { (self.taken.join(",")) }
        }
    }
}

/// Files that the browser sends elsewhere.
pub(crate) struct Elsewhere {
    files: Upload<ExternalUpload>,
    sent: Vec<String>,
}

impl LiveView for Elsewhere {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(kind): Self::Extract, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = UploadOptions { max_entries: 5, auto: kind == "auto", ..Default::default() };
        let files = Upload::external("files", options, async |entry| {
            if entry.name() == "refused.txt" {
                return Err(UploadError::refused("Not this one.").into());
            }
            let url = format!("/elsewhere/{}", entry.name());
            Ok(ExternalUpload::new("Elsewhere", &json!({ "url": url }))?)
        });
        Ok(Self { files, sent: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Save => {
                for file in self.files.consume()? {
                    let url = file.file.get("url").and_then(|url| url.as_str());
                    self.sent.extend(url.map(str::to_owned));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #files phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.files);
                button #save { "Save" }
            }
            (entries(&self.files.entries(), self.files.error()))
            output #taken { (self.sent.join(",")) }
            a #away href="/uploads/elsewhere/form?again" data-phx-link="redirect"
                data-phx-link-state="push" { "Another" }
        }
    }
}
