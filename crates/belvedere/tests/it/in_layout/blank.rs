//! Views in a layout that are not shown, and those that the page's own extractors keep out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::{Extension, Router};
use belvedere::http::page::{Layout, Page, default_layout};
use belvedere::testing::Outcome;
use belvedere::{
    LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Socket, live, nested,
};
use maud::PreEscaped;
use serde_json::json;

use super::{app_with, router};
use crate::diff::duplicates::Log;
use crate::views::{Book, Player, config, served};

#[tokio::test]
async fn a_mount_that_refuses_leaves_the_page_as_it_is() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, book, _) = app_with(&["missing", "stranger", "player"], config());
    let page = app.get("/catalog").await;
    assert_eq!(
        (page.status.as_u16(), page.texts("b")),
        (200, vec!["player 0".into(), "volume 0".into()])
    );
    let mut view = page.join().await;
    assert_eq!(view.in_layout("missing").await.html(), "");
    assert_eq!(view.in_layout("stranger").await.html(), "");
    assert_eq!(view.in_layout("player").await.text("b"), "player 0");
    view.click("#click").await;
    assert_eq!((view.text("output"), view.loads()), ("1".into(), 1));
    assert_eq!((book.count("mount missing"), book.count("mount stranger")), (2, 2));
    assert_eq!(log.text().matches(" is not shown").count(), 1);
}

#[tokio::test]
async fn one_that_the_layout_places_only_in_the_first_response_is_blank_and_the_page_stays() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let book = Book::default();
    let of_layout = book.clone();
    let layout = Layout::new(move |page: &Page<'_>| {
        let player = nested::<Player>("player", (of_layout.clone(), "player"));
        let player = page.title.map(|_| player.in_layout(page).0).unwrap_or_default();
        default_layout(&Page { view: PreEscaped(&format!("{}{player}", page.view.0)), ..*page })
    });
    let app = served(LiveRuntime::new(LiveConfig { layout, ..config() }), router());
    let mut view = app.get("/catalog").await.join().await;
    let mut player = view.in_layout("player").await;
    assert_eq!((player.html(), book.count("mount player")), (String::new(), 1));
    assert!(log.text().contains("places no more what it has placed"), "{}", log.text());
    view.reconnect().await;
    player = view.in_layout("player").await;
    view.click("#click").await;
    assert_eq!((view.text("output"), view.loads(), player.html()), ("1".into(), 1, String::new()));
}

/// On a request that an extractor has let through.
#[derive(Clone)]
struct Admitted;

/// Whether the extractor lets anybody through.
#[derive(Clone, Default)]
struct Door(Arc<AtomicBool>);

impl<S: Send + Sync> FromRequestParts<S> for Admitted {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let is_open = parts.extensions.get::<Door>().is_some_and(|door| door.is_open());
        parts.extensions.insert(Self);
        if is_open { Ok(Self) } else { Err(StatusCode::FORBIDDEN) }
    }
}

impl Door {
    fn open(&self, is_open: bool) {
        self.0.store(is_open, Ordering::Relaxed);
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Stands behind a door.
struct Vault;

impl LiveView for Vault {
    type Extract = Admitted;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(_: Admitted, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { p { "gold" } }
    }
}

#[tokio::test]
async fn an_extractor_that_guards_the_page_guards_it_and_tells_the_layout_the_same() {
    let (book, door) = (Book::default(), Door::default());
    let of_layout = book.clone();
    let layout = Layout::new(move |page: &Page<'_>| {
        let admitted = page.extensions.get::<Admitted>();
        let player = nested::<Player>("player", (of_layout.clone(), "player"));
        let player = admitted.map(|_| player.in_layout(page).0).unwrap_or_default();
        default_layout(&Page { view: PreEscaped(&format!("{}{player}", page.view.0)), ..*page })
    });
    let routes = Router::new().live::<Vault>("/vault").layer(Extension(door.clone()));
    let app = served(LiveRuntime::new(LiveConfig { layout, ..config() }), routes);
    door.open(true);
    let view = app.get("/vault").await.join().await;
    assert_eq!(view.in_layout("player").await.text("b"), "player 0");
    door.open(false);
    let mut player = view.open_in_layout("player");
    player.join().await;
    let Outcome::Refused(refusal) = player.outcome() else { panic!("{player:?}") };
    assert_eq!((&refusal["reason"], &refusal["status"]), (&json!("reload"), &json!(403)));
    assert_eq!(book.count("mount player"), 1);
}
