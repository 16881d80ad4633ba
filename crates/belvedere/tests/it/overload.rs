//! A view that cannot keep up with what the server sends it.

use axum::Router;
use belvedere::testing::Outcome;
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SendError};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::socket::{Server, close_code, join_page, receive, send};
use crate::views::{Gate, Keeper, Senders, config, router, served};

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
