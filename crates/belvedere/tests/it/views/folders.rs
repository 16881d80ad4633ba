use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError, Render, Result,
    Socket, component, flash, live, template::Element,
};
use serde::{Deserialize, Serialize};

/// A folder and those within it, of which each id is there once.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Folder {
    pub(crate) id: u32,
    pub(crate) inner: Vec<Self>,
}

/// Components in components, each below elements that the browser skips.
pub(crate) struct Folders {
    top: Vec<Folder>,
    heading: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show { top: Vec<Folder> },
    Head { text: String },
}

impl LiveView for Folders {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { top: Vec::new(), heading: String::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show { top } => self.top = top,
            Event::Head { text } => self.heading = text,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { (self.heading) }
            @for folder in &self.top, key=(folder.id) { (framed(framed(placed(folder)))) }
        }
    }
}

fn placed(folder: &Folder) -> impl Render {
    component::<Shown>(folder.id, folder.clone())
}

fn framed(content: impl Render) -> impl Render {
    live! { section { (content) } }
}

fn tick(number: u32) -> impl Render {
    live! { i { (number) } }
}

/// A folder with a state of its own.
pub(crate) struct Shown {
    folder: Folder,
    clicks: u32,
    is_reversed: bool,
}

#[derive(LiveEvent)]
pub(crate) enum FolderEvent {
    Click,
    Reverse,
    /// A click, and the view says so.
    Shout,
}

impl LiveComponent for Shown {
    type Props = Folder;
    type Event = FolderEvent;
    type Message = ();

    fn mount(folder: &Folder) -> Self {
        Self { folder: folder.clone(), clicks: 0, is_reversed: false }
    }

    async fn update(&mut self, folder: Folder, _: &mut ComponentSocket<'_>) -> Result {
        self.folder = folder;
        Ok(())
    }

    async fn handle_event(
        &mut self,
        event: FolderEvent,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        match event {
            FolderEvent::Click => self.clicks += 1,
            FolderEvent::Reverse => self.is_reversed ^= true,
            FolderEvent::Shout => {
                self.clicks += 1;
                socket.put_flash("info", format!("{} clicks", self.clicks));
            }
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        let mut inner: Vec<_> = self.folder.inner.iter().collect();
        if self.is_reversed {
            inner.reverse();
        }
        live! {
            div #{ "folder-" (self.folder.id) } {
                button.click phx-click=(FolderEvent::Click) phx-target=(target) {}
                button.reverse phx-click=(FolderEvent::Reverse) phx-target=(target) {}
                button.shout phx-click=(FolderEvent::Shout) phx-target=(target) {}
                p { (self.folder.id) ":" (self.clicks) }
                @for number in 0..self.clicks { (tick(number)) }
                @for folder in &inner, key=(folder.id) { (framed(placed(folder))) }
            }
        }
    }
}
