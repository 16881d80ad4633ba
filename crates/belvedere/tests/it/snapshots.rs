//! What a view wants kept is there when its server is another one.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use serde_json::{Value, json};

use crate::views::{Counter, config, prompt, served};

use desk::{Desk, deploy};

mod components;
mod desk;
mod forms;
mod late;
mod law;
mod nested;
mod refused;
mod stored;
mod token;

fn router() -> Router {
    Router::new().live::<Desk>("/desk").live::<Desk>("/other").live::<Counter>("/counter")
}

fn server_with(config: LiveConfig) -> (LiveRuntime, TestApp) {
    let live = LiveRuntime::new(config);
    (live.clone(), served(live, router()))
}

fn server() -> (LiveRuntime, TestApp) {
    server_with(config())
}

/// A page that is loaded anew with what another one has kept.
async fn loaded_with(app: &TestApp, path: &str, kept: impl Into<Value>) -> TestView {
    let mut view = app.get(path).await.open();
    view.join_with(|payload| payload["params"]["_snapshot"] = kept.into()).await;
    view
}

async fn click(view: &mut TestView, selector: &str, times: u32) {
    for _ in 0..times {
        view.click(selector).await;
    }
}

/// Letters of a note that is too long to go with each answer.
const N_LARGE: usize = 3_000;

/// Has a note of so many letters.
async fn write(desk: &mut TestView, n_letters: usize) {
    let note = json!({ "text": "x".repeat(n_letters) });
    desk.send_event("click", "note", note, None).await;
}

async fn fill_in(desk: &mut TestView, age: &str) {
    let mut form = desk.form("dialog form");
    form.fill("Name", "Ann").await;
    form.fill("Age", age).await;
    form.submit().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_is_what_it_was_after_the_server_was_replaced() {
    let (live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    live.drain().await;
    desk.settle().await;
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "7");
    assert_eq!(desk.text("#restored"), "true");
    click(&mut desk, "#inc", 1).await;
    assert_eq!(desk.text("output"), "8");
}

#[tokio::test(start_paused = true)]
async fn of_a_server_that_was_killed_nothing_is_lost_that_was_answered() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "7");
}

#[tokio::test(start_paused = true)]
async fn of_a_large_state_and_a_killed_server_nothing_is_lost_that_is_older_than_the_interval() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    write(&mut desk, N_LARGE).await;
    click(&mut desk, "#inc", 7).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    click(&mut desk, "#inc", 1).await;
    click(&mut desk, "#inc", 1).await;
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "8", "the first after a pause came with its answer");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_becomes_large_waits_and_one_that_becomes_small_does_not() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 1).await;
    let small = desk.kept();
    write(&mut desk, N_LARGE).await;
    assert_eq!(desk.kept(), small, "it waits");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    desk.settle().await;
    let large = desk.kept();
    assert_ne!(large, small);
    write(&mut desk, 1).await;
    assert_ne!(desk.kept(), large, "it came with its answer");
    tokio::time::sleep(Duration::from_secs(2)).await;
    click(&mut desk, "#inc", 2).await;
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "3", "again with each answer");
}

#[tokio::test(start_paused = true)]
async fn what_changes_often_is_sent_once_in_an_interval_and_nothing_when_nothing_has() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    assert_eq!(desk.kept(), None, "it would be mounted so anew");
    write(&mut desk, N_LARGE).await;
    let first = desk.kept();
    assert!(first.is_some());
    click(&mut desk, "#inc", 5).await;
    assert_eq!(desk.kept(), first);
    let before = desk.frames();
    tokio::time::sleep(Duration::from_secs(2)).await;
    desk.settle().await;
    assert_ne!(desk.kept(), first);
    assert_eq!(desk.frames(), before + 1);
    tokio::time::sleep(Duration::from_secs(60)).await;
    desk.settle().await;
    assert_eq!(desk.frames(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn what_messages_have_changed_is_sent_once_in_an_interval_however_small() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        click(&mut desk, "#later", 1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        desk.settle().await;
        kept.push(desk.kept());
    }
    assert_eq!(desk.text("output"), "3");
    assert!(kept[0].is_some());
    assert_eq!(kept[1], kept[0], "another message was shown within the interval");
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "2", "what it has changed came with the next answer");
}

#[tokio::test]
async fn what_was_done_on_another_server_is_there_on_the_first_one_again() {
    let ((_first, app), (_second, other)) = (server_with(prompt()), server_with(prompt()));
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 2).await;
    desk.reconnect_to(&other).await;
    click(&mut desk, "#inc", 3).await;
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "5", "and not 2, as it was left there");
    click(&mut desk, "#inc", 1).await;
    desk.reconnect_to(&app).await;
    assert_eq!((desk.text("output"), desk.text("#restored")), ("6".into(), "true".into()));
}

#[tokio::test]
async fn a_page_that_was_joined_elsewhere_is_not_taken_up_as_it_was_loaded() {
    let ((_first, app), (_second, other)) = (server_with(prompt()), server_with(prompt()));
    let mut desk = app.get("/desk").await.open();
    desk.reconnect_to(&other).await;
    click(&mut desk, "#inc", 1).await;
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "1", "and not 0, as the page that waits there");
}

#[tokio::test]
async fn a_half_filled_form_its_errors_and_its_dialog_are_where_they_were() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    desk.click("#open").await;
    fill_in(&mut desk, "12a").await;
    assert_eq!(desk.texts(".error"), ["", "is not a whole number"]);
    let before = law::shown(&desk.html());
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(law::shown(&desk.html()), before);
}

#[tokio::test]
async fn what_the_author_said_of_an_input_is_said_still() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    desk.click("#open").await;
    fill_in(&mut desk, "12").await;
    assert_eq!(desk.texts(".error"), ["is taken", ""]);
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(desk.texts(".error"), ["is taken", ""]);
}

#[tokio::test]
async fn a_filtered_list_stays_on_its_page() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    desk.form("#filter").fill("q", "ann").await;
    desk.patch("/desk?q=ann&page=3").await;
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("#page"), "ann 3");
    assert_eq!(desk.text("#searches"), "0");
    desk.form("#filter").fill("q", "bob").await;
    assert_eq!(desk.text("#page"), "bob 1");
}

#[tokio::test]
async fn a_search_that_nobody_has_touched_is_no_search() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk?q=ann&page=3").await.join().await;
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!((&*desk.text("#page"), &*desk.text("#searches")), ("ann 3", "0"));
}

#[tokio::test]
async fn what_was_typed_on_a_page_that_was_left_is_not_sent_again() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    desk.form("#search").fill("q", "ann").await;
    desk.navigate("/other").await;
    desk.navigate("/desk").await;
    desk.reconnect().await;
    assert_eq!(desk.text("#searches"), "0");
}

#[tokio::test]
async fn another_build_reads_what_an_earlier_one_has_written() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    deploy(2);
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "7");
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "7", "in its own words");
    deploy(1);
    let (_next, app) = server_with(prompt());
    desk.reconnect_to(&app).await;
    assert_eq!(
        desk.text("output"),
        "0",
        "the earlier build is back, and cannot read the later one's"
    );
}

#[tokio::test]
async fn a_view_that_panics_goes_on_from_what_was_kept() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    desk.click("#panic").await;
    desk.join().await;
    assert_eq!(desk.text("output"), "7");
}

#[tokio::test(start_paused = true)]
async fn a_view_that_still_runs_knows_better() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    desk.reconnect().await;
    assert_eq!((&*desk.text("output"), &*desk.text("#restored")), ("7", "false"));
    let (_next, app) = server();
    desk.reconnect_to(&app).await;
    assert_eq!(desk.text("output"), "7", "the join has brought the rest");
}

#[tokio::test(start_paused = true)]
async fn a_view_whose_grace_is_over_is_given_what_its_browser_has() {
    let (_live, app) = server();
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 1).await;
    desk.disconnect().await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    desk.reconnect().await;
    assert_eq!((&*desk.text("output"), &*desk.text("#restored")), ("1", "true"));
}

#[tokio::test]
async fn whoever_comes_anew_begins_anew() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    desk.navigate("/counter").await;
    desk.navigate("/desk").await;
    assert_eq!(desk.text("output"), "0", "by a link");
    click(&mut desk, "#inc", 7).await;
    desk.load("/desk").await;
    assert_eq!(desk.text("output"), "0", "by loading the page");
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_with_it_goes_on() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    let next = loaded_with(&app, "/desk", desk.kept()).await;
    assert_eq!(next.text("output"), "7", "its scripts were replaced, and the page with them");
}
