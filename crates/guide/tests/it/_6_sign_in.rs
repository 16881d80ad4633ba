//! What stands at the end of *Sign-in*.

use belvedere::testing::{Outcome, TestApp};
use belvedere::{LiveRuntime, SecretKeyBase};

use super::board::Board;
use super::{app, config};

/// Sends the form of `/sign-in`.
async fn sign_in(app: &TestApp, name: &str, password: &str) {
    let form = app.get("/sign-in").await;
    let token = form.attribute("[name=csrf_token]", "value").expect("a token");
    let fields = [("csrf_token", &*token), ("name", name), ("password", password)];
    app.post("/sign-in", &fields).await;
}

#[tokio::test]
async fn the_desk_is_for_those_who_are_signed_in() {
    let live = LiveRuntime::new(config(SecretKeyBase::random()));
    let app = TestApp::new(&live, app(&live, Board::default()));
    assert_eq!(app.get("/").await.headers["location"], "/sign-in");

    sign_in(&app, "Ann", "guessed").await;
    assert_eq!(app.get("/sign-in").await.text(".flash"), "That is not right. Please try again.");
    sign_in(&app, "Ann", "team").await;
    let page = app.get("/").await;
    assert_eq!(page.text("#sign-out small"), "Signed in as Ann");

    let mut desk = page.join().await;
    let page = app.get("/").await;
    let token = page.attribute("#sign-out [name=csrf_token]", "value").expect("a token");
    app.post("/sign-out", &[("csrf_token", &token)]).await;
    desk.disconnected().await;
    assert!(matches!(desk.outcome(), Outcome::Disconnected(_)), "{:?}", desk.outcome());
    assert_eq!(app.get("/").await.headers["location"], "/sign-in");
}
