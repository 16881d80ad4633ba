//! Components that hold what never changes and what comes late, and a form that names its component by a
//! selector.

use axum::Router;
use axum::extract::Path;
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveRouter, LiveView, LocalPath,
    MountError, Render, Result, Socket, component, live,
};
use serde::Deserialize;

/// Shows one of two panels.
pub(crate) struct Panels {
    shown: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Crash,
}

impl LiveView for Panels {
    type Extract = ();
    type Params = Path<String>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { shown: String::new() })
    }

    async fn handle_params(
        &mut self,
        Path(shown): Path<String>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.shown = shown;
        Ok(())
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        panic!("an event panics on purpose")
    }

    fn render(&self) -> impl Render {
        let messages = LocalPath::new("/panels/messages").expect("a path of this site");
        live! {
            button #show-messages phx-click=(Js::new().patch(&messages)) { "Messages" }
            button #crash phx-click=(Event::Crash) { "Crash" }
            a #again navigate="/panels/rows?again" { "Again" }
            @match self.shown.as_str() {
                "messages" => { (component::<Messages>("messages", ())) }
                "rows" => { @for row in [1, 2u32] { div { (component::<Row>(row, row)) } } }
                _ => { p { "Settings" } }
            }
        }
    }
}

/// A row whose value comes late.
struct Row {
    id: u32,
    value: Option<u32>,
}

impl LiveComponent for Row {
    type Props = u32;
    type Event = ();
    type Message = u32;

    fn mount(id: &u32) -> Self {
        Self { id: *id, value: None }
    }

    async fn update(&mut self, id: u32, socket: &mut ComponentSocket<'_>) -> Result {
        let sender = socket.component_sender::<Self>(id);
        let work = async move {
            // Who is gone needs no value.
            let _ = sender.send(id * 10);
        };
        Ok(socket.spawn("value", work)?)
    }

    async fn handle_message(&mut self, value: u32, _: &mut ComponentSocket<'_>) -> Result {
        self.value = Some(value);
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! {
            section #{ "row-" (self.id) } {
                output { @if let Some(value) = self.value { (value) } }
                (unchanging())
            }
        }
    }
}

fn unchanging() -> impl Render {
    live! { p.unchanging { "always here" } }
}

/// A form beside a component, within one.
struct Messages {
    text: String,
}

#[derive(LiveEvent)]
enum MessagesEvent {
    Write(Draft),
}

#[derive(Deserialize)]
struct Draft {
    text: String,
}

impl LiveComponent for Messages {
    type Props = ();
    type Event = MessagesEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self { text: String::new() }
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(
        &mut self,
        MessagesEvent::Write(Draft { text }): MessagesEvent,
        _: &mut ComponentSocket<'_>,
    ) -> Result {
        self.text = text;
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! {
            div {
                (component::<Row>(3u32, 3))
                form #draft phx-change=(MessagesEvent::WRITE) phx-target="#draft" {
                    (input(&self.text))
                }
                output #text { (self.text) }
            }
        }
    }
}

fn input(text: &str) -> impl Render {
    live! { div { input #draft-text name="text" value=(text); } }
}

pub(crate) fn router() -> Router {
    Router::new().live::<Panels>("/panels/{shown}")
}
