//! Components that are placed once a piece of work is done, which the next server does anew.

use axum::Router;
use belvedere::AsyncState::Done;
use belvedere::testing::{TestApp, TestView};
use belvedere::{Async, LiveEvent, LiveRouter, LiveRuntime, LiveView, Load, MountError, Render};
use belvedere::{Result, Socket, component, live};
use serde::Deserialize;
use serde_json::json;

use super::components::Card;
use super::{click, prompt};
use crate::views::served;

/// A card for each that was loaded, and one in a dialog; it keeps nothing of its own.
struct Album {
    cards: Async<Vec<u8>>,
    text: String,
    is_open: bool,
}

#[derive(LiveEvent)]
enum Event {
    Write(Text),
    Look,
    Toggle,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

impl LiveView for Album {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let cards = socket.load(Load::named("cards"), async { Ok(vec![1, 2]) });
        Ok(Self { cards, text: String::new(), is_open: false })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Write(Text { text }) => self.text = text,
            Event::Look => {}
            Event::Toggle => self.is_open = !self.is_open,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #form phx-change=(Event::WRITE) { label { "Text" input name="text"; } }
            p #written { (self.text) }
            button #toggle phx-click=(Event::Toggle) {}
            @if self.is_open { dialog { (component::<Card>(9, 0)) } }
            @if let Done(cards) = self.cards.state() {
                @for id in cards { div key=(id) id={ "card-" (id) } { (component::<Card>(*id, 0)) } }
            }
        }
    }
}

fn server() -> TestApp {
    served(LiveRuntime::new(prompt()), Router::new().live::<Album>("/album"))
}

/// A page on the next server, which has clicked and written on the one before, while that loads its cards.
async fn moved(next: &TestApp) -> TestView {
    let mut album = server().get("/album").await.join().await;
    album.settle().await;
    click(&mut album, "#card-1 button", 3).await;
    click(&mut album, "#toggle", 1).await;
    click(&mut album, "dialog button", 4).await;
    album.form("#form").fill("Text", "a letter").await;
    album.reconnect_to(next).await;
    album
}

#[tokio::test]
async fn what_the_browser_sends_by_itself_meanwhile_does_not_part_them_from_their_state() {
    let next = server();
    let held = next.hold_async("cards");
    let mut album = moved(&next).await;
    assert_eq!(album.text("#written"), "a letter", "it was told its form");
    album.send_event("hook", "look", json!({}), None).await;
    assert!(album.texts("b").is_empty());
    held.release();
    album.settle().await;
    assert_eq!(album.texts("b"), ["3", "0"]);
}

#[tokio::test]
async fn what_the_visitor_opens_when_all_is_there_is_another_one() {
    let next = server();
    let mut album = moved(&next).await;
    album.settle().await;
    assert_eq!(album.texts("b"), ["3", "0"]);
    click(&mut album, "#toggle", 1).await;
    assert_eq!(album.texts("b"), ["0", "3", "0"]);
}
