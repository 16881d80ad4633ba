//! Events that cannot be read: the person on the page is told what is wrong, and the page goes on.

use belvedere::LiveRuntime;
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::views::{Senders, app, app_with, config, router, served};

/// What a debug build adds for the author.
const FOR_THE_AUTHOR: &str = " (Debug build, Survey: event `save`: field `age` ";

#[tokio::test]
async fn a_field_that_cannot_be_read_is_said_on_the_page() {
    let mut survey = app().get("/survey/plain").await.join().await;
    for (age, words, for_author) in [
        ("old", "Age is not a whole number.", "is text, expected u8)"),
        ("300", "Age is too large: at most 255.", "is too large for `u8`, which ends at 255)"),
        ("", "Age is empty.", "is empty)"),
    ] {
        survey.submit("#person", &[("age", age)]).await;
        assert_eq!(survey.text(".flash.error"), format!("{words}{FOR_THE_AUTHOR}{for_author}"));
    }
    survey.submit("#person", &[]).await;
    assert!(survey.text(".flash.error").starts_with("Age is missing."));
    survey.click("#click").await;
    assert_eq!(survey.texts(".flash").len(), 1, "another event does not mend it");
    survey.submit("#person", &[("age", "30")]).await;
    assert_eq!(survey.texts(".flash"), [""; 0], "it is mended");
    assert_eq!((survey.text("#age"), survey.text("output")), ("30".into(), "1".into()));
}

#[tokio::test]
async fn the_pages_script_is_told_before_the_answer_that_nothing_was_taken_in() {
    let mut survey = app().get("/survey/plain").await.join().await;
    for (age, said) in [("old", 1), ("30", 0)] {
        survey.submit("#person", &[("age", age)]).await;
        let reply = survey.replies().last().expect("an answer").to_string();
        let told = r#"["live_view:refused",{"id":"phx-"#;
        assert_eq!(reply.matches(told).count(), said, "{reply}");
        assert_eq!(reply.matches("\"},true]").count(), said, "{reply}");
    }
}

#[tokio::test]
async fn a_page_without_flash_is_told_by_script_in_a_debug_build() {
    let mut survey = app().get("/survey/bare").await.join().await;
    survey.submit("#person", &[("age", "300")]).await;
    let (name, payload) = survey.events().last().expect("an event").clone();
    assert_eq!(name, "live_view:unread");
    assert!(payload["text"].as_str().unwrap().starts_with("Age is too large"), "{payload}");
    let mut plain = app().get("/survey/plain").await.join().await;
    plain.submit("#person", &[("age", "300")]).await;
    assert!(plain.events().is_empty(), "the flash says it");
}

#[tokio::test]
async fn a_view_may_say_it_in_its_own_way() {
    let mut survey = app().get("/survey/own").await.join().await;
    survey.submit("#person", &[("age", "-1")]).await;
    assert_eq!(survey.text("#own"), "Age is too small: at least 0.");
    survey.click("#click").await;
    assert_eq!(survey.text("output"), "1");
}

#[tokio::test]
async fn a_text_too_long_for_a_message_is_said_and_the_page_goes_on() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(Senders::default()));
    let mut survey = app.get("/survey/plain").await.join().await;
    for text in ["x".repeat(300_000), "中".repeat(29_500)] {
        survey.change("#notes", "note", &[("note", &text)]).await;
        let said = survey.text(".flash.error");
        let words = "This is too long to be taken. Please make it shorter, by about ";
        assert!(said.starts_with(words), "{said}");
        survey.click("#poke").await;
        assert_eq!(survey.text(".flash.error"), said, "a click in a component does not mend it");
        survey.click("#click").await;
        survey.reconnect().await;
        assert!(survey.is_joined());
        assert_eq!(survey.text("#length"), "0");
    }
    assert_eq!(survey.text("output"), "2");
    assert_eq!(live.protocol_errors(), 2);
    assert_eq!(log.text().matches("`LiveConfig::max_frame_bytes`").count(), 1, "{}", log.text());
    survey.change("#notes", "note", &[("note", "short")]).await;
    assert_eq!(survey.text("#length"), "5");
    assert_eq!(survey.texts(".flash"), [""; 0], "it is mended");
    survey.change("#notes", "note", &[("note", &"x".repeat(300_000))]).await;
    survey.change("#poking", "poke", &[]).await;
    assert_eq!(survey.texts(".flash"), [""; 0], "a form of a component is one, too");
}

#[tokio::test]
async fn a_form_beyond_its_own_limit_is_said_too() {
    let mut config = config();
    config.form_limits.max_bytes = 100;
    config.form_limits.max_fields = 3;
    let mut survey = app_with(config).get("/survey/plain").await.join().await;
    survey.change("#notes", "note", &[("note", &"x".repeat(200))]).await;
    assert!(survey.text(".flash.error").starts_with("This is too long"));
    survey.change("#notes", "note", &[("a", ""), ("b", ""), ("c", ""), ("note", "")]).await;
    assert!(survey.text(".flash.error").starts_with("This form has too many fields: at most 3"));
}

#[tokio::test]
async fn a_long_message_of_no_view_is_answered_by_the_connection() {
    let mut counter = app().get("/counter").await.join().await;
    let before = counter.replies().len();
    let long = "x".repeat(300_000);
    counter.send_any(json!(["9", "9", "lv:unknown", "event", { "event": long }])).await;
    counter.send_any(json!(["9", "10", "lv:other", "phx_join", { "url": long }])).await;
    counter.send_text(format!("[{long}")).await;
    let answers = &counter.replies()[before..];
    let reasons: Vec<_> = answers.iter().map(|reply| &reply["response"]["reason"]).collect();
    assert_eq!(reasons, ["unmatched topic", "unauthorized"]);
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "1");
}
