//! Uploads where they may stand: in nested views and in components, several on one page.

use axum::Router;
use belvedere::template::Element;
use belvedere::testing::{TestFile, TestView};
use belvedere::upload::{EntryId, InMemory, Upload, UploadEntry};
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveRouter, LiveRuntime, LiveView,
    MountError, Render, Result, Socket, component, live, nested,
};

use super::{PNG, auto, listed, text};
use crate::views::{config, served};

#[derive(LiveEvent)]
enum Event {
    Changed,
    Save,
    Cancel { entry: EntryId },
    Hide,
}

/// A page with two components and a nested view, each of which has an upload of the same name.
struct House {
    hides: bool,
}

impl LiveView for House {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { hides: false })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.hides |= matches!(event, Event::Hide);
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        panic!("{} is a component's", entry.name());
    }

    fn render(&self) -> impl Render {
        live! {
            button #hide phx-click=(Event::Hide) { "Hide" }
            @if !self.hides {
                (component::<Room>("kitchen", ()))
                (component::<Room>("attic", ()))
                (nested::<Cellar>("cellar", ()))
            }
        }
    }
}

/// A component that takes each file as soon as it is here.
struct Room {
    files: Upload<InMemory>,
    n_told: usize,
    taken: Vec<String>,
}

impl LiveComponent for Room {
    type Props = ();
    type Event = Event;
    type Message = ();

    fn mount((): &()) -> Self {
        Self { files: Upload::in_memory("files", auto()), n_told: 0, taken: Vec::new() }
    }

    async fn handle_event(&mut self, event: Event, _: &mut ComponentSocket<'_>) -> Result {
        if let Event::Cancel { entry } = event {
            self.files.cancel(entry);
        }
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut ComponentSocket<'_>) -> Result {
        self.n_told += 1;
        let taken = self.files.take(entry.id());
        self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section {
                form id={ "room-" (target) } phx-change=(Event::Changed) phx-target=(target) {
                    input type="file" field=(self.files);
                }
                (list(&self.files.entries(), Some(target)))
                output { (self.n_told) " told, " (self.taken.join(",")) }
            }
        }
    }
}

fn list(entries: &[UploadEntry], target: Option<ComponentId>) -> impl Render {
    live! {
        @for entry in entries {
            li key=(entry.id()) {
                (entry.name()) " " (entry.progress()) "%"
                @if let Some(error) = entry.error() { em { (error) } }
                button.cancel phx-click=(Event::Cancel { entry: entry.id() }) phx-target=[target] {
                    "×"
                }
            }
        }
    }
}

/// A nested view whose files wait for its form.
struct Cellar {
    files: Upload,
    taken: Vec<String>,
}

impl LiveView for Cellar {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { files: Upload::new("files", super::options()), taken: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Save => {
                let taken = self.files.consume()?.into_iter();
                self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
            }
            Event::Changed | Event::Hide => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #cellar phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.files);
                button { "Save" }
            }
            (list(&self.files.entries(), None))
            output { (self.taken.join(",")) }
        }
    }
}

async fn house() -> TestView {
    let app = served(LiveRuntime::new(config()), Router::new().live::<House>("/"));
    app.get("/").await.join().await
}

#[tokio::test]
async fn each_component_has_its_own_files_and_is_told_of_them() {
    let mut view = house().await;
    let files = [text("a.txt", 30_000), text("b.txt", 30_000)];
    view.form("section:first-of-type form").choose_files("files", files).await;
    assert_eq!(view.texts("output"), ["2 told, a.txt,b.txt", "0 told,"]);
    let file = text("c.txt", 30_000).stalling_after(1);
    view.form("section:last-of-type form").choose_files("files", [file]).await;
    assert_eq!(listed(&view), ["c.txt 33%"]);
    view.resume_uploads().await;
    assert_eq!(view.texts("output"), ["2 told, a.txt,b.txt", "1 told, c.txt"]);
    let renamed = TestFile::new("d.txt", PNG);
    view.form("section:last-of-type form").choose_files("files", [renamed]).await;
    // The type of `d.txt` is that of a picture, which is accepted too.
    assert_eq!(view.texts("output")[1], "2 told, c.txt,d.txt");
    let exe = TestFile::new("e.txt", b"MZ\x90\0\x03\0\0\0");
    view.form("section:first-of-type form").choose_files("files", [exe]).await;
    assert_eq!(listed(&view), ["e.txt 0%Files of this type are not accepted."]);
    assert_eq!(view.texts("output")[0], "3 told, a.txt,b.txt", "also of one that has failed");
    view.click(".cancel").await;
    assert_eq!(listed(&view), [""; 0]);
}

#[tokio::test]
async fn a_nested_view_has_files_of_its_own_beside_those_of_its_page() {
    let mut view = house().await;
    let mut cellar = view.child("cellar").await;
    let half = text("half.txt", 30_000).stalling_after(1);
    view.form("section:first-of-type form").choose_files("files", [half]).await;
    cellar
        .form("#cellar")
        .choose_files("files", ["a.txt", "b.txt"].map(|name| text(name, 30_000)))
        .await;
    assert_eq!(listed(&cellar), ["a.txt 0%", "b.txt 0%"]);
    cellar.click("li:nth-of-type(1) .cancel").await;
    cellar.form("#cellar").press("Save").await;
    assert_eq!((cellar.text("output"), listed(&cellar)), ("b.txt".to_owned(), vec![]));
    view.resume_uploads().await;
    assert_eq!(view.text("section:first-of-type output"), "1 told, half.txt");
    // They go with their view, and with their component.
    let stalled = || text("c.txt", 30_000).stalling_after(1);
    view.form("section:first-of-type form").choose_files("files", [stalled()]).await;
    view.click("#hide").await;
    assert_eq!(view.texts("li").len(), 0);
    view.resume_uploads().await;
    assert_eq!(view.text("#hide"), "Hide", "the page goes on");
}
