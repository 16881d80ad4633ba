//! Views in views: each has a snapshot of its own, for its own place.

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result};
use belvedere::{Snapshot, Socket, live, nested};

use super::{click, prompt};
use crate::views::served;

/// Two tallies, of which the second can be put away and taken out again.
struct Shelf {
    has_right: bool,
}

#[derive(LiveEvent)]
enum Event {
    Toggle,
}

impl LiveView for Shelf {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { has_right: true })
    }

    async fn handle_event(&mut self, Event::Toggle: Event, _: &mut Socket<Self>) -> Result {
        self.has_right = !self.has_right;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(
            1,
            |shelf| shelf.has_right,
            |shelf, has_right| shelf.has_right = has_right,
        )
    }

    fn render(&self) -> impl Render {
        live! {
            button #toggle phx-click=(Event::Toggle) {}
            (nested::<Tally>("left", ()))
            @if self.has_right { (nested::<Tally>("right", ())) }
        }
    }
}

struct Tally(i64);

#[derive(LiveEvent)]
enum Counts {
    Inc,
}

impl LiveView for Tally {
    type Extract = ();
    type Params = ();
    type Event = Counts;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(0))
    }

    async fn handle_event(&mut self, Counts::Inc: Counts, _: &mut Socket<Self>) -> Result {
        self.0 += 1;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |tally| tally.0, |tally, count| tally.0 = count)
    }

    fn render(&self) -> impl Render {
        live! { output { (self.0) } button phx-click=(Counts::Inc) {} }
    }
}

fn server() -> TestApp {
    served(LiveRuntime::new(prompt()), Router::new().live::<Shelf>("/shelf"))
}

#[tokio::test]
async fn each_view_of_a_page_is_what_it_was() {
    let mut shelf = server().get("/shelf").await.join().await;
    let (mut left, mut right) = (shelf.child("left").await, shelf.child("right").await);
    click(&mut left, "button", 3).await;
    click(&mut right, "button", 5).await;
    shelf.reconnect_to(&server()).await;
    let (left, right) = (shelf.child("left").await, shelf.child("right").await);
    assert_eq!((&*left.text("output"), &*right.text("output")), ("3", "5"));
}

#[tokio::test]
async fn a_view_that_its_page_does_not_place_any_more_is_nobodys() {
    let mut shelf = server().get("/shelf").await.join().await;
    let mut right = shelf.child("right").await;
    click(&mut right, "button", 5).await;
    let kept = right.kept();
    click(&mut shelf, "#toggle", 1).await;
    shelf.reconnect_to(&server()).await;
    assert_eq!(shelf.texts("[id]").len(), 2, "the button and the left one");
    let mut left = shelf.open_child("left");
    left.join_with(|payload| payload["params"]["_snapshot"] = kept.into()).await;
    assert_eq!(left.text("output"), "0", "the right one's is not the left one's");
}
