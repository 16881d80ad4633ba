//! Nested views in the rows of streams, whose browser does not notice when they go.

use axum::Router;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveRouter, LiveRuntime};
use serde_json::json;

use crate::views::{Shelf, Showcase, config, served};

fn app() -> TestApp {
    let router = Router::new().live::<Shelf>("/shelf/{kind}").live::<Showcase>("/showcase");
    served(LiveRuntime::new(config()), router)
}

async fn act(shelf: &mut TestView, event: &str, id: u32) {
    shelf.send_event("click", event, json!({ "id": id }), None).await;
}

/// Ways in which the row of box 1 goes.
const WAYS: [&[(&str, u32)]; 4] =
    [&[("take", 1)], &[("put", 2), ("put", 3)], &[("reset", 2)], &[("clear", 0)]];

#[tokio::test]
async fn a_view_in_a_row_that_goes_and_comes_again_is_joined_again() {
    for kind in ["plain", "held", "named"] {
        for way in WAYS {
            let app = app();
            let page = app.get(&format!("/shelf/{kind}")).await;
            assert_eq!(page.texts("b"), ["1:0"], "{kind}");
            let mut shelf = page.join().await;
            for attempt in 0..3 {
                let mut first = shelf.child(1).await;
                assert_eq!(first.text("b"), "1:0", "{kind} {way:?} {attempt}");
                first.click("button").await;
                for (event, id) in way {
                    act(&mut shelf, event, *id).await;
                }
                first.settle().await;
                assert_eq!(*first.outcome(), Outcome::Closed, "{kind} {way:?} {attempt}");
                act(&mut shelf, "put", 1).await;
            }
            assert_eq!(shelf.child(1).await.text("b"), "1:0", "{kind} {way:?}");
        }
    }
}

#[tokio::test]
async fn a_view_in_a_row_lives_while_its_row_does() {
    for kind in ["plain", "held", "named"] {
        let mut shelf = app().get(&format!("/shelf/{kind}")).await.join().await;
        let mut first = shelf.child(1).await;
        first.click("button").await;
        act(&mut shelf, "put", 2).await;
        act(&mut shelf, "put", 1).await;
        first.click("button").await;
        shelf.child(2).await.click("button").await;
        assert_eq!(
            (first.text("b"), first.outcome()),
            ("1:2".to_owned(), &Outcome::Open),
            "{kind}"
        );
        shelf.reconnect().await;
        let mut first = shelf.child(1).await;
        first.click("button").await;
        assert_eq!((first.text("b"), shelf.child(2).await.text("b")), ("1:3".into(), "2:1".into()));
    }
}

#[tokio::test]
async fn a_row_that_came_back_before_the_farewell_is_joined_once_that_is_heard() {
    let mut shelf = app().get("/shelf/held").await.join().await;
    let mut first = shelf.child(1).await;
    first.click("button").await;
    let container = shelf.html();
    // The browser has dropped the row at the limit, and has it again when its farewell arrives.
    shelf.send("cids_will_destroy", json!({ "cids": [1] })).await;
    first.settle().await;
    assert_eq!(*first.outcome(), Outcome::Closed);
    assert_ne!(shelf.html(), container, "a container that the browser does not know");
    let mut again = shelf.child(1).await;
    again.click("button").await;
    assert_eq!(again.text("b"), "1:1");
}

#[tokio::test]
async fn a_view_in_a_portal_that_opens_again_is_joined_again() {
    let mut page = app().get("/showcase").await.join().await;
    for _ in 0..3 {
        let mut first = page.child("box").await;
        first.click("button").await;
        assert_eq!(first.text("b"), "1:1");
        page.click("#toggle").await;
        first.settle().await;
        assert_eq!(*first.outcome(), Outcome::Closed);
        page.click("#toggle").await;
    }
    assert!(page.html().contains("id=\"case-content\""), "an author's own id");
}

#[tokio::test]
async fn what_an_author_names_in_a_row_is_told_apart_once_one_has_gone() {
    let mut shelf = app().get("/shelf/named").await.join().await;
    assert!(shelf.html().contains("id=\"box-1\""), "{}", shelf.html());
    act(&mut shelf, "take", 1).await;
    act(&mut shelf, "put", 1).await;
    assert!(shelf.html().contains("id=\"box-1__"), "{}", shelf.html());
}
