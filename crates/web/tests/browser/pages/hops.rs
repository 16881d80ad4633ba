//! Pages that send their visitor on: while the URL is read, with a message, again and again, and before
//! what stands in them has joined.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Path, Query};
use axum::{Extension, Router};
use belvedere::http::page::{Layout, default_layout};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, History, Joined, LiveComponent, LiveEvent, LiveRouter, LiveView,
    MessageSender, MountError, Render, Result, Socket, component, flash, live, nested,
};
use serde::Deserialize;

/// Says how many views of its kind there were before it, and where it is.
pub(crate) struct Hop {
    number: u32,
    at: At,
}

static N_HOPS: AtomicU32 = AtomicU32::new(0);

#[derive(LiveEvent)]
pub(crate) enum HopEvent {
    Type(Typed),
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    place: u32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct At {
    place: u32,
    goes: bool,
}

impl LiveView for Hop {
    type Extract = ();
    type Params = Query<At>;
    type Event = HopEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { number: N_HOPS.fetch_add(1, Ordering::Relaxed), at: At::default() })
    }

    async fn handle_params(
        &mut self,
        Query(at): Query<At>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if at.goes {
            socket.redirect("/hops/message/a")?;
        }
        self.at = at;
        Ok(())
    }

    async fn handle_event(&mut self, event: HopEvent, socket: &mut Socket<Self>) -> Result {
        let HopEvent::Type(Typed { place }) = event;
        Ok(socket.patch_with(format!("/hops/hop?place={place}"), History::Replace)?)
    }

    fn render(&self) -> impl Render {
        let next = self.at.place + 1;
        live! {
            h1 { "View " (self.number) }
            output #place { (self.at.place) }
            a #patch patch={ "/hops/hop?place=" (next) } { "Patch" }
            a #navigate navigate={ "/hops/hop?place=" (next) } { "Navigate" }
            form #go phx-change=(HopEvent::TYPE) phx-auto-recover="ignore" {
                input #typed name="place" phx-debounce="600000";
            }
            a #goes patch="/hops/hop?goes=true" { "Be sent on" }
            ul {
                @for place in 1..=10u32 {
                    li { a #{ "place-" (place) } patch={ "/hops/hop?place=" (place) } { (place) } }
                }
            }
            (component::<Place>(self.at.place, self.at.place))
        }
    }
}

/// A component that is another one at each place.
struct Place(u32);

impl LiveComponent for Place {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(place: &u32) -> Self {
        Self(*place)
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { p #component { "At " (self.0) } }
    }
}

/// `a` and `b` share a layout, `c` has another. Each sends to the next with a message.
pub(crate) struct Message {
    name: String,
}

#[derive(LiveEvent)]
pub(crate) enum MessageEvent {
    Go,
}

impl LiveView for Message {
    type Extract = Path<String>;
    type Params = ();
    type Event = MessageEvent;
    type Message = ();

    async fn mount(Path(name): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { name })
    }

    async fn handle_event(&mut self, _: MessageEvent, socket: &mut Socket<Self>) -> Result {
        socket.put_flash("info", format!("From {}", self.name));
        match self.name.as_str() {
            "a" => socket.navigate("/hops/message/b")?,
            "b" => socket.redirect("/hops/elsewhere/c")?,
            _ => socket.navigate("/hops/message/a")?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { "Message " (self.name) }
            button #go phx-click=(MessageEvent::Go) { "Go" }
        }
    }
}

/// Is left as soon as the view in it begins to join.
pub(crate) struct Hasty {
    is_done: bool,
    sender: MessageSender<()>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    done: bool,
}

impl LiveView for Hasty {
    type Extract = Query<Done>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(Query(at): Query<Done>, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_done: at.done, sender: socket.sender() })
    }

    async fn handle_message(&mut self, (): (), socket: &mut Socket<Self>) -> Result {
        Ok(socket.navigate("/hops/hasty?done=true")?)
    }

    fn render(&self) -> impl Render {
        live! { (nested::<Joining>("joining", (self.is_done, self.sender.clone()))) }
    }
}

/// Joins at once; or says that it begins to, and does not as long as it lives.
pub(crate) struct Joining {
    joins: bool,
    sender: MessageSender<()>,
}

impl LiveView for Joining {
    type Extract = (bool, MessageSender<()>);
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(
        (joins, sender): (bool, MessageSender<()>),
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { joins, sender })
    }

    async fn connected(&mut self, _: Joined, _: &mut Socket<Self>) -> Result {
        if !self.joins {
            self.sender.send(())?;
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p #joining { (if self.joins { "here" } else { "to come" }) } }
    }
}

/// Goes on to the next number when it is asked for the one that it shows.
pub(crate) struct Next(Option<u32>);

impl LiveView for Next {
    type Extract = ();
    type Params = Path<u32>;
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(None))
    }

    async fn handle_params(
        &mut self,
        Path(number): Path<u32>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if self.0.replace(number) == Some(number) {
            socket.patch(format!("/hops/next/{}", number + 1))?;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let number = self.0.unwrap_or_default();
        live! {
            output #place { (number) }
            a #again patch={ "/hops/next/" (number) } { "Again" }
        }
    }
}

pub(crate) fn router() -> Router {
    let elsewhere = Router::new()
        .live::<Message>("/hops/elsewhere/{name}")
        .layer(Extension(Layout::new(default_layout).group("elsewhere")));
    Router::new()
        .live::<Hop>("/hops/hop")
        .live::<Message>("/hops/message/{name}")
        .live::<Hasty>("/hops/hasty")
        .live::<Next>("/hops/next/{number}")
        .merge(elsewhere)
}
