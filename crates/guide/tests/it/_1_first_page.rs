//! What stands at the end of *First page*.

use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};

use super::app;

#[tokio::test]
async fn the_first_response_has_two_tickets() {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let page = TestApp::new(&live, app(&live)).get("/").await;
    assert_eq!(page.text("h1"), "Ticket desk");
    assert_eq!(page.text("p"), "2 open");
    assert_eq!(page.texts("li"), ["The printer is on fire", "No coffee on floor 2"]);
    page.join().await;
}
