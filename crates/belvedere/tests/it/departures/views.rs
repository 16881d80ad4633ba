use axum::extract::Query;
use belvedere::{
    Container, History, Joined, LiveEvent, LiveView, MountError, Render, Result, Socket, flash,
    live, nested,
};
use serde::Deserialize;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    page: u32,
    away: bool,
    moves: bool,
}

/// Goes where its events and its URL say.
#[derive(Default)]
pub(crate) struct Steps {
    step: Step,
    path: String,
    clicks: u32,
    reads: u32,
}

#[derive(LiveEvent)]
pub(crate) enum StepsEvent {
    Click,
    Away,
    LeaveAndPatch,
    SignOut,
    Go { to: String },
}

#[derive(Debug)]
pub(crate) enum News {
    SignedOut,
    Tick,
}

impl LiveView for Steps {
    type Extract = ();
    type Params = Query<Step>;
    type Event = StepsEvent;
    type Message = News;

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_params(
        &mut self,
        Query(step): Query<Step>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if step.away {
            socket.put_flash("info", "Come here.");
            return Err(MountError::redirect("/there"));
        }
        if step.page == 5 {
            socket.patch_with("/steps?page=9", History::Replace)?;
        }
        self.reads += 1;
        socket.set_title("Steps");
        socket.path().clone_into(&mut self.path);
        self.step = step;
        Ok(())
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        if self.step.moves {
            socket.patch("/steps?page=5")?;
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: StepsEvent, socket: &mut Socket<Self>) -> Result {
        match event {
            StepsEvent::Click => self.clicks += 1,
            StepsEvent::Away => socket.patch("/steps?away=true")?,
            StepsEvent::LeaveAndPatch => {
                socket.redirect("/there")?;
                socket.patch("/steps?page=2")?;
            }
            StepsEvent::SignOut => {
                socket.sender().send(News::SignedOut)?;
                socket.sender().send(News::Tick)?;
            }
            StepsEvent::Go { to } => socket.patch(to)?,
        }
        Ok(())
    }

    async fn handle_message(&mut self, news: News, socket: &mut Socket<Self>) -> Result {
        match news {
            News::SignedOut => socket.redirect("/there")?,
            News::Tick => socket.patch("/steps?page=3")?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "steps " (self.step.page) }
            button #click phx-click=(StepsEvent::Click) { "Click" }
            p #clicks { (self.clicks) }
            p #path { (self.path) }
            p #reads { (self.reads) }
        }
    }
}

/// Has an element of its own, and shows the flash.
pub(crate) struct There;

impl LiveView for There {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { (flash()) h1 { "there" } }
    }

    fn container() -> Container {
        Container::new().tag("main").class("wide")
    }
}

/// Sends the browser elsewhere when it is mounted; `connected` would give it a flash to carry.
pub(crate) struct Sent;

impl LiveView for Sent {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.navigate("/there")?;
        Ok(Self)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        socket.put_flash("info", "I was connected.");
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { h1 { "sent" } }
    }
}

/// A page whose pages are turned by a view nested in it.
#[derive(Default)]
pub(crate) struct Frame {
    step: Step,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum FrameEvent {
    Click,
}

impl LiveView for Frame {
    type Extract = ();
    type Params = Query<Step>;
    type Event = FrameEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_params(
        &mut self,
        Query(step): Query<Step>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.step = step;
        Ok(())
    }

    async fn handle_event(&mut self, _: FrameEvent, _: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "page " (self.step.page) ", " (self.clicks) " clicks" }
            button #click phx-click=(FrameEvent::Click) { "Click" }
            (nested::<Pager>("pager", ()))
        }
    }
}

#[derive(Default)]
pub(crate) struct Pager {
    clicks: u32,
    path: String,
}

#[derive(LiveEvent)]
pub(crate) enum PagerEvent {
    Click,
    Next,
    Look,
}

impl LiveView for Pager {
    type Extract = ();
    type Params = ();
    type Event = PagerEvent;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { clicks: 0, path: socket.path().to_owned() })
    }

    async fn handle_event(&mut self, event: PagerEvent, socket: &mut Socket<Self>) -> Result {
        match event {
            PagerEvent::Click => self.clicks += 1,
            PagerEvent::Next => socket.patch("/frame?page=1")?,
            PagerEvent::Look => socket.path().clone_into(&mut self.path),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.clicks) " " (self.path) }
            button #click phx-click=(PagerEvent::Click) { "Click" }
            button #next phx-click=(PagerEvent::Next) { "Next" }
            button #look phx-click=(PagerEvent::Look) { "Look" }
        }
    }
}

/// Sends every browser to [`Pong`], which sends it back.
pub(crate) struct Ping;

/// See [`Ping`].
pub(crate) struct Pong;

impl LiveView for Ping {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.navigate("/pong")?)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "ping" } }
    }
}

impl LiveView for Pong {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.navigate("/ping")?)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "pong" } }
    }
}
