//! What a running view shows to those who look.

use axum::Router;
use belvedere::{LiveRouter, LiveRuntime, ViewSnapshot};
use serde_json::json;

use crate::views::{Board, Loads, config, served};

fn only(live: &LiveRuntime) -> ViewSnapshot {
    let [view] = &live.views(10)[..] else { panic!("one view") };
    view.clone()
}

#[tokio::test]
async fn components_count_with_their_events_and_their_memory() {
    let live = LiveRuntime::new(config());
    let router = Router::new().live::<Board>("/board").with_state(Loads::default());
    let app = served(live.clone(), router);
    let mut board = app.get("/board").await.join().await;
    board.send_event("click", "head", json!({ "text": "Head" }), None).await;
    board.click("#card-1 .click").await;
    board.click("#card-1 .fail").await;

    let view = only(&live);
    assert_eq!(view.n_components, 4, "two cards, each with a badge");
    let events: Vec<_> = view.events.iter().map(|event| (event.component, event.name)).collect();
    assert_eq!(events, [(Some("Card"), "fail"), (Some("Card"), "click"), (None, "head")]);

    board.send_event("click", "arrange", json!({ "ids": "12345", "text": "new" }), None).await;
    let more = only(&live);
    assert_eq!(more.n_components, 10);
    let grown = more.memory.diff_bytes - view.memory.diff_bytes;
    assert!(grown > 6 * 8 * 3, "six components' memories, {grown} bytes");

    board.send_event("click", "arrange", json!({ "ids": "1", "text": "new" }), None).await;
    let gone = json!({ "cids": [2, 4, 5, 6, 7, 8, 9, 10] });
    board.send("cids_will_destroy", gone.clone()).await;
    board.send("cids_destroyed", gone).await;
    assert_eq!(only(&live).n_components, 2);
    board.disconnect().await;
    assert_eq!(only(&live).memory.diff_bytes, 0);
}
