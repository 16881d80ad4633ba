//! Views that are sent more than they can show, or than they can handle; browsers that take nothing of it;
//! and callbacks that do not end.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SendError};
use serde_json::json;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::socket::{Server, close_code, join, join_over, join_page, receive, send};
use crate::views::{Counter, Gate, Keeper, Meter, Probe, Senders, config, router, served};

fn gates(keeper: &Keeper) -> Router {
    Router::new().live::<Gate>("/gate").with_state(keeper.clone())
}

#[tokio::test]
async fn a_lost_message_closes_the_socket_at_once_and_the_view_is_mounted_anew() {
    let keeper = Keeper::default();
    let config = LiveConfig { mailbox_capacity: 3, ..config() };
    let server = Server::serve(config, gates(&keeper)).await;
    let page = server.page("/gate").await;
    let (mut socket, topic) = join_page(&server, &page, "/gate", 0).await;
    let pass = json!({"type": "click", "event": "pass", "value": {}});
    keeper.admit();
    send(&mut socket, json!(["4", "8", topic, "event", pass])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
    keeper.arrival().await;

    let flood = json!({"type": "click", "event": "flood", "value": {"n": 4}});
    send(&mut socket, json!(["4", "9", topic, "event", flood])).await;
    keeper.arrival().await;
    assert_eq!(close_code(&mut socket).await, CloseCode::Again, "while the callback waits");
    drop(socket);

    let (mut socket, topic) = join_page(&server, &page, "/gate", 1).await;
    keeper.admit();
    keeper.admit();
    send(&mut socket, json!(["4", "8", topic, "event", pass])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1", "from the start");
    assert_eq!(server.live.n_views(), 1);
}

#[tokio::test]
async fn a_view_without_a_browser_that_lost_a_message_is_not_adopted() {
    let senders = Senders::default();
    let config = LiveConfig { mailbox_capacity: 2, ..config() };
    let live = LiveRuntime::new(config);
    let app = served(live.clone(), router(senders.clone()));
    let mut inbox = app.get("/inbox").await.join().await;
    let sender = senders.0.lock().unwrap()[0].clone();
    sender.send("first".to_owned()).unwrap();
    inbox.settle().await;
    assert_eq!(inbox.texts("li"), ["first"]);
    inbox.disconnect().await;
    while sender.send("flood".to_owned()).is_ok() {}
    inbox.settle().await;
    assert_eq!(live.n_views(), 0, "it ended by itself");
    assert_eq!(sender.send("x".to_owned()), Err(SendError::Ended("x".to_owned())));
    inbox.reconnect().await;
    assert_eq!(*inbox.outcome(), Outcome::Open);
    assert_eq!(inbox.texts("li"), [""; 0]);
}

async fn meter(config: LiveConfig) -> (LiveRuntime, Probe, TestView) {
    let (live, probe) = (LiveRuntime::new(config), Probe::default());
    let router = Router::new().live::<Meter>("/meter").with_state(probe.clone());
    let meter = served(live.clone(), router).get("/meter").await.join().await;
    (live, probe, meter)
}

/// Sends ten numbers in each of 1,000 milliseconds. Memory of the view and what waits for it stay as they
/// are meanwhile.
async fn flood(live: &LiveRuntime, probe: &Probe) {
    let mut memory = None;
    for number in 1..=10_000 {
        probe.send(number);
        if number % 10 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        if number % 1_000 == 0 {
            let view = &live.views(1)[0];
            assert!(view.mailbox_depth <= 10, "{}", view.mailbox_depth);
            let bytes = view.memory.diff_bytes + view.memory.mailbox_bytes;
            assert_eq!(*memory.get_or_insert(bytes), bytes);
            assert!(view.memory.buffer_bytes < 200, "{}", view.memory.buffer_bytes);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_messages_in_a_second_are_shown_in_sixty_frames_at_most_and_the_last_is() {
    let (live, probe, mut meter) = meter(config()).await;
    let before = meter.frames();
    flood(&live, &probe).await;
    meter.settle().await;
    assert_eq!(meter.text("output"), "10000");
    let n_frames = meter.frames() - before;
    assert!((50..=61).contains(&n_frames), "{n_frames}");
    // After a pause the first is shown at once.
    sleep(Duration::from_secs(1)).await;
    let began = tokio::time::Instant::now();
    probe.send(7);
    meter.settle().await;
    assert_eq!((meter.text("output").as_str(), began.elapsed()), ("7", Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn how_often_messages_are_shown_is_a_setting_and_answers_do_not_wait_for_it() {
    let (live, probe, mut meter) = meter(LiveConfig { max_pushes_per_second: 2, ..config() }).await;
    let before = meter.frames();
    flood(&live, &probe).await;
    meter.send_event("click", "unknown", json!({}), None).await;
    assert_eq!(meter.text("output"), "10000");
    let n_frames = meter.frames() - before;
    assert!((2..=4).contains(&n_frames), "{n_frames}");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_takes_nothing_costs_one_frame_and_is_given_up() {
    let (live, probe, meter) = meter(config()).await;
    meter.stop_reading();
    for _ in 0..20 {
        flood(&live, &probe).await;
    }
    assert!(live.views(1)[0].is_connected);
    sleep(Duration::from_secs(11)).await;
    assert!(!live.views(1)[0].is_connected, "after 30 s");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(live.n_views(), 0, "nobody came back");
}

#[tokio::test]
async fn a_callback_that_runs_on_and_on_blocks_nobody_and_its_page_can_be_left() {
    let keeper = Keeper::default();
    let pages = gates(&keeper).live::<Counter>("/counter");
    let server = Server::serve(config(), pages).await;
    let page = server.page("/gate").await;
    let (mut socket, topic) = join_page(&server, &page, "/gate", 0).await;
    let pass = json!({"type": "click", "event": "pass", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", pass])).await;
    keeper.arrival().await;

    let click = json!({"type": "click", "event": "inc", "value": {}});
    let (mut other, counter) = join(&server, "/counter").await;
    send(&mut other, json!(["4", "8", counter, "event", click])).await;
    assert_eq!(receive(&mut other).await["response"]["diff"]["0"], "1", "another visitor");

    send(&mut socket, json!([null, "9", "phoenix", "heartbeat", {}])).await;
    assert_eq!(receive(&mut socket).await["status"], "ok", "the connection is alive");
    send(&mut socket, json!(["4", "10", topic, "phx_leave", {}])).await;
    assert_eq!(receive(&mut socket).await["status"], "ok", "the page is left");
    assert_eq!(receive(&mut socket).await, json!({}), "phx_close");
    let next = server.next_page("/counter", &page).await;
    let counter = join_over(&mut socket, &server, &next, "/counter", 0).await;
    send(&mut socket, json!(["4", "11", counter, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1", "over the same socket");

    keeper.admit();
    while server.live.n_views() > 2 {
        tokio::task::yield_now().await;
    }
}
