//! An author's mistakes, as a debug build tells them.

use axum::Router;
use axum::body::{Body, to_bytes};
use belvedere::{
    Joined, LiveEvent, LiveRouter, LiveRuntime, LiveStream, LiveView, MountError, Render, Result,
    Socket, live,
};
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use crate::diff::duplicates::Log;
use crate::views::{Counter, app, config, served};

#[tokio::test]
async fn an_event_that_reaches_no_callback_is_warned_of() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let mut counter = app().get("/counter").await.join().await;
    counter.send_event("click", "inc", json!({}), None).await;
    assert!(!log.text().contains("WARN"), "{}", log.text());
    counter.send_event("click", "rename", json!({}), None).await;
    counter.send_event("click", "add", json!({}), None).await;
    let logged = log.text();
    for part in ["WARN", "unknown event \"rename\"", "\"dec\"", "field `amount` is missing"] {
        assert!(logged.contains(part), "{part} is missing: {logged}");
    }
}

/// Shows events of another enum, and is sent messages that it does nothing with.
struct Careless;

#[derive(LiveEvent)]
enum OwnEvent {
    Own,
}

#[derive(LiveEvent)]
enum OtherEvent {
    Other,
    Fill(()),
}

impl LiveView for Careless {
    type Extract = ();
    type Params = ();
    type Event = OwnEvent;
    type Message = u8;

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.sender().send(7)?)
    }

    async fn handle_event(&mut self, _: OwnEvent, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button phx-click=(OwnEvent::Own) {}
            button phx-click=(OtherEvent::Other) {}
            form phx-submit=(OtherEvent::FILL) {}
        }
    }
}

#[tokio::test]
async fn events_of_another_enum_and_messages_without_a_callback_are_warned_of() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let router = Router::new().live::<Careless>("/careless");
    let mut page = served(LiveRuntime::new(config()), router).get("/careless").await.join().await;
    page.settle().await;
    let logged = log.text();
    for part in [
        "event=\"other\" declared=[\"own\"]",
        "event=\"fill\" declared=[\"own\"]",
        "a message came to a view that does nothing with it; implement `handle_message`",
        "message=\"u8\"",
    ] {
        assert!(logged.contains(part), "{part} is missing: {logged}");
    }
    assert!(!logged.contains("event=\"own\""), "{logged}");
}

/// A stream in an element that says nothing of it.
struct Plain(LiveStream<u32>);

impl LiveView for Plain {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut items = LiveStream::new("items", |item: &u32| *item);
        items.append(1);
        Ok(Self(items))
    }

    fn render(&self) -> impl Render {
        live! { ul { @for (id, item) in &self.0 { li id=(id) { (item) } } } }
    }
}

#[tokio::test]
#[should_panic(expected = "needs `phx-update=\"stream\"`")]
async fn a_test_does_not_show_a_stream_that_a_browser_would_lose() {
    let router = Router::new().live::<Plain>("/plain");
    let page = served(LiveRuntime::new(config()), router).get("/plain").await.join().await;
    let _ = page.texts("li");
}

#[tokio::test]
async fn a_page_whose_router_nothing_serves_says_so() {
    let router: Router = Router::new().live::<Counter>("/counter");
    let request = Request::get("/counter").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = to_bytes(response.into_body(), 1024).await.unwrap();
    assert!(body.ends_with(b"`LiveRuntime::new(config).serve(router)`"), "{body:?}");
}
