//! What the pages of some routes share: loaded once for a visit, had by view, layout and guards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::{Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use belvedere::http::page::{Layout, Page};
use belvedere::http::{guard_events, share, share_with_state};
use belvedere::testing::{Outcome, TestApp};
use belvedere::{
    ComponentId, ComponentSocket, Element, EventRefusal, GuardedEvent, LiveComponent, LiveEvent,
    LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Shared, Socket, component,
    flash, live, nested,
};
use http::StatusCode;
use maud::{Markup, html};

use crate::diff::duplicates::Log;
use crate::views::{config, served};

/// How often the pages' chrome was loaded.
#[derive(Clone, Default)]
struct Loads(Arc<AtomicU32>);

impl Loads {
    fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Knows which load it comes from.
struct Chrome {
    load: u32,
}

impl FromRequestParts<Loads> for Chrome {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, loads: &Loads) -> Result<Self, Redirect> {
        if parts.uri.query() == Some("closed") {
            return Err(Redirect::to("/plain"));
        }
        Ok(Self { load: loads.0.fetch_add(1, Ordering::Relaxed) + 1 })
    }
}

/// Made of what an outer layer shares.
struct Greeting(String);

impl<S: Sync> FromRequestParts<S> for Greeting {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let chrome = Shared::<Chrome>::from_request_parts(parts, state).await?;
        Ok(Self(format!("hello {}", chrome.load)))
    }
}

/// Shows the load that it was given, and the one that it finds when it is asked.
struct Hall {
    chrome: Shared<Chrome>,
    asked: u32,
    at: String,
}

#[derive(LiveEvent)]
enum Event {
    Ask,
    Crash,
}

impl LiveView for Hall {
    type Extract = Shared<Chrome>;
    type Params = Path<String>;
    type Event = Event;
    type Message = ();

    async fn mount(chrome: Shared<Chrome>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { chrome, asked: 0, at: String::new() })
    }

    async fn handle_params(
        &mut self,
        Path(at): Path<String>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.at = at;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Ask => self.asked = socket.shared::<Chrome>().map_or(0, |it| it.load),
            Event::Crash => panic!("on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { (self.at) " " (self.chrome.load) }
            output #asked { (self.asked) }
            button #ask phx-click=(Event::Ask) {}
            button #crash phx-click=(Event::Crash) {}
            (component::<Badge>("badge", ()))
            (nested::<Corner>("corner", "corner"))
        }
    }
}

/// A component that knows the load.
struct Badge(u32);

impl LiveComponent for Badge {
    type Props = ();
    type Event = ();
    type Message = ();

    fn mount((): &()) -> Self {
        Self(0)
    }

    async fn update(&mut self, (): (), socket: &mut ComponentSocket<'_>) -> Result {
        self.0 = socket.shared::<Chrome>().map_or(0, |it| it.load);
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { span #badge { (self.0) } }
    }
}

/// A nested view that does, in the page or in the layout; what it shows has this id.
struct Corner {
    id: &'static str,
    load: u32,
}

impl LiveView for Corner {
    type Extract = &'static str;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(id: &'static str, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { id, load: socket.shared::<Chrome>().map_or(0, |it| it.load) })
    }

    fn render(&self) -> impl Render {
        live! { span id=(self.id) { (self.load) } }
    }
}

fn layout(page: &Page<'_>) -> Markup {
    html! {
        meta name="csrf-token" content=(page.csrf_token);
        header { (page.shared::<Chrome>().map_or(0, |it| it.load)) }
        nav { @if let Some(greeting) = page.shared::<Greeting>() { (greeting.0) } }
        (page.view)
        (nested::<Corner>("sign", "sign").in_layout(page))
    }
}

async fn plain(chrome: Shared<Chrome>) -> String {
    chrome.load.to_string()
}

/// A group that shares, in a router with a state of its own; `/bare/…` is the same view outside of it.
fn app() -> (TestApp, Loads) {
    let loads = Loads::default();
    let group = Router::new()
        .live::<Hall>("/hall/{at}")
        .live::<Hall>("/gallery/{at}")
        .route("/plain", get(plain))
        .route("/quiet", get(|State(_): State<u8>| async { "quiet" }))
        .layer(share::<Greeting>())
        .layer(share_with_state::<Chrome, _>(loads.clone()))
        .layer(Extension(Layout::new(layout)));
    let router = group.live::<Hall>("/bare/{at}").with_state(1_u8);
    (served(LiveRuntime::new(config()), router), loads)
}

#[tokio::test]
async fn a_visit_loads_once_for_all_who_show_its_page() {
    let (app, loads) = app();
    let page = app.get("/hall/a").await;
    assert_eq!((page.text("header"), page.text("nav")), ("1".into(), "hello 1".into()));
    assert_eq!(page.text("h1"), "a 1");
    assert_eq!((page.text("#badge"), page.text("#corner")), ("1".into(), "1".into()));
    assert_eq!(page.text("#sign"), "1", "a view of the layout");

    let mut hall = page.join().await;
    hall.click("#ask").await;
    assert_eq!(
        (hall.text("#asked"), hall.child("corner").await.text("#corner")),
        ("1".into(), "1".into())
    );
    hall.reconnect().await;
    hall.click("#ask").await;
    assert_eq!((hall.text("h1"), hall.text("#asked")), ("a 1".into(), "1".into()));
    hall.patch("/hall/b").await;
    hall.click("#ask").await;
    assert_eq!((hall.text("h1"), hall.text("#asked")), ("b 1".into(), "1".into()));
    assert_eq!(hall.in_layout("sign").await.text("#sign"), "1");
    assert_eq!(loads.count(), 1);
}

#[tokio::test]
async fn a_view_that_is_mounted_anew_has_what_is_loaded_anew() {
    let (app, loads) = app();
    let mut hall = app.get("/hall/a").await.join().await;
    hall.click("#crash").await;
    assert_eq!(*hall.outcome(), Outcome::Crashed);
    hall.join().await;
    assert_eq!(
        (hall.text("h1"), hall.text("#badge"), loads.count()),
        ("a 2".into(), "2".into(), 2)
    );

    hall.navigate("/gallery/c").await;
    assert_eq!((hall.loads(), hall.text("h1")), (1, "c 3".into()));
    hall.reconnect().await;
    hall.click("#ask").await;
    assert_eq!((hall.text("#asked"), loads.count()), ("3".into(), 3));

    let (page, copy) = (app.get("/hall/a").await, app.get("/hall/a").await);
    assert_eq!(
        (page.join().await.text("h1"), copy.join().await.text("h1")),
        ("a 4".into(), "a 5".into())
    );
}

#[tokio::test]
async fn a_value_that_refuses_refuses_the_page_its_joins_and_its_patches() {
    let (app, loads) = app();
    let refused = app.get("/hall/a?closed").await;
    assert_eq!(
        (refused.status, refused.headers["location"].as_bytes()),
        (StatusCode::SEE_OTHER, &b"/plain"[..])
    );
    let mut hall = app.get("/hall/a").await.join().await;
    hall.navigate("/gallery/b?closed").await;
    assert_eq!((hall.path(), hall.loads()), ("/plain", 2));
    assert_eq!(loads.count(), 2, "of the page and of the handler");
}

#[tokio::test]
async fn plain_handlers_of_the_group_have_it_when_they_ask() {
    let (app, loads) = app();
    assert_eq!(app.get("/quiet").await.html, "quiet");
    assert_eq!(loads.count(), 0);
    assert_eq!(app.get("/plain").await.html, "1");
}

#[tokio::test]
async fn a_route_without_the_layer_is_told_to_have_one() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let (app, _) = app();
    assert_eq!(app.get("/bare/a").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(log.text().contains("shared::Chrome>())` on their router"), "{}", log.text());
}

#[tokio::test]
async fn a_guard_knows_what_is_shared() {
    let loads = Loads::default();
    let odd_only = guard_events(|event: &GuardedEvent<'_>| {
        match event.shared::<Chrome>().is_some_and(|it| it.load % 2 == 1) {
            true => Ok(()),
            false => Err(EventRefusal::flash("error", "Not with this one.")),
        }
    });
    // The guard's layer stands inside of the value's, and needs not to.
    let router = Router::new()
        .live::<Hall>("/hall/{at}")
        .layer(odd_only)
        .layer(share_with_state::<Chrome, _>(loads.clone()));
    let app = served(LiveRuntime::new(config()), router);
    let mut hall = app.get("/hall/a").await.join().await;
    hall.click("#ask").await;
    assert_eq!(hall.text("#asked"), "1");
    hall.navigate("/hall/b").await;
    hall.click("#ask").await;
    assert_eq!(
        (hall.text("#asked"), hall.text(".flash.error")),
        ("0".into(), "Not with this one.".into())
    );
}
