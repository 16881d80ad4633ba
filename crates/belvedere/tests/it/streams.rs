//! Streams in a running view: from the page to the browser, forgotten, told again.

use belvedere::LiveRuntime;
use belvedere::testing::{Outcome, TestApp, TestView};
use serde_json::json;

use crate::views::{Senders, config, router, served};

fn app() -> (TestApp, Senders) {
    let senders = Senders::default();
    (served(LiveRuntime::new(config()), router(senders.clone())), senders)
}

#[tokio::test]
async fn the_page_shows_the_items_and_the_join_brings_them() {
    let (app, _) = app();
    let page = app.get("/feed/again").await;
    assert_eq!(page.texts("li"), ["one", "two"]);
    let feed = page.join().await;
    assert_eq!(feed.texts("li"), ["one", "two"]);
}

#[tokio::test]
async fn each_event_sends_its_operations_and_nothing_else() {
    let (app, _) = app();
    let mut feed = app.get("/feed/again").await.join().await;
    feed.click("#messages-1 button").await;
    assert_eq!(
        feed.replies()[0]["response"].to_string(),
        r#"{"diff":{"1":{"k":{"kc":0},"stream":["messages",[],["messages-1"]]}}}"#
    );
    feed.click("#pin").await;
    assert_eq!(feed.texts("li"), ["pinned", "two"]);
    feed.click("#clear").await;
    assert_eq!(
        feed.replies()[2]["response"].to_string(),
        r#"{"diff":{"1":{"k":{"kc":0},"stream":["messages",[],[],true]}}}"#
    );
    assert_eq!(feed.texts("li"), <[String; 0]>::default());
}

#[tokio::test]
async fn messages_before_the_join_and_during_one_render_are_all_sent() {
    let (app, senders) = app();
    let page = app.get("/feed/again").await;
    let sender = senders.0.lock().unwrap()[0].clone();
    sender.send("before".to_owned()).unwrap();
    let mut feed = page.join().await;
    feed.settle().await;
    assert_eq!(feed.texts("li"), ["one", "two", "before"]);
    for text in ["a", "b", "c"] {
        sender.send(text.to_owned()).unwrap();
    }
    feed.settle().await;
    assert_eq!(feed.texts("li"), ["before", "a", "b", "c"], "the limit keeps the last four");
}

#[tokio::test]
async fn a_reconnect_asks_for_the_items_again_and_keeps_the_rest() {
    let (app, senders) = app();
    let mut feed = app.get("/feed/again").await.join().await;
    feed.click("#pin").await;
    feed.disconnect().await;
    senders.0.lock().unwrap()[0].clone().send("while away".to_owned()).unwrap();
    feed.reconnect().await;
    assert_eq!(feed.texts("li"), ["one", "two"]);
    assert_eq!(senders.0.lock().unwrap().len(), 1, "the view was kept");
    feed.click("#messages-1 button").await;
    assert_eq!(feed.texts("li"), ["two"]);
}

#[tokio::test]
async fn a_view_that_cannot_tell_its_items_is_mounted_anew() {
    let (app, senders) = app();
    let mut feed = app.get("/feed/once").await.join().await;
    feed.click("#pin").await;
    assert_eq!(feed.text("#count"), "3");
    feed.reconnect().await;
    assert_eq!((feed.outcome(), feed.text("#count")), (&Outcome::Open, "2".into()));
    assert_eq!(feed.texts("li"), ["one", "two"]);
    let senders = senders.0.lock().unwrap();
    assert_eq!(senders.len(), 2, "another view was mounted");
    assert!(senders[0].send(String::new()).is_err(), "the first has ended");
}

#[tokio::test]
async fn a_rejoin_on_a_live_runtime_is_asked_too() {
    for path in ["/feed/again", "/feed/once"] {
        let (app, _) = app();
        let mut feed = app.get(path).await.join().await;
        feed.click("#pin").await;
        feed.join().await;
        assert_eq!(feed.texts("li"), ["one", "two"], "{path}");
        feed.click("#pin").await;
        assert_eq!(feed.texts("li"), ["pinned", "one", "two"], "{path}");
    }
}

/// A joined feed that was then sent these texts.
async fn told(path: &str, texts: &[&str]) -> TestView {
    let (app, senders) = app();
    let mut feed = app.get(path).await.join().await;
    let sender = senders.0.lock().unwrap()[0].clone();
    for text in texts {
        sender.send((*text).to_owned()).unwrap();
    }
    feed.settle().await;
    feed
}

#[tokio::test]
async fn more_changes_than_may_wait_are_forgotten_and_the_items_told_again() {
    let feed = told("/feed/again", &["flood 1000"]).await;
    assert_eq!(feed.texts("li"), ["flood"; 4], "all of them were sent");
    assert_eq!(feed.text("#count"), "1002");
    let mut feed = told("/feed/again", &["flood 1001"]).await;
    assert_eq!(feed.texts("li"), ["one", "two"]);
    feed.click("#pin").await;
    assert_eq!(feed.texts("li"), ["pinned", "one", "two"]);
}

#[tokio::test]
async fn what_is_put_in_at_once_is_one_change() {
    let feed = told("/feed/once", &["fill 3000", "fill 3000", "last"]).await;
    assert_eq!(feed.texts("li"), ["fill", "fill", "fill", "last"]);
}

#[tokio::test]
async fn a_view_that_cannot_tell_forgotten_items_is_mounted_anew() {
    let mut feed = told("/feed/once", &["flood 1001"]).await;
    assert_eq!(*feed.outcome(), Outcome::Crashed);
    feed.join().await;
    assert_eq!(
        (feed.text("#count"), feed.texts("li")),
        ("2".into(), vec!["one".into(), "two".into()])
    );
}

#[tokio::test]
async fn a_view_without_a_browser_keeps_no_more_than_may_wait() {
    let (app, senders) = app();
    let mut feed = app.get("/feed/again").await.join().await;
    feed.disconnect().await;
    let sender = senders.0.lock().unwrap()[0].clone();
    for _ in 0..3 {
        sender.send("flood 900".to_owned()).unwrap();
        feed.settle().await;
    }
    feed.reconnect().await;
    assert_eq!(feed.texts("li"), ["one", "two"]);
    assert_eq!(senders.0.lock().unwrap().len(), 1, "the view was kept");
}

#[tokio::test]
async fn a_join_that_finds_changes_forgotten_for_good_has_the_page_loaded_again() {
    let (app, senders) = app();
    let mut feed = app.get("/feed/empty").await.join().await;
    feed.disconnect().await;
    senders.0.lock().unwrap()[0].send("flood 1001".to_owned()).unwrap();
    feed.reconnect().await;
    assert_eq!(*feed.outcome(), Outcome::Refused(json!({"reason": "stale"})));
    feed.join().await;
    assert_eq!((feed.outcome(), feed.text("#count")), (&Outcome::Open, "0".into()));
}
