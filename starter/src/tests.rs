//! The page as its visitors use it, on a database of its own.

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
use belvedere_diesel::DatabaseConfig;
use belvedere_diesel::testing::TestDatabase;
use belvedere_telemetry::testing::recorder;
use belvedere_telemetry::{assert_no_n_plus_one, assert_queries};

use crate::app::app;
use crate::tickets::MIGRATIONS;

#[tokio::test]
async fn a_ticket_is_opened_and_closed() {
    recorder();
    let database = TestDatabase::sqlite(MIGRATIONS, DatabaseConfig::new).await;
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = TestApp::new(&live, app(&live, Router::new(), database.repo.clone()));

    let page = app.get("/").await;
    assert_queries!(page.trace_id(), 1);
    let mut desk = page.join().await;
    desk.submit("#open", &[("title", "The printer is on fire")]).await;
    assert_eq!(desk.text("li span"), "The printer is on fire");

    let page = app.get("/").await;
    assert_no_n_plus_one!(page.trace_id());
    assert_eq!(page.texts("li span"), ["The printer is on fire"]);

    desk.click("li button").await;
    assert_eq!(desk.text(".empty"), "No tickets. Lucky you.");
}
