//! From one view to another on the same socket, within a group of routes; and out of it by a load.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use axum::{Extension, Router};
use belvedere::http::page::{Layout, default_layout};
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use serde_json::json;

use crate::views::{Calls, Catalog, Counter, config, served};

pub(crate) fn app() -> (TestApp, LiveRuntime) {
    app_with(config())
}

fn app_with(config: LiveConfig) -> (TestApp, LiveRuntime) {
    let admin = Router::new()
        .live::<Counter>("/admin")
        .layer(Extension(Layout::new(default_layout).group("admin")));
    let router = Router::new()
        .live::<Catalog>("/catalog")
        .live::<Counter>("/counter/{start}")
        .route("/plain", get(|| async { "<h1>plain</h1>" }))
        .route("/guarded", get(|| async { Redirect::to("/plain") }))
        .route(
            "/other-site",
            get(|| async { (StatusCode::FOUND, [(header::LOCATION, "https://x.test/")]) }),
        )
        .route("/forbidden", get(|| async { StatusCode::FORBIDDEN }))
        .route("/broken", get(|| async { StatusCode::BAD_GATEWAY.into_response() }))
        .merge(admin)
        .with_state(Calls::default());
    let live = LiveRuntime::new(config);
    (served(live.clone(), router), live)
}

async fn event(view: &mut TestView, name: &str, value: serde_json::Value) {
    view.send_event("click", name, value, None).await;
}

#[tokio::test]
async fn another_view_takes_the_place_of_the_first_on_its_socket() {
    let (app, live) = app();
    let mut view = app.get("/catalog?page=2").await.join().await;
    assert_eq!(view.title(), Some("Page 2"));
    event(&mut view, "navigate", json!({"to": "/counter/5"})).await;
    assert_eq!((view.text("output"), view.path(), view.loads()), ("5".into(), "/counter/5", 1));
    assert_eq!(view.title(), Some(""), "which the browser shows as the title of the layout");
    assert_eq!(live.n_views(), 1, "the first has ended");
    view.click("#inc").await;
    view.back().await;
    assert_eq!((view.text("h1"), view.path()), ("2".to_owned(), "/catalog?page=2"));
    assert_eq!(view.title(), Some("Page 2"));
    view.forward().await;
    assert_eq!((view.text("output"), view.loads()), ("5".to_owned(), 1), "mounted anew");
}

#[tokio::test]
async fn a_flash_travels_along_once() {
    let (app, _) = app();
    let mut view = app.get("/counter/1").await.join().await;
    view.navigate("/catalog").await;
    event(&mut view, "navigate", json!({"to": "/catalog?page=1"})).await;
    assert_eq!(
        (view.texts(".flash"), view.text("h1")),
        (vec!["Come here.".to_owned()], "1".into())
    );
    view.reconnect().await;
    assert_eq!(view.texts(".flash"), ["Come here."], "it is the view's own now");
    view.navigate("/catalog").await;
    assert!(view.texts(".flash").is_empty());
}

#[tokio::test]
async fn a_lost_socket_finds_the_view_that_was_navigated_to() {
    let (app, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.navigate("/counter/5").await;
    view.click("#inc").await;
    view.reconnect().await;
    assert_eq!((view.text("output"), view.path()), ("6".to_owned(), "/counter/5"));
    view.navigate("/catalog?page=3").await;
    view.click("#click").await;
    view.click("#next").await;
    view.reconnect().await;
    assert_eq!((view.text("h1"), view.text("output")), ("4".to_owned(), "1".to_owned()));
    view.back().await;
    assert_eq!((view.text("h1"), view.text("output")), ("3".to_owned(), "1".to_owned()));
    assert_eq!(view.loads(), 1);
}

#[tokio::test]
async fn a_patch_to_another_view_navigates() {
    let (app, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.patch("/counter/7").await;
    assert_eq!((view.text("output"), view.path(), view.loads()), ("7".into(), "/counter/7", 1));
    view.patch("/catalog?page=1").await;
    assert_eq!((view.text("h1"), view.loads()), ("1".to_owned(), 1), "a view without params");
    event(&mut view, "go", json!({"to": "/counter/8"})).await;
    assert_eq!((view.text("output"), view.loads()), ("8".to_owned(), 1));
}

#[tokio::test]
async fn out_of_the_group_the_page_is_loaded() {
    let (app, _) = app();
    let mut view = app.get("/catalog").await.join().await;
    view.navigate("/admin").await;
    assert_eq!((view.text("output"), view.path(), view.loads()), ("0".into(), "/admin", 2));
    view.patch("/catalog").await;
    assert_eq!((view.path(), view.loads()), ("/catalog", 3));
    view.back().await;
    assert_eq!((view.text("output"), view.path(), view.loads()), ("0".into(), "/admin", 4));
    let other = app.get("/catalog").await.join().await;
    let url = json!("http://app.test/admin");
    view.load("/catalog").await;
    view.join_with(|payload| payload["redirect"] = url).await;
    assert_eq!(view.outcome(), &Outcome::Refused(json!({"reason": "unauthorized"})));
    assert!(other.is_joined());
}

#[tokio::test]
async fn what_is_no_view_or_refuses_its_visitor_is_loaded_and_says_so() {
    let (app, _) = app();
    for (to, shown, status) in [
        ("/plain", "/plain", 200),
        ("/guarded", "/plain", 200),
        ("/forbidden", "/forbidden", 403),
        ("/broken", "/broken", 502),
        ("/nowhere", "/nowhere", 404),
        ("/catalog?page=many", "/catalog?page=many", 400),
        ("/catalog?q=missing", "/catalog?q=missing", 404),
    ] {
        let mut view = app.get("/counter/1").await.join().await;
        view.navigate(to).await;
        assert_eq!(view.outcome(), &Outcome::Loaded(status), "{to}");
        assert_eq!(view.path(), shown);
        view.back().await;
        assert_eq!((view.text("output"), view.path()), ("1".to_owned(), "/counter/1"));
    }
}

#[tokio::test]
async fn stale_assets_are_loaded_with_the_next_page_and_once() {
    let tracked_assets = vec!["/assets/app-0a1b2c3d4e5f6071.css".to_owned()];
    let (app, _) = app_with(LiveConfig { tracked_assets, ..config() });
    let mut view = app.get("/catalog").await.join().await;
    view.track_assets(&["http://app.test/assets/app-1a1b2c3d4e5f6071.css"]);
    view.click("#next").await;
    assert_eq!((view.text("h1"), view.loads()), ("1".to_owned(), 1), "a patch needs none");
    view.navigate("/counter/1").await;
    assert_eq!((view.text("output"), view.loads()), ("1".to_owned(), 2));
    view.navigate("/catalog").await;
    assert_eq!(view.loads(), 2);
}

#[tokio::test]
async fn two_browsers_go_their_own_ways() {
    let (app, live) = app();
    let mut ann = app.get("/catalog").await.join().await;
    let mut bob = app.another_visitor().get("/catalog").await.join().await;
    ann.navigate("/counter/1").await;
    bob.patch("/catalog?page=4").await;
    assert_eq!((ann.text("output"), bob.text("h1")), ("1".to_owned(), "4".to_owned()));
    ann.close().await;
    assert_eq!((live.n_views(), bob.text("h1")), (1, "4".to_owned()));
}
