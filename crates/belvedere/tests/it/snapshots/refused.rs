//! What does not fit a join: the view is mounted as ever.

use std::time::Duration;

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase, SnapshotOptions};

use super::desk::Desk;
use super::{click, loaded_with, prompt, server_with};
use crate::diff::duplicates::Log;
use crate::views::served;

/// What the page of a visitor keeps of a desk at 7.
async fn kept(app: &TestApp) -> String {
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    desk.kept().expect("every change is sent at once")
}

/// What a page shows that brings it, and whether it keeps it any longer.
async fn brought(app: &TestApp, path: &str, snapshot: &str) -> (String, bool) {
    let desk = loaded_with(app, path, snapshot).await;
    (desk.text("output"), desk.kept().is_some())
}

const ANEW: (&str, bool) = ("0", false);

fn of((text, keeps): &(String, bool)) -> (&str, bool) {
    (text, *keeps)
}

#[tokio::test]
async fn it_is_of_its_session_its_view_and_its_url() {
    let (_live, app) = server_with(prompt());
    let kept = kept(&app).await;
    assert_eq!(of(&brought(&app, "/desk", &kept).await), ("7", true));
    assert_eq!(of(&brought(&app.another_visitor(), "/desk", &kept).await), ANEW);
    assert_eq!(of(&brought(&app, "/other", &kept).await), ANEW);
    assert_eq!(of(&brought(&app, "/desk?page=2", &kept).await), ANEW);
    assert_eq!(of(&brought(&app, "/counter", &kept).await), ANEW);
}

#[tokio::test]
async fn it_is_of_its_secret() {
    let (_live, app) = server_with(prompt());
    let kept = kept(&app).await;
    let secret = SecretKeyBase::new(&"t".repeat(64)).expect("64 bytes are enough");
    let (_live, other) = server_with(LiveConfig { secret_key_base: secret, ..prompt() });
    assert_eq!(of(&brought(&other, "/desk", &kept).await), ANEW);
}

#[tokio::test]
async fn what_was_changed_on_its_way_is_nothing() {
    let (_live, app) = server_with(prompt());
    let kept = kept(&app).await;
    for at in [0, 3, 20, kept.len() / 2, kept.len() - 1] {
        let mut changed = kept.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(of(&brought(&app, "/desk", &changed).await), ANEW, "letter {at}");
    }
    for garbage in ["", "A", "?", &kept[1..], &kept[..kept.len() - 2], &"A".repeat(100_000)] {
        assert_eq!(of(&brought(&app, "/desk", garbage).await), ANEW);
    }
}

#[tokio::test]
async fn its_reader_learns_nothing_of_it() {
    let (_live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    let note = |text: &str| serde_json::json!({ "text": text });
    desk.send_event("click", "note", note(&"secret".repeat(20)), None).await;
    let first = desk.kept().expect("sent");
    desk.send_event("click", "note", note(""), None).await;
    desk.send_event("click", "note", note(&"secret".repeat(20)), None).await;
    let again = desk.kept().expect("sent");
    assert_eq!(first.len(), again.len());
    assert_ne!(first[40..80], again[40..80], "the same is never sealed alike");
}

#[tokio::test]
async fn what_is_too_large_is_not_kept_nor_what_was_before_it() {
    let options =
        SnapshotOptions { interval: Duration::ZERO, max_bytes: 500, ..SnapshotOptions::default() };
    let config = LiveConfig { snapshots: options, ..prompt() };
    let (_live, app) = server_with(config.clone());
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", 7).await;
    assert!(desk.kept().is_some());
    let long = serde_json::json!({ "text": "x".repeat(500) });
    desk.send_event("click", "note", long, None).await;
    assert_eq!(desk.kept(), None);
    desk.send_event("click", "note", serde_json::json!({ "text": "short" }), None).await;
    let (_next, app) = server_with(config);
    desk.reconnect_to(&app).await;
    assert_eq!((&*desk.text("output"), &*desk.text("#note")), ("7", "short"));
}

#[tokio::test]
async fn the_log_is_told_once_of_what_many_views_cannot_keep() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let options = SnapshotOptions { max_bytes: 500, ..SnapshotOptions::default() };
    let (_live, app) = server_with(LiveConfig { snapshots: options, ..prompt() });
    for _ in 0..3 {
        let mut desk = app.get("/desk").await.join().await;
        let long = serde_json::json!({ "text": "x".repeat(500) });
        desk.send_event("click", "note", long, None).await;
    }
    let lines = log.text();
    assert_eq!(lines.matches("a view's snapshot is too large").count(), 1, "{lines}");
}

#[tokio::test]
async fn a_view_that_keeps_nothing_is_given_nothing() {
    let (_live, app) = server_with(prompt());
    let kept = kept(&app).await;
    super::deploy(0);
    let live = LiveRuntime::new(prompt());
    let next = served(live, Router::new().live::<Desk>("/desk"));
    let mut desk = loaded_with(&next, "/desk", kept).await;
    click(&mut desk, "#inc", 1).await;
    assert_eq!((&*desk.text("output"), desk.kept()), ("1", None));
}
