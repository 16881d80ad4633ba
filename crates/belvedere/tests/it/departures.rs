//! Where views send their browser: what counts of several wishes, what comes along, and where it ends.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveRouter, LiveRuntime};
use http::StatusCode;
use serde_json::json;

use crate::views::{config, served};
use views::{Frame, Ping, Pong, Sent, Steps, There};

mod views;

fn app() -> TestApp {
    let router = Router::new()
        .live::<Steps>("/steps")
        .live::<There>("/there")
        .live::<Frame>("/frame")
        .live::<Sent>("/sent")
        .live::<Ping>("/ping")
        .live::<Pong>("/pong")
        .layer(middleware::from_fn(guard));
    served(LiveRuntime::new(config()), router)
}

async fn guard(request: Request, next: Next) -> Response {
    let is_refused = request.uri().query().is_some_and(|query| query.contains("forbidden"));
    if is_refused { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await }
}

async fn open(app: &TestApp, path: &str) -> TestView {
    app.get(path).await.join().await
}

async fn event(view: &mut TestView, name: &str) {
    view.send_event("click", name, json!({}), None).await;
}

#[tokio::test]
async fn the_refusal_of_one_page_is_not_shown_by_another() {
    let app = app();
    let mut steps = open(&app, "/steps").await;
    steps.navigate("/there?forbidden").await;
    assert_eq!(steps.outcome(), &Outcome::Loaded(403));
    steps.load("/steps").await;
    assert_eq!(steps.text("h1"), "steps 0");

    let forbidden = |payload: &mut serde_json::Value| {
        payload["url"] = "http://app.test/steps?forbidden".into();
    };
    steps.join_with(forbidden).await;
    let Outcome::Refused(refusal) = steps.outcome() else { panic!("{:?}", steps.outcome()) };
    app.set_cookie("__phoenix_reload_status__", refusal["token"].as_str().unwrap());
    assert_eq!(app.get("/steps?forbidden").await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get("/there").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_flash_comes_along_wherever_a_url_leads_to() {
    let app = app();
    for by_link in [true, false] {
        let mut view = open(&app, "/steps").await;
        if by_link {
            view.patch("/steps?away=true").await;
        } else {
            event(&mut view, "away").await;
        }
        assert_eq!(view.outcome(), &Outcome::Redirected("/there".to_owned()));
        view.follow().await;
        assert_eq!(view.texts(".flash"), ["Come here."]);
    }
}

#[tokio::test]
async fn a_patch_cancels_no_departure() {
    let app = app();
    for wish in ["leave_and_patch", "sign_out"] {
        let mut steps = open(&app, "/steps").await;
        event(&mut steps, wish).await;
        assert_eq!(steps.outcome(), &Outcome::Redirected("/there".to_owned()), "{wish}");
    }
}

#[tokio::test]
async fn patches_of_a_join_that_add_to_the_history_still_do_when_others_follow() {
    let app = app();
    let mut steps = open(&app, "/steps?moves=true").await;
    assert_eq!((steps.text("h1"), steps.path()), ("steps 9".to_owned(), "/steps?page=9"));
    steps.back().await;
    assert_eq!(steps.path(), "/steps?moves=true");
}

#[tokio::test]
async fn a_view_that_is_sent_elsewhere_does_not_hear_that_it_has_joined() {
    let app = app();
    let mut steps = open(&app, "/steps").await;
    steps.navigate("/sent").await;
    assert_eq!(
        (steps.path(), steps.texts(".flash")),
        ("/there", vec![]),
        "`connected` has not run"
    );
}

#[tokio::test]
async fn a_nested_view_patches_its_page_and_both_keep_their_state() {
    let app = app();
    let mut frame = open(&app, "/frame").await;
    let mut pager = frame.child("pager").await;
    frame.click("#click").await;
    pager.click("#click").await;
    pager.click("#next").await;
    frame.settle().await;
    assert_eq!((frame.path(), frame.text("h1")), ("/frame?page=1", "page 1, 1 clicks".to_owned()));
    assert_eq!((frame.loads(), pager.text("output")), (1, "1 /frame".to_owned()));
    pager.click("#look").await;
    assert_eq!(pager.text("output"), "1 /frame?page=1");

    frame.reconnect().await;
    let pager = frame.child("pager").await;
    assert_eq!(pager.text("output"), "1 /frame?page=1", "its state is kept");
}

#[tokio::test]
async fn views_that_send_their_browser_on_for_ever_end_in_an_error_page() {
    let app = app();
    let mut ping = app.get("/ping").await.open();
    ping.join().await;
    assert_eq!(ping.outcome(), &Outcome::Loaded(StatusCode::LOOP_DETECTED.as_u16()));
    assert_eq!(ping.loads(), 2);
}

#[tokio::test]
async fn a_navigation_shows_container_and_title_of_its_view() {
    let app = app();
    let mut steps = open(&app, "/steps").await;
    assert_eq!(steps.container(), "<div>");
    assert_eq!(steps.title(), Some("Steps"));
    steps.navigate("/there").await;
    assert_eq!(steps.title(), Some(""), "this view has none");
    assert_eq!(steps.container(), "<main class=\"wide\">");
    steps.navigate("/steps").await;
    assert_eq!(steps.container(), "<div>");
}

#[tokio::test]
async fn urls_are_those_of_browsers_so_that_a_reconnect_finds_its_view() {
    let app = app();
    for (written, shown) in [
        ("/steps?text=it's ö", "/steps?text=it%27s%20%C3%B6"),
        ("/there/../steps?text=a b", "/steps?text=a%20b"),
        ("/steps?text=a#top", "/steps?text=a"),
    ] {
        let mut steps = open(&app, "/steps").await;
        steps.click("#click").await;
        steps.send_event("click", "go", json!({ "to": written }), None).await;
        assert_eq!(steps.text("#path"), shown);
        let n_read = steps.text("#reads");
        steps.reconnect().await;
        assert_eq!((steps.text("#clicks"), steps.text("#reads")), ("1".to_owned(), n_read));
    }
}
