//! A view from its page to its end: mount once, adopt, events, messages, titles, failures.

use belvedere::testing::Outcome;
use belvedere::{LiveRuntime, SendError};
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::views::{Senders, app, config, router, served};

#[tokio::test]
async fn the_page_shows_the_view_before_any_script_runs() {
    let page = app().get("/counter/7").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text("output"), "7");
    assert!(page.attribute("[data-phx-main]", "id").is_some_and(|id| id.starts_with("phx-")));
}

#[tokio::test]
async fn a_click_changes_the_number_and_sends_only_the_number() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    counter.click("#inc").await;
    counter.click("#dec").await;
    counter.click("#ten").await;
    assert_eq!(counter.text("output"), "11");
    let reply = json!({"status": "ok", "response": {"diff": {"0": "11", "t": "Count 11"}}});
    assert_eq!(counter.replies().last(), Some(&reply));
}

#[tokio::test]
async fn a_click_that_changes_nothing_is_acknowledged_with_an_empty_reply() {
    let mut counter = app().get("/counter").await.join().await;
    counter.send_event("click", "add", json!({"amount": "0"}), None).await;
    counter.send_event("click", "add", json!({"amount": 0}), None).await;
    assert_eq!(counter.replies()[1], json!({"status": "ok", "response": {}}));
}

#[tokio::test]
async fn the_join_adopts_the_view_that_the_page_mounted() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let page = app.get("/inbox").await;
    let sender = senders.0.lock().unwrap()[0].clone();
    sender.send("while the page loads".to_owned()).unwrap();
    let mut inbox = page.join().await;
    assert_eq!(senders.0.lock().unwrap().len(), 1, "mounted once");
    inbox.settle().await;
    assert_eq!(inbox.texts("li"), ["while the page loads"]);
    assert_eq!(inbox.title(), Some("Inbox"));
    assert_eq!(inbox.events(), [("joined".to_owned(), json!(1))]);
}

#[tokio::test]
async fn messages_reach_the_browser_in_order_and_end_with_the_view() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let mut inbox = app.get("/inbox").await.join().await;
    let sender = senders.0.lock().unwrap()[0].clone();
    for text in ["one", "two", "three"] {
        sender.send(text.to_owned()).unwrap();
    }
    inbox.settle().await;
    assert_eq!(inbox.texts("li"), ["one", "two", "three"]);
    assert!(!sender.has_ended());
    inbox.send("phx_leave", json!({})).await;
    assert!(sender.has_ended());
    assert_eq!(sender.send("four".to_owned()), Err(SendError::Ended("four".to_owned())));
}

#[tokio::test]
async fn an_error_keeps_the_view_and_shows_a_flash_that_can_be_dismissed() {
    let mut view = app().get("/troubled/none").await.join().await;
    view.click("#fail").await;
    assert_eq!(view.text(".flash.error"), "Something went wrong. Please try again.");
    view.click(".flash.error").await;
    assert_eq!(view.texts(".flash"), [""; 0]);
    view.click("#ok").await;
    assert_eq!(view.text("output"), "2");
}

#[tokio::test]
async fn a_panic_ends_one_view_and_its_browser_joins_anew() {
    let app = app();
    let mut bystander = app.get("/counter").await.join().await;
    for button in ["#panic", "#panic-in-render"] {
        let mut view = app.get("/troubled/none").await.join().await;
        view.click("#ok").await;
        view.click(button).await;
        assert_eq!(*view.outcome(), Outcome::Crashed);
        view.join().await;
        assert_eq!(view.text("output"), "0", "state is mounted anew");
    }
    bystander.click("#inc").await;
    assert_eq!(bystander.text("output"), "1");
}

#[tokio::test]
async fn a_redirect_ends_the_view_and_carries_its_flash_to_the_next_page() {
    let app = app();
    let mut view = app.get("/troubled/none").await.join().await;
    view.click("#leave").await;
    assert_eq!(*view.outcome(), Outcome::Redirected("/troubled/none".to_owned()));
    let page = app.get("/troubled/none").await;
    assert_eq!(page.text(".flash.info"), "See you <there>");
    assert_eq!(app.get("/troubled/none").await.texts(".flash"), [""; 0], "shown once");
}

#[tokio::test]
async fn a_flash_too_long_for_a_cookie_is_cut_and_the_author_told() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let app = app();
    for (letter, of_info, of_error) in [("x", 5000, 10), ("ж", 1500, 1500), ("中", 0, 50_000)] {
        let mut view = app.get("/troubled/none").await.join().await;
        let value = json!({"info": letter.repeat(of_info), "error": letter.repeat(of_error)});
        view.send_event("click", "leave_with", value, None).await;
        let page = app.get("/troubled/none").await;
        assert!(page.texts(".flash").iter().any(|text| text.ends_with('…')), "{letter}");
        assert!(page.text(".flash.error").starts_with(&letter.repeat(10)), "{letter}");
    }
    assert_eq!(log.text().matches("a flash was cut").count(), 3, "{}", log.text());
}

#[tokio::test]
async fn a_redirect_off_the_site_is_an_error_of_the_callback() {
    let mut view = app().get("/troubled/none").await.join().await;
    view.click("#leave-the-site").await;
    assert!(view.is_joined());
    assert_eq!(view.texts(".flash").len(), 1);
}

#[tokio::test]
async fn a_mount_that_refuses_answers_with_its_status() {
    let app = app();
    for (trouble, status) in
        [("missing", 404), ("teapot", 418), ("error", 500), ("panic", 500), ("elsewhere", 500)]
    {
        let page = app.get(&format!("/troubled/{trouble}")).await;
        assert_eq!(page.status.as_u16(), status, "{trouble}");
        assert!(!page.html.contains("disk"), "the cause is not shown");
    }
    let page = app.get("/troubled/redirect").await;
    assert_eq!(page.status, 302);
    assert_eq!(page.headers["location"], "/troubled/none");
    assert_eq!(app.get("/troubled/none").await.text(".flash.error"), "Please sign in first");
}

#[tokio::test]
async fn a_redirect_when_connected_answers_the_join() {
    let mut view = app().get("/troubled/redirect-when-connected").await.open();
    view.join().await;
    assert_eq!(*view.outcome(), Outcome::Refused(json!({"redirect": {"to": "/counter"}})));
}

#[tokio::test]
async fn events_pushed_before_a_redirect_arrive_before_it() {
    let mut view = app().get("/troubled/none").await.join().await;
    view.send_event("click", "note_and_leave", json!({}), None).await;
    assert_eq!(view.events(), [("noted".to_owned(), json!(1))]);
    assert_eq!(*view.outcome(), Outcome::Redirected("/counter".to_owned()));
}

#[tokio::test]
async fn a_burst_of_messages_is_one_render() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let mut inbox = app.get("/inbox").await.join().await;
    let before = inbox.frames();
    let sender = senders.0.lock().unwrap()[0].clone();
    for number in 0..100 {
        sender.send(number.to_string()).unwrap();
    }
    inbox.settle().await;
    assert_eq!(inbox.texts("li").len(), 100);
    assert_eq!(inbox.frames() - before, 1);
}

#[tokio::test]
async fn requests_in_flight_are_answered_in_order() {
    let mut counter = app().get("/counter").await.join().await;
    for _ in 0..20 {
        counter.send_at_once("event", json!({"type": "click", "event": "inc", "value": {}})).await;
    }
    counter.settle().await;
    let counts = counter.replies().iter().map(|reply| reply["response"]["diff"]["0"].clone());
    let expected = (1..=20).map(|count: u32| json!(count.to_string()));
    assert_eq!(counts.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_nested_route_is_adopted_under_its_full_path() {
    let senders = Senders::default();
    let nested = axum::Router::new().nest("/deep", router(senders.clone()));
    let app = served(LiveRuntime::new(config()), nested);
    let mut view = app.get("/deep/counter/3").await.join().await;
    view.click("#inc").await;
    view.reconnect().await;
    assert_eq!(view.text("output"), "4");
    let _inbox = app.get("/deep/inbox").await.join().await;
    assert_eq!(senders.0.lock().unwrap().len(), 1, "mounted once");
}

#[tokio::test]
async fn prefetched_pages_hold_no_view() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let page = app.get_with("/inbox", &[("sec-purpose", "prefetch;prerender")]).await;
    assert_eq!(page.text("#joins"), "0");
    let sender = senders.0.lock().unwrap()[0].clone();
    assert_eq!(sender.send("x".to_owned()), Err(SendError::Ended("x".to_owned())));
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for (headers, is_secure) in [
        (&[][..], false),
        (&[("x-forwarded-proto", "http")], false),
        (&[("x-forwarded-proto", "https")], true),
        (&[("x-forwarded-proto", "https, http")], true),
        (&[("forwarded", "for=192.0.2.60;proto=https, for=198.51.100.17;proto=http")], true),
    ] {
        let page = app().get_with("/counter", headers).await;
        let cookie = page.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        assert_eq!(cookie.contains("; Secure"), is_secure, "{cookie}");
    }
}
