//! What components want kept, with their view.

use std::cell::Cell;

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{ComponentId, ComponentSocket, Element, LiveComponent, LiveEvent, LiveRouter};
use belvedere::{LiveRuntime, LiveView, MountError, Render, Result, Snapshot, Socket};
use belvedere::{component, live};

use super::{click, loaded_with, prompt};
use crate::views::served;

thread_local! {
    /// Which build the test is.
    static BUILD: Cell<u32> = const { Cell::new(1) };
}

/// What is served from now on.
pub(crate) fn deploy(build: u32) {
    BUILD.set(build);
}

/// Counts what its visitor does; it begins at what its view says.
pub(crate) struct Card {
    count: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Clicked {
    Inc,
}

impl LiveComponent for Card {
    type Props = u32;
    type Event = Clicked;
    type Message = ();

    fn mount(_: &u32) -> Self {
        Self { count: 0 }
    }

    async fn update(&mut self, begins_at: u32, _: &mut ComponentSocket<'_>) -> Result {
        self.count = begins_at;
        Ok(())
    }

    async fn handle_event(&mut self, Clicked::Inc: Clicked, _: &mut ComponentSocket<'_>) -> Result {
        self.count += 1;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        match BUILD.get() {
            1 => Snapshot::version(1, |card| card.count, |card, count| card.count = count),
            2 => Snapshot::version(
                2,
                |card: &Self| card.count.to_string(),
                |card, count| card.count = count.parse().unwrap_or_default(),
            )
            .older(1, |card, count| card.count = count),
            _ => Snapshot::none(),
        }
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div.card {
                b { (self.count) }
                button phx-click=(Clicked::Inc) phx-target=(target) { "+" }
            }
        }
    }
}

/// Keeps nothing itself, and places a card in a row of cards.
struct Inner;

impl LiveComponent for Inner {
    type Props = ();
    type Event = ();
    type Message = ();

    fn mount((): &()) -> Self {
        Self
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { div #inner { (component::<Card>("inner", 10)) } }
    }
}

/// A board that keeps nothing itself: a first card always, a second when it is taken out, one in another.
struct Board {
    has_second: bool,
}

#[derive(LiveEvent)]
enum Event {
    Toggle,
}

impl LiveView for Board {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { has_second: false })
    }

    async fn handle_event(&mut self, Event::Toggle: Event, _: &mut Socket<Self>) -> Result {
        self.has_second = !self.has_second;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #toggle phx-click=(Event::Toggle) {}
            div #first { (component::<Card>(1, 0)) }
            @if self.has_second { div #second { (component::<Card>(2, 0)) } }
            (component::<Inner>((), ()))
        }
    }
}

fn server(build: u32) -> TestApp {
    deploy(build);
    served(LiveRuntime::new(prompt()), Router::new().live::<Board>("/board"))
}

#[tokio::test]
async fn each_is_what_it_was_in_its_place_and_in_others() {
    let mut board = server(1).get("/board").await.join().await;
    click(&mut board, "#first button", 3).await;
    click(&mut board, "#inner button", 2).await;
    assert_eq!(board.texts("b"), ["3", "12"]);
    for build in [1, 2, 2] {
        board.reconnect_to(&server(build)).await;
        assert_eq!(board.texts("b"), ["3", "12"], "build {build}");
    }
    click(&mut board, "#first button", 1).await;
    board.reconnect_to(&server(2)).await;
    assert_eq!(board.texts("b"), ["4", "12"]);
}

#[tokio::test]
async fn a_build_that_cannot_read_it_mounts_it_as_ever() {
    let mut board = server(2).get("/board").await.join().await;
    click(&mut board, "#first button", 3).await;
    board.reconnect_to(&server(1)).await;
    assert_eq!(board.texts("b"), ["0", "10"]);
    click(&mut board, "#first button", 3).await;
    board.reconnect_to(&server(0)).await;
    assert_eq!(board.texts("b"), ["0", "10"], "and one that keeps none");
}

#[tokio::test]
async fn nothing_is_sent_of_a_page_whose_components_are_as_they_were_mounted() {
    let mut board = server(1).get("/board").await.join().await;
    assert_eq!(board.kept(), None);
    click(&mut board, "#first button", 1).await;
    assert!(board.kept().is_some());
}

#[tokio::test]
async fn what_is_not_on_the_page_is_nobody_s() {
    let mut board = server(1).get("/board").await.join().await;
    click(&mut board, "#toggle", 1).await;
    click(&mut board, "#second button", 5).await;
    assert_eq!(board.texts("b"), ["0", "5", "10"]);
    // The board does not keep that it has a second one.
    board.reconnect_to(&server(1)).await;
    assert_eq!(board.texts("b"), ["0", "10"]);
    click(&mut board, "#toggle", 1).await;
    assert_eq!(board.texts("b"), ["0", "0", "10"], "it is another one");
}

#[tokio::test]
async fn one_that_was_put_away_is_not_kept() {
    let mut board = server(1).get("/board").await.join().await;
    click(&mut board, "#toggle", 1).await;
    click(&mut board, "#second button", 5).await;
    let with = board.kept().expect("it was sent").len();
    click(&mut board, "#toggle", 1).await;
    assert!(board.kept().expect("it was sent").len() < with);
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_with_it_goes_on() {
    let app = server(1);
    let mut board = app.get("/board").await.join().await;
    click(&mut board, "#first button", 3).await;
    let next = loaded_with(&app, "/board", board.kept()).await;
    assert_eq!(next.texts("b"), ["3", "10"], "its components were mounted with the page");
}

/// Keeps where its card begins.
struct Shelf {
    begins_at: u32,
}

#[derive(LiveEvent)]
enum Shelved {
    Raise,
}

impl LiveView for Shelf {
    type Extract = ();
    type Params = ();
    type Event = Shelved;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { begins_at: 0 })
    }

    async fn handle_event(&mut self, Shelved::Raise: Shelved, _: &mut Socket<Self>) -> Result {
        self.begins_at += 10;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |shelf| shelf.begins_at, |shelf, kept| shelf.begins_at = kept)
    }

    fn render(&self) -> impl Render {
        live! {
            button #raise phx-click=(Shelved::Raise) {}
            div #first { (component::<Card>(1, self.begins_at)) }
        }
    }
}

#[tokio::test]
async fn its_own_state_comes_after_what_its_restored_view_gives_it() {
    let app = served(LiveRuntime::new(prompt()), Router::new().live::<Shelf>("/shelf"));
    let mut shelf = app.get("/shelf").await.join().await;
    click(&mut shelf, "#raise", 1).await;
    click(&mut shelf, "#first button", 1).await;
    let next = loaded_with(&app, "/shelf", shelf.kept()).await;
    assert_eq!(next.texts("b"), ["11"]);
    shelf.reconnect_to(&app).await;
    assert_eq!(shelf.texts("b"), ["11"]);
}
