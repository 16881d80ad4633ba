use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use belvedere::{
    ComponentId, ComponentSocket, History, LiveComponent, LiveEvent, LiveView, MountError, Render,
    Result, Socket, component, flash, live,
};
use serde::Deserialize;

/// What the callbacks of all catalogs have been called with, in order.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn add(&self, call: impl Into<String>) {
        self.0.lock().expect("nothing panics with it").push(call.into());
    }

    /// Those since this was last asked.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics with it"))
    }
}

/// What the URL of a catalog says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    pub(crate) q: String,
    pub(crate) page: u32,
}

/// Its URL is state; it also counts what was clicked.
pub(crate) struct Catalog {
    calls: Calls,
    filter: Filter,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Click,
    Search(Search),
    Go { to: String },
    GoQuietly { to: String },
    Navigate { to: String },
    Redirect { to: String },
    Site { url: String },
    Later,
    Crash,
}

#[derive(Deserialize)]
pub(crate) struct Search {
    q: String,
}

impl LiveView for Catalog {
    type Extract = State<Calls>;
    type Params = Query<Filter>;
    type Event = Event;
    type Message = ();

    async fn mount(State(calls): State<Calls>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        calls.add("mount");
        Ok(Self { calls, filter: Filter::default(), clicks: 0 })
    }

    async fn handle_params(
        &mut self,
        Query(filter): Query<Filter>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.calls.add(format!("params {}", socket.path()));
        match &*filter.q {
            "missing" => return Err(MountError::not_found()),
            "elsewhere" => return Err(MountError::redirect("/plain")),
            "failing" => Err(std::fmt::Error)?,
            "for ever" => socket.patch(format!("/catalog?q=for+ever&page={}", filter.page + 1))?,
            "itself" => socket.patch(socket.path().to_owned())?,
            _ if filter.page > 9 => socket.patch_with("/catalog?page=9", History::Replace)?,
            _ => {}
        }
        socket.set_title(format!("Page {}", filter.page));
        self.filter = filter;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Click => {
                self.clicks += 1;
                socket.put_flash("info", "Clicked.");
            }
            Event::Search(Search { q }) => {
                socket.put_flash("search", "Searched.");
                socket.patch_with(format!("/catalog?q={q}"), History::Replace)?;
            }
            Event::Go { to } => socket.patch(to)?,
            Event::GoQuietly { to } => socket.patch_with(to, History::Replace)?,
            Event::Navigate { to } => {
                socket.put_flash("info", "Come here.");
                socket.navigate(to)?;
            }
            Event::Redirect { to } => socket.redirect(to)?,
            Event::Site { url } => socket.redirect_to_site(url)?,
            Event::Crash => panic!("a catalog crashes"),
            Event::Later => socket.sender().send(())?,
        }
        Ok(())
    }

    async fn handle_message(&mut self, (): (), socket: &mut Socket<Self>) -> Result {
        Ok(socket.patch("/catalog?q=later")?)
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { (self.filter.q) " " (self.filter.page) }
            output { (self.clicks) }
            button #click phx-click=(Event::Click) { "Click" }
            button #later phx-click=(Event::Later) { "Later" }
            form #search phx-submit=(Event::SEARCH) { input name="q"; }
            a #next href={ "/catalog?page=" (self.filter.page + 1) } data-phx-link="patch"
                data-phx-link-state="push" { "Next" }
            (component::<Pager>("pager", ()))
        }
    }
}

/// A component that patches its view.
struct Pager;

#[derive(LiveEvent)]
enum PagerEvent {
    First,
}

impl LiveComponent for Pager {
    type Props = ();
    type Event = PagerEvent;
    type Message = ();

    fn mount(_: &()) -> Self {
        Self
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(
        &mut self,
        event: PagerEvent,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        match event {
            PagerEvent::First => Ok(socket.patch("/catalog")?),
        }
    }

    fn render(&self, id: ComponentId) -> impl belvedere::template::Element {
        live! { button #first phx-click=(PagerEvent::First) phx-target=(id) { "First" } }
    }
}
