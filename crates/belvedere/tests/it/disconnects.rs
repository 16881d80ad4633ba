//! What becomes of a view whose `disconnected` fails, panics or ends the visit.

use axum::Router;
use axum::extract::Path;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    Joined, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket,
    flash, live,
};

use crate::diff::duplicates::Log;
use crate::views::{config, served};

/// Does what its path says when its browser is gone.
struct Fickle {
    trouble: String,
    clicks: u32,
    joined: Option<Joined>,
}

#[derive(LiveEvent)]
enum Event {
    Click,
}

impl LiveView for Fickle {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(trouble): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { trouble, clicks: 0, joined: None })
    }

    async fn connected(&mut self, joined: Joined, _: &mut Socket<Self>) -> Result {
        self.joined = Some(joined);
        Ok(())
    }

    async fn disconnected(&mut self, socket: &mut Socket<Self>) -> Result {
        match &*self.trouble {
            "fails" => Err(std::io::Error::other("nothing could be put aside"))?,
            "panics" => panic!("disconnected panics on purpose"),
            "leaves" => socket.redirect("/elsewhere")?,
            _ => {}
        }
        Ok(())
    }

    async fn handle_event(&mut self, Event::Click: Event, _: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            output { (self.clicks) " " (format!("{:?}", self.joined)) }
            button phx-click=(Event::Click) {}
        }
    }
}

fn app() -> TestApp {
    let router = Router::new().live::<Fickle>("/fickle/{trouble}");
    served(LiveRuntime::new(config()), router)
}

/// A view that was clicked and has lost its connection.
async fn lost(trouble: &str) -> TestView {
    let mut view = app().get(&format!("/fickle/{trouble}")).await.join().await;
    view.click("button").await;
    view.disconnect().await;
    view
}

#[tokio::test]
async fn an_error_is_logged_once_and_shown_when_the_browser_is_back() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let mut view = lost("fails").await;
    assert_eq!(log.text().matches("nothing could be put aside").count(), 1);
    view.reconnect().await;
    assert_eq!(view.text("output"), "1 Some(Again)");
    assert_eq!(view.text(".flash.error"), "Something went wrong. Please try again.");
}

#[tokio::test]
async fn a_panic_ends_the_view_and_its_browser_finds_a_new_one() {
    let mut view = lost("panics").await;
    view.reconnect().await;
    assert_eq!(view.text("output"), "0 Some(First)");
    view.click("button").await;
    assert_eq!(view.text("output"), "1 Some(First)");
}

#[tokio::test]
async fn a_redirect_is_carried_out_when_the_browser_is_back() {
    let mut view = lost("leaves").await;
    view.reconnect().await;
    assert!(!view.is_joined(), "{:?}", view.outcome());
    assert!(format!("{:?}", view.outcome()).contains("/elsewhere"), "{:?}", view.outcome());
}
