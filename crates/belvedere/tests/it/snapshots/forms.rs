//! Forms whose text is no part of what is kept: their browser has it, and tells the next view.

use std::time::Duration;

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{Element, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError};
use belvedere::{Render, Result, Snapshot, Socket, component, live};
use serde::Deserialize;

use super::components::Card;
use super::{click, prompt};
use crate::views::served;

#[derive(LiveEvent)]
enum Event {
    Inc,
    Write(Text),
    Panic,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

/// Keeps how often it was clicked, and not what was written.
#[derive(Default)]
struct Counted {
    count: u32,
    text: String,
}

impl LiveView for Counted {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Inc => self.count += 1,
            Event::Write(Text { text }) => self.text = text,
            Event::Panic => panic!("the test wants it"),
        }
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |view| view.count, |view, count| view.count = count)
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.count) }
            button #inc phx-click=(Event::Inc) {}
            button #panic phx-click=(Event::Panic) {}
            (written(&self.text))
        }
    }
}

/// Keeps nothing, beside a component that does.
#[derive(Default)]
struct Beside {
    text: String,
}

impl LiveView for Beside {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        if let Event::Write(Text { text }) = event {
            self.text = text;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            div #card { (component::<Card>(1, 0)) }
            (written(&self.text))
        }
    }
}

fn written(text: &str) -> impl Element {
    live! {
        form #form phx-change=(Event::WRITE) {
            label { "Text" input name="text" value=(text); }
            p #written { (text) }
        }
    }
}

fn server_with(config: LiveConfig) -> TestApp {
    let router = Router::new().live::<Counted>("/counted").live::<Beside>("/beside");
    served(LiveRuntime::new(config), router)
}

#[tokio::test]
async fn what_was_written_beside_a_number_that_is_kept_is_there_on_the_next_server() {
    let mut page = server_with(prompt()).get("/counted").await.join().await;
    click(&mut page, "#inc", 2).await;
    page.form("#form").fill("Text", "a long letter").await;
    for _ in 0..2 {
        page.reconnect_to(&server_with(prompt())).await;
        assert_eq!((&*page.text("output"), &*page.text("#written")), ("2", "a long letter"));
    }
}

#[tokio::test]
async fn what_was_written_beside_a_component_that_is_kept_is_there_on_the_next_server() {
    let mut page = server_with(prompt()).get("/beside").await.join().await;
    click(&mut page, "#card button", 2).await;
    page.form("#form").fill("Text", "a long letter").await;
    page.reconnect_to(&server_with(prompt())).await;
    assert_eq!((&*page.text("b"), &*page.text("#written")), ("2", "a long letter"));
}

#[tokio::test]
async fn what_was_written_is_there_after_a_panic() {
    let config = LiveConfig { reconnect_grace: Duration::ZERO, ..prompt() };
    let mut page = server_with(config).get("/counted").await.join().await;
    click(&mut page, "#inc", 2).await;
    page.form("#form").fill("Text", "a long letter").await;
    page.click("#panic").await;
    page.reconnect().await;
    assert_eq!((&*page.text("output"), &*page.text("#written")), ("2", "a long letter"));
}
