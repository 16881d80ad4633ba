//! Commands and portals in a running view.

use axum::Router;
use belvedere::testing::TestView;
use belvedere::{LiveRouter, LiveRuntime};
use serde_json::json;

use crate::views::{Dialog, config, served};

async fn dialog() -> TestView {
    let router = Router::new().live::<Dialog>("/dialog");
    served(LiveRuntime::new(config()), router).get("/dialog").await.join().await
}

#[tokio::test]
async fn an_event_among_commands_reaches_the_view_and_changes_what_is_in_a_portal() {
    let mut view = dialog().await;
    view.click("#add").await;
    view.click("#add").await;
    assert_eq!(view.text("#dialog output"), "6");
    let answer = view.replies().last().unwrap()["response"]["diff"].to_string();
    assert!(answer.len() < 60, "one number is sent: {answer}");
}

#[tokio::test]
async fn a_click_brings_what_its_event_asks_to_be_measured_and_nothing_else() {
    let mut view = dialog().await;
    view.click_with("#set", &[("offset_x", json!(4)), ("alt_key", json!(true))]).await;
    assert_eq!(view.text("#dialog output"), "5");
    view.click("#set").await;
    assert_eq!(view.text("#dialog output"), "0");
    view.click_with("#add", &[("amount", json!(7))]).await;
    assert_eq!(view.text("#dialog output"), "3");
}

#[tokio::test]
async fn a_push_names_its_component() {
    let mut view = dialog().await;
    view.click("#switch").await;
    assert_eq!(view.text("#dialog #switch"), "on");
}

#[tokio::test]
async fn a_portal_goes_with_the_template_around_it() {
    let mut view = dialog().await;
    view.click("#close").await;
    assert!(!view.html().contains("data-phx-portal"), "{}", view.html());
}
