//! Live views inside a live view: shown with their page, joined and changed on their own.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use serde_json::{Value, json};

use crate::diff::duplicates::Log;
use crate::views::{Book, Lobby, config, served};
use ends::without_waiting;

mod containers;
pub(crate) mod ends;
mod loss;
mod rows;
mod swaps;

fn app_with(config: LiveConfig) -> (TestApp, Book) {
    let book = Book::default();
    let router = Router::new().live::<Lobby>("/lobby/{names}").with_state(book.clone());
    (served(LiveRuntime::new(config), router), book)
}

fn app() -> (TestApp, Book) {
    app_with(config())
}

fn refused(reason: &str) -> Outcome {
    Outcome::Refused(json!({ "reason": reason }))
}

async fn show(lobby: &mut TestView, names: &str) {
    lobby.send_event("click", "show", json!({ "names": names }), None).await;
}

fn last_reply(view: &TestView) -> &Value {
    &view.replies().last().expect("a reply")["response"]
}

#[tokio::test]
async fn the_page_shows_its_nested_views_before_any_script_runs() {
    let (app, book) = app();
    let page = app.get("/lobby/ann,ben").await;
    assert_eq!(page.texts("section b"), ["ann 0", "ben 0"]);
    assert_eq!(page.texts(".flash"), ["ann at /lobby/ann,ben", "ben at /lobby/ann,ben"]);
    let main = page.attribute("[data-phx-main]", "id");
    let child = "section:first-of-type > [data-phx-session]";
    assert_eq!(page.attribute(child, "id"), main.as_ref().map(|main| format!("{main}-ann")));
    assert_eq!(page.attribute(child, "data-phx-parent-id"), main);
    assert_eq!(page.attribute(child, "data-phx-session").as_deref(), Some(""));
    assert!(page.attribute(child, "data-phx-static").is_some_and(|token| !token.is_empty()));
    assert_eq!((book.count("mount ann"), book.count("mount ben")), (1, 1));
}

#[tokio::test]
async fn each_view_of_a_page_has_a_flash_of_its_own() {
    let (app, _) = app();
    let page = app.get("/lobby/ann,ben").await;
    let [ann, ben] = ["ann", "ben"].map(|name| format!("[id$=-{name}] > .flashes"));
    let ids = [&ann, &ben].map(|flashes| page.attribute(flashes, "id").expect("an id"));
    assert_ne!(ids[0], ids[1]);
    let lobby = page.join().await;
    let mut view = lobby.child("ann").await;
    assert_eq!(view.attribute(".flashes", "id").as_ref(), Some(&ids[0]), "as in the page");
    view.click(".flash").await;
    assert!(view.texts(".flash").is_empty());
    assert_eq!(lobby.child("ben").await.text(".flash"), "ben at /lobby/ann,ben");
}

#[tokio::test(start_paused = true)]
async fn siblings_mount_at_the_same_time() {
    let (app, _) = app();
    let page = app.get("/lobby/pair1,pair2").await;
    assert_eq!(page.texts("b"), ["pair1 0", "pair2 0"], "they have waited for each other");
}

#[tokio::test]
async fn a_visit_mounts_a_nested_view_once() {
    let (app, book) = app();
    let lobby = app.get("/lobby/ann").await.join().await;
    let container = lobby.html();
    assert!(container.contains("data-phx-static=\"\"></div>"), "{container}");
    let ann = lobby.child("ann").await;
    assert_eq!(ann.text("b"), "ann 0");
    assert_eq!(ann.text(".flash"), "ann at /lobby/ann");
    assert_eq!((book.count("mount ann"), book.count("mount lobby")), (1, 1));
}

#[tokio::test]
async fn an_event_changes_its_own_view_and_no_other() {
    let (app, _) = app();
    let mut lobby = app.get("/lobby/ann,ben").await.join().await;
    let (mut ann, mut ben) = (lobby.child("ann").await, lobby.child("ben").await);
    let (lobby_frames, ben_frames) = (lobby.frames(), ben.frames());
    ann.click(".say").await;
    assert_eq!(last_reply(&ann), &json!({ "diff": { "2": "1" } }));
    lobby.settle().await;
    ben.settle().await;
    assert_eq!((lobby.frames(), ben.frames()), (lobby_frames, ben_frames));
    let ann_frames = ann.frames();
    lobby.click("#click").await;
    assert_eq!(last_reply(&lobby), &json!({ "diff": { "0": "1" } }), "no container is sent again");
    ann.settle().await;
    assert_eq!((ann.frames(), ann.text("b")), (ann_frames, "ann 1".to_owned()));
}

#[tokio::test]
async fn a_nested_view_crashes_alone_and_is_joined_anew_with_the_same_token() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann,ben").await.join().await;
    let (mut ann, mut ben) = (lobby.child("ann").await, lobby.child("ben").await);
    lobby.click("#click").await;
    ben.click(".say").await;
    ann.click(".panic").await;
    assert_eq!(*ann.outcome(), Outcome::Crashed);
    ann.join().await;
    assert_eq!((ann.text("b"), book.count("mount ann")), ("ann 0".to_owned(), 2));
    ann.click(".say").await;
    assert_eq!(ann.text("b"), "ann 1");
    ben.settle().await;
    lobby.settle().await;
    assert_eq!((ben.text("b"), lobby.text("output")), ("ben 1".to_owned(), "1".to_owned()));
    assert!(ben.is_joined() && lobby.is_joined());
}

#[tokio::test]
async fn a_view_placed_later_mounts_at_its_join_and_ends_when_it_is_placed_no_more() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.child("ann").await;
    show(&mut lobby, "ann,ben").await;
    assert_eq!(book.count("mount ben"), 0);
    let mut ben = lobby.child("ben").await;
    assert_eq!((ben.text("b"), book.count("mount ben")), ("ben 0".to_owned(), 1));
    show(&mut lobby, "ann").await;
    ben.settle().await;
    assert_eq!((ben.outcome(), book.count("end ben")), (&Outcome::Closed, 1));
    ben.join().await;
    assert_eq!((ben.html(), book.count("mount ben")), (String::new(), 1), "nothing is shown");
    ann.click(".say").await;
    assert_eq!(ann.text("b"), "ann 1");
    show(&mut lobby, "ben").await;
    assert_eq!(lobby.child("ben").await.text("b"), "ben 0");
}

#[tokio::test(start_paused = true)]
async fn a_view_that_is_placed_no_more_when_it_has_mounted_is_joined_blank() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann").await.join().await;
    show(&mut lobby, "pair").await;
    let mut pair = lobby.open_child("pair");
    without_waiting(pair.join()).await;
    assert_eq!(book.count("mount pair"), 1);
    without_waiting(show(&mut lobby, "ann")).await;
    pair.settle().await;
    lobby.settle().await;
    assert_eq!((pair.outcome(), pair.html()), (&Outcome::Open, String::new()));
    assert_eq!(lobby.child("ann").await.text("b"), "ann 0");
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_finds_the_state_of_nested_views() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/house").await.join().await;
    let mut house = lobby.child("house").await;
    house.child("cellar").await.click(".say").await;
    house.click(".say").await;
    lobby.disconnect().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    lobby.reconnect().await;
    let mut house = lobby.child("house").await;
    assert_eq!(house.text("b"), "house 1");
    assert_eq!(house.child("cellar").await.text("b"), "cellar 1");
    assert_eq!((book.count("mount house"), book.count("mount cellar")), (1, 1));
    house.click(".say").await;
    assert_eq!(house.text("b"), "house 2");
}

#[tokio::test]
async fn a_nested_view_that_gives_way_at_a_reconnect_is_mounted_anew_with_all_in_it() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/notes").await.join().await;
    let mut notes = lobby.child("notes").await;
    notes.click("button").await;
    notes.child("notes-1").await.click(".say").await;
    lobby.reconnect().await;
    let mut notes = lobby.child("notes").await;
    assert_eq!(notes.texts("li"), ["1"], "the page's only");
    let mut first = notes.child("notes-1").await;
    assert_eq!((first.text("b"), book.count("end notes-1")), ("notes-1 0".to_owned(), 1));
    notes.click("button").await;
    assert_eq!(notes.texts("li"), ["1", "2"]);
    first.click(".say").await;
    assert_eq!(first.text("b"), "notes-1 1");
    lobby.send("phx_leave", json!({})).await;
    notes.settle().await;
    assert_eq!(*notes.outcome(), Outcome::Closed, "the new one ends with its parent, too");
}

#[tokio::test]
async fn views_nest_in_nested_views() {
    let (app, book) = app();
    let page = app.get("/lobby/house").await;
    assert_eq!(page.texts("b"), ["house 0", "cellar 0"]);
    let lobby = page.join().await;
    let house = lobby.child("house").await;
    let mut cellar = house.child("cellar").await;
    cellar.click(".say").await;
    assert_eq!(cellar.text("b"), "cellar 1");
    assert_eq!((book.count("mount house"), book.count("mount cellar")), (1, 1));
}

#[tokio::test]
async fn a_view_that_nests_itself_comes_to_an_end() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, book) = app();
    let page = app.get("/lobby/mirror").await;
    assert_eq!((page.texts("b").len(), book.count("mount mirror")), (8, 8));
    assert!(log.text().contains("a nested view is too deep"), "{}", log.text());
    let mut last = page.join().await;
    for _ in 0..8 {
        last = last.child("mirror").await;
    }
    assert!(!last.html().contains("data-phx-session"), "{}", last.html());
    assert_eq!(book.count("mount mirror"), 8);
}

#[tokio::test]
async fn a_mount_that_fails_leaves_its_place_empty_until_the_join_tries_again() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, _) = app();
    let page = app.get("/lobby/flaky,panics,missing,ann").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("section")[..3], ["", "", ""]);
    assert_eq!(page.texts("section b"), ["ann 0"]);
    let panicked = ["a live view panicked", "callback=\"mount\""];
    assert!(panicked.iter().all(|part| log.text().contains(part)), "{}", log.text());
    let lobby = page.join().await;
    assert_eq!(lobby.child("flaky").await.text("b"), "flaky 0");
    let mut panics = lobby.open_child("panics");
    panics.join().await;
    assert_eq!(*panics.outcome(), refused("join crashed"));
    let mut missing = lobby.open_child("missing");
    missing.join().await;
    let Outcome::Refused(response) = missing.outcome() else { panic!("{missing:?}") };
    assert_eq!((&response["reason"], &response["status"]), (&json!("reload"), &json!(404)));
    assert_eq!(lobby.child("ann").await.text("b"), "ann 0");
}

#[tokio::test]
async fn an_id_that_is_taken_is_logged_and_shows_nothing() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, book) = app();
    let page = app.get("/lobby/ann,ann").await;
    assert_eq!((page.texts("b"), book.count("mount ann")), (vec!["ann 0".to_owned()], 1));
    let logged = log.text();
    for part in ["have the same id", "views/lobby.rs", "\"Chat\""] {
        assert!(logged.contains(part), "{part} is missing: {logged}");
    }
}

#[tokio::test]
async fn a_component_places_nested_views_too() {
    let (app, book) = app();
    let page = app.get("/lobby/booth").await;
    assert_eq!(page.texts("b"), ["guest 0"]);
    let mut lobby = page.join().await;
    let mut guest = lobby.child("guest").await;
    guest.click(".say").await;
    lobby.click("#click").await;
    guest.click(".say").await;
    assert_eq!((guest.text("b"), book.count("mount guest")), ("guest 2".to_owned(), 1));
    lobby.click("#toggle").await;
    guest.settle().await;
    assert_eq!((guest.outcome(), book.count("end guest")), (&Outcome::Closed, 1));
    lobby.click("#toggle").await;
    let mut guest = lobby.child("guest").await;
    assert_eq!(guest.text("b"), "guest 0");
    show(&mut lobby, "").await;
    lobby.send("cids_will_destroy", json!({ "cids": [1] })).await;
    lobby.send("cids_destroyed", json!({ "cids": [1] })).await;
    guest.settle().await;
    assert_eq!((guest.outcome(), book.count("end guest")), (&Outcome::Closed, 2));
}

#[tokio::test]
async fn a_component_keeps_the_nested_view_of_a_row_that_its_stream_has_forgotten() {
    let (app, _) = app();
    let lobby = app.get("/lobby/notes").await.join().await;
    let mut notes = lobby.child("notes").await;
    let mut first = notes.child("notes-1").await;
    first.click(".say").await;
    notes.click("button").await;
    let mut second = notes.child("notes-2").await;
    first.click(".say").await;
    second.click(".say").await;
    assert_eq!((first.text("b"), second.text("b")), ("notes-1 2".into(), "notes-2 1".into()));
}
