//! How a socket ends, and what becomes of its views.

use std::time::Duration;

use belvedere::LiveConfig;
use belvedere::testing::Outcome;
use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::socket::{Server, join_page, receive, send};
use crate::views::{app, config};

#[tokio::test]
async fn a_view_outlives_its_socket_unless_the_browser_has_said_goodbye() {
    let goodbye =
        |code: u16, reason: &'static str| CloseFrame { code: code.into(), reason: reason.into() };
    for (frame, count) in [
        (None, "1"),
        (Some(goodbye(1001, "")), "1"),
        (Some(goodbye(1000, "heartbeat timeout")), "2"),
        (Some(goodbye(4000, "back soon")), "2"),
    ] {
        let server = Server::start(config()).await;
        let page = server.page("/counter").await;
        let (mut socket, topic) = join_page(&server, &page, "/counter", 0).await;
        let click = json!({"type": "click", "event": "inc", "value": {}});
        send(&mut socket, json!(["4", "8", topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
        socket.close(frame.clone()).await.unwrap();
        while socket.next().await.is_some_and(|read| read.is_ok()) {}
        if count == "1" {
            while server.live.n_views() > 0 {
                tokio::task::yield_now().await;
            }
        }
        let (mut socket, topic) = join_page(&server, &page, "/counter", 1).await;
        send(&mut socket, json!(["4", "8", topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], count, "{frame:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_whose_views_have_left_is_closed_after_a_while() {
    let mut counter = app().get("/counter").await.join().await;
    let heartbeat = json!([null, "9", "phoenix", "heartbeat", {}]);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(30)).await;
        counter.send_any(heartbeat.clone()).await;
    }
    assert!(counter.is_joined(), "nothing happens to one that is joined");
    counter.send("phx_leave", json!({})).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    counter.send_any(heartbeat).await;
    assert_ne!(*counter.outcome(), Outcome::Disconnected(1001));
    tokio::time::sleep(Duration::from_secs(6)).await;
    counter.settle().await;
    assert_eq!(*counter.outcome(), Outcome::Disconnected(1001));
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_never_joins_is_closed_however_lively_it_is() {
    let app =
        crate::views::app_with(LiveConfig { join_timeout: Duration::from_secs(7), ..config() });
    let mut view = app.get("/counter").await.open();
    for second in 1..=9 {
        view.send_any(json!([null, "9", "phoenix", "heartbeat", {}])).await;
        view.settle().await;
        let is_closed = *view.outcome() == Outcome::Disconnected(1001);
        assert_eq!(is_closed, second > 7, "after {} s", second - 1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
