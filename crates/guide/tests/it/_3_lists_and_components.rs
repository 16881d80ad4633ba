//! What stands at the end of *Lists and components*.

use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};

use super::app;
use super::board::Board;

#[tokio::test]
async fn two_windows_show_one_board() {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = TestApp::new(&live, app(&live, Board::default()));
    let mut one = app.get("/").await.join().await;
    let mut other = app.get("/").await.join().await;

    one.submit("#open", &[("title", "No coffee")]).await;
    other.settle().await;
    assert_eq!(other.text("li span"), "No coffee");

    other.click("#ticket-1 button:first-of-type").await;
    one.settle().await;
    assert!(one.texts("form[id^='rename']").is_empty(), "{}", one.html());
    other.submit("#rename-1", &[("title", "No coffee on floor 2")]).await;
    one.settle().await;
    assert_eq!(one.text("li span"), "No coffee on floor 2");

    one.click("#ticket-1 > button:last-of-type").await;
    other.settle().await;
    assert_eq!(other.text("p"), "0 open");
}
