//! Streams in components: told again after a lost connection, together with the view's own.

use axum::Router;
use belvedere::testing::{Outcome, TestView};
use belvedere::{LiveRouter, LiveRuntime};
use serde_json::json;

use crate::views::{Asked, Wall, config, served};

/// The wall of which `forgetful` cannot tell its items, with a note added to each of two columns.
async fn wall(forgetful: &str) -> (TestView, Asked) {
    let asked = Asked::default();
    let router = Router::new().live::<Wall>("/wall/{forgetful}").with_state(asked.clone());
    let app = served(LiveRuntime::new(config()), router);
    let mut wall = app.get(&format!("/wall/{forgetful}")).await.join().await;
    wall.click("#column-1 .add").await;
    wall.click("#column-2 .add").await;
    assert_eq!(wall.texts("#column-1 li"), ["0", "1"]);
    (wall, asked)
}

impl Asked {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn components_are_asked_for_their_items_in_the_order_of_their_places() {
    let (mut wall, asked) = wall("nobody").await;
    wall.reconnect().await;
    assert_eq!(asked.take(), ["column 2", "column 1"], "the wall's own stream was never used");
    assert_eq!(wall.texts("b"), ["1", "1"], "the view was kept");
    assert_eq!(wall.texts("#column-1 li"), ["0", "1"]);
    assert_eq!(wall.texts("#column-2 li"), ["0", "1"]);
    wall.click("#column-1 .add").await;
    assert_eq!(wall.texts("#column-1 li"), ["0", "1", "2"]);
}

#[tokio::test]
async fn the_view_is_asked_before_its_components() {
    let (mut wall, asked) = wall("nobody").await;
    wall.send_event("click", "notice", json!({}), None).await;
    assert_eq!(wall.texts("#notices li"), ["7"]);
    for _ in 0..2 {
        wall.reconnect().await;
        assert_eq!(asked.take(), ["wall", "column 2", "column 1"]);
        assert_eq!(wall.texts("#notices li"), ["0"]);
        assert_eq!(wall.texts("#column-2 li"), ["0", "1"]);
    }
}

#[tokio::test]
async fn a_component_that_cannot_tell_its_items_has_the_page_mounted_anew() {
    let in_order = ["wall", "column 2", "column 1"];
    for (forgetful, n_asked) in [("wall", 1), ("column-2", 2), ("column-1", 3)] {
        let (mut wall, asked) = wall(forgetful).await;
        wall.send_event("click", "notice", json!({}), None).await;
        wall.reconnect().await;
        assert_eq!(asked.take(), in_order[..n_asked], "nobody is asked in vain");
        assert_eq!(wall.texts("b"), ["0", "0"], "{forgetful}");
        assert_eq!(wall.texts("li"), ["0", "0"], "{forgetful}");
        wall.click("#column-1 .add").await;
        assert_eq!(wall.texts("#column-1 li"), ["0", "1"]);
    }
}

#[tokio::test]
async fn a_component_that_was_leaving_is_not_asked() {
    let (mut wall, asked) = wall("column-2").await;
    wall.send_event("click", "arrange", json!({ "ids": "1" }), None).await;
    wall.send("cids_will_destroy", json!({ "cids": [1] })).await;
    wall.reconnect().await;
    assert_eq!(asked.take(), ["column 1"]);
    assert_eq!(wall.texts("b"), ["1"]);
    wall.send_event("click", "arrange", json!({ "ids": "12" }), None).await;
    assert_eq!(wall.texts("b"), ["1", "0"], "a new one");
    assert_eq!(wall.texts("#column-2 li"), ["0"]);
}

#[tokio::test]
async fn a_component_that_forgot_its_changes_tells_its_items_again() {
    let (mut wall, asked) = wall("column-2").await;
    wall.click("#column-1 .flood").await;
    assert_eq!(asked.take(), ["column 1"]);
    assert_eq!(wall.texts("#column-1 li"), ["0", "1"]);
    wall.click("#column-2 .flood").await;
    assert_eq!(*wall.outcome(), Outcome::Crashed);
    wall.join().await;
    assert_eq!(wall.texts("b"), ["0", "0"], "mounted anew");
}
