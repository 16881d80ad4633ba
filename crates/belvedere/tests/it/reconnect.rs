//! Lost sockets: state kept for a while, for its own visitor only.

use std::time::Duration;

use belvedere::http::assets::Asset;
use belvedere::testing::Outcome;
use belvedere::{HoldLimits, LiveRuntime, SendError};
use serde_json::json;

use crate::views::{Senders, app, app_with, config, router, served};

#[tokio::test(start_paused = true)]
async fn a_reconnect_within_the_grace_period_finds_the_state() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    counter.disconnect().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    counter.reconnect().await;
    assert_eq!(counter.text("output"), "1");
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "2");
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_after_the_grace_period_mounts_anew() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    counter.disconnect().await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    counter.reconnect().await;
    assert_eq!(counter.text("output"), "0");
}

#[tokio::test]
async fn messages_sent_during_the_grace_period_are_shown_on_return() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let mut inbox = app.get("/inbox").await.join().await;
    inbox.disconnect().await;
    let sender = senders.0.lock().unwrap()[0].clone();
    sender.send("missed".to_owned()).unwrap();
    inbox.reconnect().await;
    assert_eq!(inbox.texts("li"), ["missed"]);
    assert_eq!(inbox.text("#joins"), "2");
}

#[tokio::test]
async fn a_socket_that_closes_amid_requests_leaves_no_view_hanging() {
    let mut counter = app().get("/counter").await.join().await;
    for _ in 0..3 {
        counter.send_at_once("event", json!({"type": "click", "event": "inc", "value": {}})).await;
    }
    counter.disconnect().await;
    counter.reconnect().await;
    counter.click("#dec").await;
    let count: i32 = counter.text("output").parse().unwrap();
    assert!(count <= 2, "the view went on from what it had: {count}");
}

#[tokio::test]
async fn a_rejoin_on_the_same_socket_takes_its_own_view_over() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    counter.join().await;
    assert_eq!(counter.text("output"), "1");
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "2");
}

#[tokio::test]
async fn a_second_tab_with_the_same_token_gets_a_view_of_its_own() {
    let app = app();
    let page = app.get("/counter").await;
    let tokens = page.html.clone();
    let mut first = page.join().await;
    first.click("#inc").await;
    let mut copy = app.get("/counter").await;
    copy.html = tokens;
    let mut second = copy.join().await;
    assert_eq!(second.text("output"), "0");
    second.click("#dec").await;
    first.click("#inc").await;
    assert_eq!((first.text("output"), second.text("output")), ("2".into(), "-1".into()));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_nobody_joins_is_dropped_after_its_hold() {
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config()), router(senders.clone()));
    let page = app.get("/inbox").await;
    let sender = senders.0.lock().unwrap()[0].clone();
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(sender.send("late".to_owned()), Err(SendError::Ended("late".to_owned())));
    let _inbox = page.join().await;
    assert_eq!(senders.0.lock().unwrap().len(), 2, "mounted anew");
}

#[tokio::test]
async fn the_oldest_holds_of_a_session_make_room_for_new_ones() {
    let mut config = config();
    config.page_hold_limits = HoldLimits { per_session: 2, ..HoldLimits::default() };
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config), router(senders.clone()));
    let pages = [app.get("/inbox").await, app.get("/inbox").await, app.get("/inbox").await];
    let mounted = |senders: &Senders| senders.0.lock().unwrap().len();
    assert_eq!(mounted(&senders), 3);
    let [oldest, newer, newest] = pages;
    let _newest = newest.join().await;
    let _newer = newer.join().await;
    assert_eq!(mounted(&senders), 3, "both were held");
    let _oldest = oldest.join().await;
    assert_eq!(mounted(&senders), 4, "the oldest was given up");
}

#[tokio::test]
async fn a_hold_whose_mailbox_overflowed_is_mounted_anew() {
    let mut config = config();
    config.mailbox_capacity = 2;
    let senders = Senders::default();
    let app = served(LiveRuntime::new(config), router(senders.clone()));
    let page = app.get("/inbox").await;
    let sender = senders.0.lock().unwrap()[0].clone();
    while sender.send("flood".to_owned()).is_ok() {}
    let inbox = page.join().await;
    assert_eq!(inbox.texts("li"), [""; 0]);
    assert_eq!(senders.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_changed_url_is_not_adopted() {
    let app = app();
    let mut view = app.get("/counter/5").await.open();
    view.join_with(|payload| payload["url"] = "http://app.test/counter/6".into()).await;
    assert_eq!(view.text("output"), "6");
}

#[tokio::test]
async fn a_view_that_waits_ends_when_its_topic_goes_to_another() {
    let senders = Senders::default();
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(senders.clone()));
    let mut inbox = app.get("/inbox").await.join().await;
    inbox.join_with(|payload| payload["url"] = "http://app.test/inbox?other".into()).await;
    assert!(inbox.is_joined());
    let sender = senders.0.lock().unwrap()[0].clone();
    assert_eq!(sender.send("x".to_owned()), Err(SendError::Ended("x".to_owned())));
    assert_eq!(live.n_views(), 1);
}

#[tokio::test]
async fn draining_asks_every_browser_to_reconnect() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(Senders::default()));
    let mut counter = app.get("/counter").await.join().await;
    counter.click("#inc").await;
    live.drain().await;
    counter.settle().await;
    assert_eq!(*counter.outcome(), Outcome::Disconnected(1012));
}

#[tokio::test]
async fn disconnecting_a_session_closes_its_sockets_and_drops_its_views() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(Senders::default()));
    let stranger = app.another_visitor();
    let mut counter = app.get("/counter").await.join().await;
    let mut other = stranger.get("/counter").await.join().await;
    counter.click("#inc").await;
    live.disconnect(counter.session());
    counter.settle().await;
    assert_eq!(*counter.outcome(), Outcome::Disconnected(1001));
    counter.reconnect().await;
    assert_eq!(counter.text("output"), "0");
    other.click("#inc").await;
    assert_eq!(other.text("output"), "1");
}

#[tokio::test]
async fn a_page_with_outdated_assets_is_told_so() {
    let mut config = config();
    config.tracked_assets = vec!["/assets/app-0a1b2c3d4e5f6071.js".to_owned()];
    let app = app_with(config);
    let mut current = app.get("/counter").await.open();
    current.track_assets(&["http://app.test/assets/app-0a1b2c3d4e5f6071.js"]);
    current.join().await;
    assert!(current.events().is_empty());
    let mut outdated = app.get("/counter").await.open();
    outdated.track_assets(&["http://app.test/assets/app-ffffffffffffffff.js"]);
    outdated.join().await;
    assert!(outdated.events().is_empty(), "its page has only just been loaded");
    outdated.reconnect().await;
    assert_eq!(outdated.events(), [("live_view:assets_changed".to_owned(), json!({}))]);
}

#[tokio::test]
async fn an_embedded_file_is_known_without_a_list() {
    let style = Asset::embedded("/assets/embedded.css", b"body { color: teal }");
    let app = app_with(config());
    for (shown, is_outdated) in
        [(style.path, false), ("/assets/embedded-ffffffffffffffff.css", true)]
    {
        let mut page = app.get("/counter").await.open();
        page.track_assets(&[shown]);
        page.join().await;
        page.reconnect().await;
        assert_eq!(!page.events().is_empty(), is_outdated, "{shown}");
    }
}

#[tokio::test]
async fn a_tab_that_is_closed_leaves_no_view_behind() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(Senders::default()));
    let mut closed = app.get("/counter").await.join().await;
    let mut lost = app.get("/counter").await.join().await;
    assert_eq!(live.n_views(), 2);
    closed.close().await;
    assert_eq!(live.n_views(), 1);
    lost.disconnect().await;
    assert_eq!(live.n_views(), 1, "it may come back");
}

#[tokio::test]
async fn two_tabs_with_one_page_have_each_a_view_of_their_own() {
    let app = app();
    let page = app.get("/counter").await;
    let tokens = page.html.clone();
    let mut first = page.join().await;
    let mut copy = app.get("/counter").await;
    copy.html = tokens;
    let mut second = copy.join().await;
    second.click("#inc").await;
    first.disconnect().await;
    second.disconnect().await;
    // The last one that joined waits, which is none that the first has seen; and so the other way round.
    first.reconnect().await;
    assert_eq!(first.text("output"), "0");
    second.reconnect().await;
    first.click("#dec").await;
    second.click("#inc").await;
    assert_eq!((first.text("output"), second.text("output")), ("-1".into(), "1".into()));
}
