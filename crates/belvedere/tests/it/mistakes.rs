//! An author's mistakes, as a debug build tells them.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::middleware::map_response;
use axum::response::Response;
use belvedere::{
    Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveStream, LiveView, MountError,
    Render, Result, Socket, live, nested,
};
use http::{HeaderValue, Request, StatusCode};
use maud::PreEscaped;
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

/// A page with things that only a loose policy lets, one of which comes later.
struct Colourful {
    is_open: bool,
}

#[derive(LiveEvent)]
enum ColourfulEvent {
    Open,
}

impl LiveView for Colourful {
    type Extract = ();
    type Params = ();
    type Event = ColourfulEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: false })
    }

    async fn handle_event(&mut self, _: ColourfulEvent, _: &mut Socket<Self>) -> Result {
        self.is_open = true;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            mark style="color: red" data-ontology { "secret" }
            textarea { "<samp onclick=go()>" }
            button phx-click=(ColourfulEvent::Open) {}
            (PreEscaped("<var onclick='go()'></var>"))
            @if self.is_open {
                svg onpointerdown="go()" {}
                img src="https://pictures.test/secret.png";
                img src="/own.png";
                dfn style=[Some("color: secret")] {}
            }
        }
    }
}

/// What the log says of the page, first and after a click.
async fn said_of_colours(policy: Option<&'static str>) -> (String, String) {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let own = move |mut response: Response| async move {
        if let Some(policy) = policy {
            let headers = response.headers_mut();
            headers.insert("content-security-policy", HeaderValue::from_static(policy));
        }
        response
    };
    let router = Router::new().live::<Colourful>("/colours").layer(map_response(own));
    let mut page = served(LiveRuntime::new(config()), router).get("/colours").await.join().await;
    let first = log.text();
    page.click("button").await;
    let all = log.text();
    let of_policy = |text: &str| {
        let lines = text.split("WARN ").filter(|line| line.contains("Content-Security-Policy"));
        lines.collect::<String>()
    };
    (of_policy(&first), of_policy(&all[first.len()..]))
}

#[tokio::test]
async fn what_a_pages_own_policy_refuses_is_warned_of_where_its_template_is() {
    let loose = "default-src 'self' data: https: 'unsafe-inline'";
    assert_eq!(said_of_colours(Some(loose)).await, (String::new(), String::new()));
    let (first, later) = said_of_colours(None).await;
    for part in [
        "mistakes.rs:",
        "element=\"mark\" directive=\"style-src\"",
        "refuses the attribute `style`: give the element a class",
        // What is in no template is said by the route of its page.
        "place=\"/colours\" element=\"var\" directive=\"script-src\"",
    ] {
        assert!(first.contains(part), "{part} is missing: {first}");
    }
    for part in [
        "refuses the script in `onpointerdown`",
        "element=\"dfn\" directive=\"style-src\"",
        "element=\"img\" directive=\"img-src\"",
        "refuses the address in `src`: serve it from the application's own host",
    ] {
        assert!(!first.contains(part), "{part} is not there yet: {first}");
        assert!(later.contains(part), "{part} is missing: {later}");
    }
    for none in ["secret", "samp", "ontology", "own.png"] {
        assert!(!first.contains(none) && !later.contains(none), "{none}: {first}{later}");
    }
    assert_eq!(later.matches("element=\"img\"").count(), 1, "{later}");
    let again = said_of_colours(None).await;
    assert_eq!(again, (String::new(), String::new()), "each is said once");
}

/// Shows what only a loose policy lets, in a view of its own.
struct Framed;

impl LiveView for Framed {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { (nested::<Picture>("picture", ())) }
    }
}

/// Nested in a page or placed by its layout.
struct Picture;

impl LiveView for Picture {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { figure style="color: red" {} }
    }
}

/// The lines of the log about the policy and this element.
fn said_of(log: &Log, element: &str) -> Vec<String> {
    let element = format!("element=\"{element}\"");
    let text = log.text();
    let lines = text.split("WARN ").filter(|line| line.contains("Content-Security-Policy"));
    lines.filter(|line| line.contains(&element)).map(str::to_owned).collect()
}

#[tokio::test]
async fn what_a_nested_view_shows_is_said_once_by_its_template() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let router = Router::new().live::<Framed>("/framed");
    let page = served(LiveRuntime::new(config()), router).get("/framed").await.join().await;
    drop(page.child("picture").await);
    let said = said_of(&log, "figure");
    assert!(said.len() == 1 && said[0].contains("mistakes.rs:"), "{said:?}");
}

/// Needs a loose policy in its first response already.
struct Inked;

impl LiveView for Inked {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! {
            aside style="color: red" {}
            track src="https://own.test/ink.vtt";
        }
    }
}

#[tokio::test]
async fn a_page_that_was_navigated_is_held_against_the_policy_of_its_document() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let loose = |mut response: Response| async {
        let policy = HeaderValue::from_static("default-src 'self' 'unsafe-inline'");
        response.headers_mut().insert("content-security-policy", policy);
        response
    };
    let public_url = Some("https://own.test/app/".to_owned());
    let live = LiveRuntime::new(LiveConfig { public_url, ..config() });
    let start = Router::new().live::<Counter>("/counter").layer(map_response(loose));
    let app = served(live, start.live::<Inked>("/inked"));
    let mut page = app.get("/counter").await.join().await;
    page.navigate("/inked").await;
    assert_eq!((page.loads(), said_of(&log, "aside")), (1, Vec::new()), "the document lets it");
    page.load("/inked").await;
    let said = said_of(&log, "aside");
    assert!(said.len() == 1 && said[0].contains("mistakes.rs:"), "{said:?}");
    assert_eq!(said_of(&log, "track"), [""; 0], "its address is the application's own");
}
