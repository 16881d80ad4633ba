//! Nested views whose socket is lost or whose server goes away: which are kept, and who finds them.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestApp};
use belvedere::{HoldLimits, LiveConfig, LiveRouter, LiveRuntime};
use serde_json::json;
use tokio::time::Instant;

use super::ends::without_waiting;
use super::{app, app_with, refused};
use crate::views::{Book, Lobby, config, served};

fn app_draining(drain_timeout: Duration) -> (TestApp, Book, LiveRuntime) {
    let book = Book::default();
    let router = Router::new().live::<Lobby>("/lobby/{names}").with_state(book.clone());
    let live = LiveRuntime::new(LiveConfig { drain_timeout, ..config() });
    (served(live.clone(), router), book, live)
}

fn app_keeping(per_session: usize) -> (TestApp, Book) {
    let reconnect_limits = HoldLimits { per_session, ..HoldLimits::default() };
    app_with(LiveConfig { reconnect_limits, ..config() })
}

#[tokio::test]
async fn a_page_gives_up_its_nested_views_before_itself() {
    let (app, book) = app_keeping(2);
    let mut lobby = app.get("/lobby/ann,ben").await.join().await;
    let (mut ann, mut ben) = (lobby.child("ann").await, lobby.child("ben").await);
    lobby.click("#click").await;
    ann.click(".say").await;
    ben.click(".say").await;
    lobby.disconnect().await;
    assert_eq!((book.count("end ann"), book.count("end ben")), (0, 1), "the youngest");
    lobby.reconnect().await;
    assert_eq!(lobby.text("output"), "1");
    let (ann, ben) = (lobby.child("ann").await, lobby.child("ben").await);
    assert_eq!((ann.text("b"), ben.text("b")), ("ann 1".to_owned(), "ben 0".to_owned()));
}

#[tokio::test]
async fn the_oldest_page_of_a_session_gives_up_its_nested_views_first() {
    let (app, book) = app_keeping(3);
    let mut first = app.get("/lobby/house").await.join().await;
    let house = first.child("house").await;
    let _cellar = house.child("cellar").await;
    let mut second = app.get("/lobby/ann").await.join().await;
    let _ann = second.child("ann").await;
    first.click("#click").await;
    first.disconnect().await;
    second.disconnect().await;
    let ends = ["end house", "end cellar", "end ann"].map(|line| book.count(line));
    assert_eq!(ends, [1, 1, 0]);
    first.reconnect().await;
    second.reconnect().await;
    assert_eq!(first.text("output"), "1");
    second.child("ann").await;
    assert_eq!(book.count("mount ann"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_joins_no_nested_view_of_one_that_is_still_busy() {
    let (app, book, live) = app_draining(Duration::ZERO);
    let lobby = app.get("/lobby/house").await.join().await;
    let mut house = lobby.child("house").await;
    let _cellar = house.child("cellar").await;
    let html = house.html();
    let (before, after) = html.split_once("\" data-phx-parent-id").expect("the cellar's container");
    let topic = format!("lv:{}", before.rsplit('"').next().unwrap());
    let token = after.split("data-phx-session=\"").nth(1).and_then(|rest| rest.split('"').next());
    without_waiting(house.click(".nap")).await;
    live.disconnect(lobby.session());
    let mut intruder = app.get("/lobby/ann").await.open();
    let payload = json!({
        "params": { "_mounts": 0, "_mount_attempts": 0 },
        "session": token,
        "static": null,
        "sticky": false,
    });
    without_waiting(intruder.send_any(json!(["9", "9", topic, "phx_join", payload]))).await;
    assert_eq!((book.count("mount cellar"), book.count("end house")), (1, 0), "it still naps");
    intruder.settle().await;
    assert_eq!((book.count("mount cellar"), live.n_views()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_nested_view_that_panics_before_it_answers_a_join_is_joined_anew_alone() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.child("ann").await;
    lobby.click("#click").await;
    for event in ["nap", "panic_in_chat"] {
        ann.send_at_once("event", json!({"type": "click", "event": event, "value": {}})).await;
    }
    without_waiting(ann.join()).await;
    ann.settle().await;
    assert_eq!(*ann.outcome(), refused("join crashed"), "a stale one would reload the page");
    ann.join().await;
    assert_eq!((ann.text("b"), book.count("mount ann")), ("ann 0".to_owned(), 2));
    assert_eq!(lobby.text("output"), "1");
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_nested_views_as_for_their_page() {
    let (app, _, live) = app_draining(Duration::from_secs(9));
    let mut lobby = app.get("/lobby/house").await.join().await;
    let house = lobby.child("house").await;
    let mut cellar = house.child("cellar").await;
    cellar.click(".say").await;
    without_waiting(cellar.click(".nap")).await;
    without_waiting(cellar.click(".say")).await;
    let began = Instant::now();
    live.drain().await;
    assert_eq!(began.elapsed(), Duration::from_secs(5), "as long as the nap");
    cellar.settle().await;
    assert_eq!(cellar.text("b"), "cellar 2", "what waited is answered");
    lobby.settle().await;
    assert_eq!(*lobby.outcome(), Outcome::Disconnected(1012));
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_when_a_busy_nested_view_has_ended_with_its_parent() {
    let (app, book, live) = app_draining(Duration::from_secs(9));
    let mut lobby = app.get("/lobby/house").await.join().await;
    let mut house = lobby.child("house").await;
    let _cellar = house.child("cellar").await;
    without_waiting(house.click(".nap")).await;
    without_waiting(lobby.send_event("click", "leave", json!({}), None)).await;
    let began = Instant::now();
    live.drain().await;
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    lobby.settle().await;
    assert_eq!(*lobby.outcome(), Outcome::Disconnected(1012));
    assert_eq!((book.count("end house"), book.count("end cellar"), live.n_views()), (1, 1, 0));
}
