//! Messages from the rest of the server to single components of a running view.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, MessageSender, SendError};
use serde_json::json;

use crate::views::{Lines, Panel, Reading, Signpost, config, served};

fn app_with(config: LiveConfig) -> (TestApp, Lines) {
    let lines = Lines::default();
    let router = Router::new().live::<Panel>("/panel").with_state(lines.clone());
    (served(LiveRuntime::new(config), router), lines)
}

async fn panel() -> (TestView, Lines) {
    let (app, lines) = app_with(config());
    (app.get("/panel").await.join().await, lines)
}

impl Lines {
    fn gauge(&self, id: usize) -> MessageSender<Reading> {
        self.gauges.lock().unwrap()[id - 1].clone()
    }

    fn set_gauges(&self, n_gauges: u32) {
        self.tell_panel(n_gauges);
    }

    /// What the panel passes on to its first gauge.
    fn read_by_panel(&self, reading: u32) {
        self.tell_panel(reading);
    }

    fn tell_panel(&self, number: u32) {
        self.panel.lock().unwrap().clone().unwrap().send(number).unwrap();
    }
}

#[tokio::test]
async fn a_message_changes_its_component_and_nothing_else_travels() {
    let (mut panel, lines) = panel().await;
    lines.gauge(2).send(Reading::Value(9)).unwrap();
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["0", "9"]);
    assert_eq!(panel.last_diff().unwrap().to_string(), r#"{"c":{"2":{"1":"9"}}}"#);
}

#[tokio::test]
async fn a_view_hands_out_senders_to_its_components() {
    let (mut panel, lines) = panel().await;
    let first = lines.first.lock().unwrap().clone().unwrap();
    first.send(Reading::Value(3)).unwrap();
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["3", "0"]);
}

#[tokio::test]
async fn a_burst_of_messages_to_components_and_view_is_one_frame() {
    let (mut panel, lines) = panel().await;
    let before = panel.frames();
    for value in 1..=50 {
        lines.gauge(1).send(Reading::Value(value)).unwrap();
        lines.gauge(2).send(Reading::Value(100 + value)).unwrap();
    }
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["50", "150"]);
    assert_eq!(panel.frames() - before, 1);
    lines.gauge(1).send(Reading::Value(1)).unwrap();
    lines.set_gauges(3);
    lines.gauge(2).send(Reading::Value(2)).unwrap();
    panel.settle().await;
    assert_eq!(panel.text("h1"), "3");
    assert_eq!(panel.texts("output"), ["1", "2", "0"]);
    assert_eq!(panel.frames() - before, 2);
}

#[tokio::test]
async fn a_message_for_a_component_that_is_gone_is_dropped() {
    let (mut panel, lines) = panel().await;
    lines.set_gauges(1);
    panel.settle().await;
    panel.send("cids_will_destroy", json!({ "cids": [2] })).await;
    panel.send("cids_destroyed", json!({ "cids": [2] })).await;
    let before = panel.frames();
    lines.gauge(2).send(Reading::Value(9)).unwrap();
    panel.settle().await;
    assert_eq!(panel.frames(), before);
    lines.set_gauges(2);
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["0", "0"]);
}

#[tokio::test]
async fn flash_and_errors_of_a_message_are_shown_by_the_view() {
    let (mut panel, lines) = panel().await;
    lines.gauge(1).send(Reading::Alarm(200)).unwrap();
    panel.settle().await;
    assert_eq!(panel.text(".flash.error"), "200 is too much");
    lines.gauge(1).send(Reading::Broken).unwrap();
    panel.settle().await;
    assert_eq!(panel.text(".flash.error"), "Something went wrong. Please try again.");
}

#[tokio::test]
async fn spawned_work_sends_its_result_to_its_component() {
    let (mut panel, _) = panel().await;
    panel.click("#gauge-2 .measure").await;
    assert_eq!(panel.texts("output"), ["0", "42"]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_of_a_component_rings_for_it() {
    let (mut panel, _) = panel().await;
    panel.click("#gauge-1 .later").await;
    assert_eq!(panel.texts("output"), ["0", "0"]);
    tokio::time::sleep(Duration::from_secs(6)).await;
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["7", "0"]);
}

#[tokio::test]
async fn messages_while_there_is_no_browser_are_shown_when_it_comes() {
    let (app, lines) = app_with(config());
    let page = app.get("/panel").await;
    lines.gauge(1).send(Reading::Value(1)).unwrap();
    let mut panel = page.join().await;
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["1", "0"]);
    panel.disconnect().await;
    lines.gauge(2).send(Reading::Value(2)).unwrap();
    panel.reconnect().await;
    assert_eq!(panel.texts("output"), ["1", "2"]);
}

#[tokio::test]
async fn messages_to_components_count_for_the_views_bound_and_come_back() {
    let (app, lines) = app_with(LiveConfig { mailbox_capacity: 2, ..config() });
    let page = app.get("/panel").await;
    let gauge = lines.gauge(1);
    gauge.send(Reading::Value(1)).unwrap();
    lines.set_gauges(1);
    assert_eq!(gauge.send(Reading::Value(2)), Err(SendError::Full(Reading::Value(2))));
    let mut panel = page.join().await;
    panel.send("phx_leave", json!({})).await;
    assert_eq!(gauge.send(Reading::Value(3)), Err(SendError::Ended(Reading::Value(3))));
}

#[tokio::test]
async fn what_the_view_passes_on_arrives_in_turn_with_and_without_a_browser() {
    let (mut panel, lines) = panel().await;
    let two_readings = |last| {
        lines.read_by_panel(101);
        lines.gauge(1).send(Reading::Value(last)).unwrap();
    };
    two_readings(7);
    panel.settle().await;
    assert_eq!(panel.texts("output"), ["7", "0"]);
    panel.disconnect().await;
    two_readings(8);
    panel.reconnect().await;
    assert_eq!(panel.texts("output"), ["8", "0"]);
}

#[tokio::test]
async fn a_component_that_is_loaded_or_told_by_its_view_may_send_the_browser_elsewhere() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), Router::new().live::<Signpost>("/signpost"));
    for (events, target) in [
        (vec![("show", json!({ "leads": true }))], "/loaded"),
        (vec![("show", json!({ "leads": false })), ("tell", json!({}))], "/told"),
    ] {
        let mut view = app.get("/signpost").await.join().await;
        for (event, value) in events {
            assert_eq!(*view.outcome(), Outcome::Open);
            view.send_event("click", event, value, None).await;
        }
        assert_eq!(*view.outcome(), Outcome::Redirected(target.to_owned()));
    }
    assert_eq!(live.n_views(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_component_that_is_loaded_by_a_join_may_send_the_browser_elsewhere() {
    let live = LiveRuntime::new(config());
    let router = Router::new().live::<Signpost>("/signpost/{when}");
    let app = served(live.clone(), router);
    for seconds_held in [0, 11] {
        let page = app.get("/signpost/shown").await;
        tokio::time::sleep(Duration::from_secs(seconds_held)).await;
        let mut view = page.open();
        view.join().await;
        let is_there = match view.outcome() {
            Outcome::Redirected(to) => to == "/loaded",
            Outcome::Refused(response) => response["redirect"]["to"] == "/loaded",
            _ => false,
        };
        assert!(is_there, "{:?}", view.outcome());
    }
    assert_eq!(live.n_views(), 0);
}
