//! What stands at the end of *URL and forms*.

use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};

use super::app;
use super::board::Board;

#[tokio::test]
async fn the_url_says_what_is_found_and_each_field_what_is_wrong() {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let board = Board::default();
    board.open("No coffee (floor 1)".to_owned());
    let app = TestApp::new(&live, app(&live, board));
    let mut find = app.get("/find?q=coffee").await.join().await;
    assert_eq!(find.texts("li"), ["No coffee (floor 1)"]);

    find.form("#search").fill("q", "tea").await;
    assert_eq!((find.path(), find.texts("li").len()), ("/find?q=tea", 0));

    find.form("#report--form").fill("What is wrong?", "No light").await;
    find.form("#report--form").fill("Floor", "2a").await;
    assert_eq!(find.text("#report_floor--error"), "is not a whole number");
    assert_eq!(find.text("#report_title--error"), "");
    find.form("#report--form").press("Report it").await;
    assert_eq!(find.form("#report--form").value("What is wrong?"), "No light");

    find.form("#report--form").fill("Floor", "2").await;
    find.form("#report--form").press("Report it").await;
    assert_eq!(find.texts("li"), ["No light (floor 2)"]);
    assert_eq!(find.form("#report--form").value("What is wrong?"), "");
    find.back().await;
    assert_eq!(find.path(), "/find?q=tea");
    find.click("p a:first-of-type").await;
    assert_eq!(find.texts("li").len(), 2);
}
