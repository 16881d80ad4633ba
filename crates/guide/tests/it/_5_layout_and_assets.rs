//! What stands at the end of *Layout and assets*.

use belvedere::testing::TestApp;
use belvedere::{LiveRuntime, SecretKeyBase};

use super::board::Board;
use super::{app, config};

#[tokio::test]
async fn the_page_has_the_look_and_the_script_of_the_desk() {
    let live = LiveRuntime::new(config(SecretKeyBase::random()));
    let app = TestApp::new(&live, app(&live, Board::default()));
    let page = app.get("/").await;
    assert_eq!(page.text("title"), "Ticket desk");
    assert_eq!(page.text("main h1"), "Ticket desk");
    let style = page.attribute("link[rel=stylesheet]", "href").expect("a style sheet");
    assert!(app.get(&style).await.html.contains("--accent"), "{style}");
    let script = page.attribute("script[src^='/assets/']", "src").expect("a script");
    assert!(app.get(&script).await.html.contains("Belvedere.connect"), "{script}");
    page.join().await;
}
