//! Uploads in components and in nested views.

use axum::extract::Path;
use belvedere::template::Element;
use belvedere::upload::{Accept, Upload, UploadEntry, UploadOptions};
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveView, MountError, Render, Result, Socket,
    component, live, nested,
};

use super::{Event, Kind, Uploads, options};

/// A page whose upload is a component's.
pub(crate) struct Framed {
    auto: bool,
}

impl LiveView for Framed {
    type Extract = Path<String>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(Path(kind): Self::Extract, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { auto: kind == "auto" })
    }

    fn render(&self) -> impl Render {
        live! { (component::<Frame>("frame", self.auto)) }
    }
}

/// A page with an upload of its own, and one of a view that is nested in it.
pub(crate) struct Around {
    files: Upload,
    taken: Vec<String>,
}

impl LiveView for Around {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { files: Upload::new("files", options("form")), taken: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        if let Event::Save = event {
            let taken = self.files.consume()?.into_iter();
            self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #around phx-change=(Event::Changed) phx-submit=(Event::Save) {
                input type="file" field=(self.files);
                @for entry in self.files.entries() { p.chosen key=(entry.id()) { (entry.name()) } }
                button { "Save" }
            }
            output #kept { (self.taken.join(",")) }
            (nested::<Uploads>("within", Kind("auto".to_owned())))
        }
    }
}

struct Frame {
    files: Upload,
    takes_each: bool,
    taken: Vec<String>,
}

impl LiveComponent for Frame {
    type Props = bool;
    type Event = Event;
    type Message = ();

    fn mount(auto: &bool) -> Self {
        let accept = Accept::only([".png", ".txt"]);
        let options = UploadOptions { accept, auto: *auto, ..UploadOptions::default() };
        Self { files: Upload::new("files", options), takes_each: *auto, taken: Vec::new() }
    }

    async fn update(&mut self, auto: bool, _: &mut ComponentSocket<'_>) -> Result {
        self.takes_each = auto;
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut ComponentSocket<'_>) -> Result {
        if self.takes_each {
            let taken = self.files.take(entry.id());
            self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, _: &mut ComponentSocket<'_>) -> Result {
        match event {
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
            Event::Save => {
                let taken = self.files.consume()?.into_iter();
                self.taken.extend(taken.map(|file| file.entry.name().to_owned()));
            }
            _ => {}
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div {
                form #files phx-change=(Event::Changed) phx-submit=(Event::Save) phx-target=(target) {
                    section #drop phx-drop-target=(self.files.id()) { "Drop" }
                    input type="file" field=(self.files);
                    button #save { "Save" }
                }
                @for entry in self.files.entries() {
                    p.entry key=(entry.id()) data-name=(entry.name()) { (entry.name()) }
                }
                @if let Some(error) = self.files.error() { strong { (error) } }
                output #taken { (self.taken.join(",")) }
            }
        }
    }
}
