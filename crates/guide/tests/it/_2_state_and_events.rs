//! What stands at the end of *State and events*.

use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};

use super::app;

#[tokio::test]
async fn tickets_are_opened_and_closed() {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = TestApp::new(&live, app(&live));
    let mut desk = app.get("/").await.join().await;
    desk.change("#open", "title", &[("title", "The printer")]).await;
    assert_eq!(desk.text("small"), "11 of 80 letters");

    desk.submit("#open", &[("title", "The printer is on fire")]).await;
    desk.submit("#open", &[("title", " ")]).await;
    assert!(desk.html().contains("A title has 1 to 80 letters."), "{}", desk.html());
    assert_eq!(desk.text("p"), "1 open");

    let another = app.get("/").await.join().await;
    assert_eq!(another.text("p"), "0 open");

    desk.click("li button").await;
    assert_eq!(desk.text("p"), "0 open");
}
