//! Views that a layout places: they live as long as the document, whatever the page within does.

use std::time::Duration;

use axum::Router;
use belvedere::http::page::{Layout, Page, default_layout};
use belvedere::testing::{Outcome, TestApp};
use belvedere::{Container, LiveConfig, LiveRouter, LiveRuntime, nested};
use maud::PreEscaped;
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::views::{Book, Calls, Catalog, Counter, Lobby, Player, Rooms, config, radio, served};

mod blank;

fn router() -> Router {
    Router::new()
        .live::<Catalog>("/catalog")
        .live::<Counter>("/counter/{start}")
        .with_state(Calls::default())
}

fn app_with(names: &'static [&'static str], config: LiveConfig) -> (TestApp, Book, LiveRuntime) {
    let book = Book::default();
    let live = LiveRuntime::new(LiveConfig { layout: radio(&book, names, "/counter/0"), ..config });
    (served(live.clone(), router()), book, live)
}

fn app() -> (TestApp, Book, LiveRuntime) {
    app_with(&["player"], config())
}

#[tokio::test]
async fn the_page_shows_it_finished_and_outside_of_its_own_view() {
    let (app, book, _) = app();
    let page = app.get("/catalog?page=2").await;
    assert_eq!(page.texts("b"), ["player 0", "volume 0"]);
    assert_eq!(page.texts("i"), ["/catalog?page=2", "/catalog?page=2"]);
    assert_eq!(page.texts("[data-phx-main] b"), Vec::<String>::new());
    assert_eq!(page.text("title"), "Page 2", "the title is the page's");
    assert_eq!((book.count("mount player"), book.count("mount volume")), (1, 1));
    let view = page.join().await;
    let player = view.in_layout("player").await;
    assert_eq!(player.text("b"), "player 0");
    assert_eq!(player.child("volume").await.text("b"), "volume 0");
    assert_eq!((book.count("mount player"), book.count("mount volume")), (1, 1), "adopted");
}

#[tokio::test]
async fn it_keeps_its_state_wherever_the_page_navigates() {
    let (app, book, live) = app();
    let mut view = app.get("/catalog?page=2").await.join().await;
    let mut player = view.in_layout("player").await;
    let mut volume = player.child("volume").await;
    player.click(".play").await;
    volume.click(".play").await;
    view.navigate("/counter/5").await;
    player.click(".play").await;
    volume.click(".play").await;
    assert_eq!((player.text("b"), player.text("i")), ("player 2".into(), "/counter/5".into()));
    assert_eq!((volume.text("b"), volume.text("i")), ("volume 2".into(), "/counter/5".into()));
    view.back().await;
    view.click("#next").await;
    player.click(".play").await;
    assert_eq!((player.text("b"), player.text("i")), ("player 3".into(), "/catalog?page=3".into()));
    assert_eq!((view.loads(), live.n_views(), book.count("mount player")), (1, 3, 1));
}

#[tokio::test]
async fn it_moves_the_page_and_stays() {
    let (app, _, _) = app();
    let mut view = app.get("/catalog?page=2").await.join().await;
    let mut player = view.in_layout("player").await;
    player.send_event("click", "patch", json!({"to": "/catalog?page=3"}), None).await;
    view.settle().await;
    assert_eq!((view.text("h1"), view.path()), ("3".into(), "/catalog?page=3"));
    player.send_event("click", "go", json!({"to": "/counter/5"}), None).await;
    view.settle().await;
    assert_eq!((view.text("output"), view.path()), ("5".into(), "/counter/5"));
    assert_eq!(player.text("b"), "player 1", "what the callback has changed is shown as well");
    player.send_event("click", "patch", json!({"to": "/catalog?page=4"}), None).await;
    view.settle().await;
    assert_eq!((view.path(), view.loads()), ("/catalog?page=4", 1), "the page of another view");
    player.send_event("click", "go", json!({"to": "/catalog"}), None).await;
    view.settle().await;
    assert_eq!(view.texts(".flash"), ["From the player."], "its flash travels along");
    assert!(player.is_joined() && player.texts(".flash").is_empty());
    player.send_event("click", "load", json!({"to": "/counter/9"}), None).await;
    assert_eq!(*player.outcome(), Outcome::Redirected("/counter/9".to_owned()));
}

#[tokio::test]
async fn one_that_sends_the_page_on_when_it_mounts_is_joined_all_the_same() {
    let (app, book, _) = app_with(&["leader"], config());
    let page = app.get("/catalog?page=2").await;
    assert_eq!(page.texts("b"), ["leader 0"]);
    let mut view = page.join().await;
    let leader = view.in_layout("leader").await;
    assert_eq!((leader.text("b"), book.count("mount leader")), ("leader 0".into(), 1));
    view.settle().await;
    assert_eq!((view.path(), view.loads()), ("/catalog?page=7", 1));
}

#[tokio::test]
async fn one_that_patches_when_it_mounts_moves_the_page_joined_before_or_after_it() {
    let (app, _, _) = app_with(&["turner"], config());
    let mut view = app.get("/catalog?page=2").await.join().await;
    drop(view.in_layout("turner").await);
    view.settle().await;
    assert_eq!((view.text("h1"), view.path(), view.loads()), ("8".into(), "/catalog?page=8", 1));

    let mut view = app.get("/catalog?page=2").await.join().await;
    view.send("phx_leave", json!({})).await;
    drop(view.in_layout("turner").await);
    view.settle().await;
    assert_eq!((view.text("h1"), view.path(), view.loads()), ("8".into(), "/catalog?page=8", 1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_socket_finds_it_as_it_was() {
    let (app, book, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.in_layout("player").await.click(".play").await;
    view.navigate("/counter/5").await;
    view.disconnect().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    view.reconnect().await;
    let player = view.in_layout("player").await;
    assert_eq!(
        (player.text("b"), player.child("volume").await.text("b")),
        ("player 1".into(), "volume 0".into())
    );
    view.disconnect().await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!((book.count("NotReturned player"), book.count("mount player")), (1, 1));
    view.reconnect().await;
    assert_eq!(view.in_layout("player").await.text("b"), "player 0", "mounted anew");
}

#[tokio::test]
async fn a_server_that_knows_nothing_of_it_mounts_it_anew() {
    let (app, _, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    let mut player = view.in_layout("player").await;
    player.click(".play").await;
    view.navigate("/counter/5").await;
    let (other, book, _) = self::app();
    view.reconnect_to(&other).await;
    let player = view.in_layout("player").await;
    assert_eq!((player.text("b"), player.text("i")), ("player 0".into(), "/counter/5".into()));
    assert_eq!(book.count("mount player"), 1);
    assert_eq!(player.child("volume").await.text("b"), "volume 0");
}

#[tokio::test]
async fn mounted_anew_before_the_page_it_knows_what_the_browser_shows() {
    let (app, _, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.navigate("/counter/5").await;
    let (other, book, _) = self::app();
    view.reconnect_to(&other).await;
    view.send("phx_leave", json!({})).await;
    let player = view.in_layout("player").await;
    assert_eq!((player.text("i"), book.count("mount player")), ("/counter/5".into(), 1));
}

#[tokio::test]
async fn a_crash_ends_it_alone_and_the_page_alone() {
    let (app, book, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    let mut player = view.in_layout("player").await;
    player.click(".play").await;
    view.send_event("click", "crash", json!({}), None).await;
    view.join().await;
    player.click(".play").await;
    assert_eq!(player.text("b"), "player 2");
    player.send_event("click", "panic", json!({}), None).await;
    assert_eq!(*player.outcome(), Outcome::Crashed);
    assert_eq!(book.count("Crashed player"), 1);
    view.click("#click").await;
    assert_eq!(view.text("output"), "1");
    player.join().await;
    assert_eq!(player.text("b"), "player 0");
}

#[tokio::test]
async fn it_ends_with_its_document() {
    let (app, book, live) = app();
    let mut view = app.get("/catalog").await.join().await;
    drop(view.in_layout("player").await.child("volume").await);
    view.load("/counter/5").await;
    assert_eq!((book.count("Left player"), book.count("Left volume")), (1, 1));
    let player = view.in_layout("player").await;
    assert_eq!((player.text("b"), live.n_views()), ("player 0".into(), 2));
    view.close().await;
    assert_eq!((book.count("Left player"), live.n_views()), (2, 0));
}

#[tokio::test]
async fn each_tab_has_its_own() {
    let (app, _, _) = app();
    let first = app.get("/catalog").await.join().await;
    let second = app.get("/catalog").await.join().await;
    let mut ours = first.in_layout("player").await;
    let mut theirs = second.in_layout("player").await;
    ours.click(".play").await;
    theirs.settle().await;
    assert_eq!((ours.text("b"), theirs.text("b")), ("player 1".into(), "player 0".into()));
}

#[tokio::test]
async fn what_only_some_pages_of_a_layout_place_stays_on_the_others() {
    let (app, _, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.navigate("/counter/0").await;
    let (other, book, _) = self::app();
    view.reconnect_to(&other).await;
    assert_eq!(view.in_layout("player").await.text("b"), "player 0");
    assert_eq!(book.count("mount player"), 1);
}

#[tokio::test]
async fn its_token_opens_nothing_else_and_no_other_token_opens_it() {
    let (app, _, _) = app();
    let page = app.get("/catalog").await;
    let token = |selector| json!(page.attribute(selector, "data-phx-session"));
    let in_layout = "[data-phx-session]:not([data-phx-main]):not([data-phx-parent-id])";
    let (of_page, of_other) = (token("[data-phx-main]"), token(in_layout));
    assert!(of_page.is_string() && of_other.is_string());
    let view = app.get("/catalog").await.join().await;
    for (key, value, reason) in [
        ("session", json!(""), "stale"),
        ("session", of_page, "stale"),
        ("session", of_other, "stale"),
        ("url", json!("no url"), "unauthorized"),
        ("redirect", json!("http://x.test/catalog"), "unauthorized"),
    ] {
        let mut player = view.open_in_layout("player");
        player.join_with(|payload| payload[key] = value.clone()).await;
        assert_eq!(*player.outcome(), Outcome::Refused(json!({ "reason": reason })), "{key}");
    }
    let mut without_url = view.open_in_layout("player");
    without_url.join_with(|payload| drop(payload.as_object_mut().unwrap().remove("url"))).await;
    assert_eq!(*without_url.outcome(), Outcome::Refused(json!({"reason": "stale"})));
    assert_eq!(view.in_layout("player").await.text("b"), "player 0");
}

#[tokio::test]
async fn two_of_one_id_and_more_than_eight_are_said_in_the_log() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, book, _) = app_with(&["player", "player"], config());
    assert_eq!(app.get("/catalog").await.texts("body > div > b"), ["player 0"]);
    assert_eq!(book.count("mount player"), 1);
    assert!(log.text().contains("two views with the same id"), "{}", log.text());
    let names = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let (app, _, _) = app_with(names, config());
    assert_eq!(app.get("/catalog").await.texts("body > div > b").len(), 8);
    assert!(log.text().contains("more than 8 views"), "{}", log.text());
}

#[tokio::test]
async fn the_end_of_the_session_ends_it() {
    let (app, book, live) = app();
    let mut view = app.get("/catalog").await.join().await;
    let mut player = view.in_layout("player").await;
    live.end_session(view.session());
    view.disconnected().await;
    player.settle().await;
    assert_eq!((live.n_views(), book.count("SessionEnded player")), (0, 1));
}

#[tokio::test]
async fn one_whose_id_is_too_long_is_said_in_the_log_and_not_shown() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let names = vec![&*"n".repeat(250).leak(), "player"].leak();
    let (app, book, _) = app_with(names, config());
    let page = app.get("/catalog").await;
    assert_eq!(page.texts("body > div > b"), ["player 0"]);
    assert_eq!(book.count(&format!("mount {}", names[0])), 0);
    assert!(log.text().contains("the id of a view in a layout is too long"), "{}", log.text());
}

#[tokio::test]
async fn a_nested_view_of_a_later_page_leaves_it_its_containers_id() {
    let book = Book::default();
    let of_layout = book.clone();
    let layout = Layout::new(move |page: &Page<'_>| {
        let player = nested::<Player>("player", (of_layout.clone(), "player"));
        let player = player.container(Container::new().id("first")).in_layout(page);
        let view = format!("{}{}", page.view.0, player.0);
        default_layout(&Page { view: PreEscaped(&view), ..*page })
    });
    let routes = router().live::<Rooms>("/rooms/{kind}");
    let app = served(LiveRuntime::new(LiveConfig { layout, ..config() }), routes);
    let mut view = app.get("/catalog").await.join().await;
    let mut player = view.in_layout("player").await;
    assert_eq!(player.topic(), "lv:first");
    view.navigate("/rooms/two").await;
    let room = view.child("one").await;
    assert_ne!(room.topic(), "lv:first");
    player.click(".play").await;
    assert_eq!((room.text("b"), player.text("b")), ("1:0".into(), "player 1".into()));
}

#[tokio::test]
async fn its_joins_are_left_to_it_though_another_page_has_none() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let book = Book::default();
    let layout = radio(&book, &["player"], "/counter/0");
    let live = LiveRuntime::new(LiveConfig { layout, max_joins_per_socket: 8, ..config() });
    let routes = Router::new().live::<Lobby>("/lobby/{names}").live::<Counter>("/counter/{start}");
    let app = served(live, routes.with_state(book));
    for (path, n_inert) in [("/lobby/ann", 0), ("/counter/0", 0), ("/lobby/ann,ben,cat", 1)] {
        assert_eq!(app.get(path).await.texts("[inert]").len(), n_inert, "{path}");
    }
    assert!(log.text().contains("of_layout=5"), "{}", log.text());
}
