//! Signing in and out, as the example does, and what a browser may say of its session.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use belvedere::http::{SessionValueError, Visitor};
use belvedere::testing::{Outcome, TestApp};
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::views::config;

#[path = "../../examples/sign_in.rs"]
#[expect(dead_code, reason = "the example's own `main` serves what is tested here")]
mod sign_in;

const COOKIE: &str = "_live_view_session";

fn example() -> TestApp {
    let live = LiveRuntime::new(sign_in::config());
    TestApp::new(&live, live.clone().serve(sign_in::pages()))
}

/// Sends the sign-in form with this name; the path that it leads to.
async fn signs_in(app: &TestApp, name: &str, password: &str) -> String {
    let token = app.get("/sign-in").await.attribute("input[name=csrf_token]", "value").unwrap();
    let fields = [("csrf_token", &*token), ("name", name), ("password", password)];
    let answer = app.post("/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    answer.headers["location"].to_str().unwrap().to_owned()
}

async fn signs_out(app: &TestApp) {
    let token = app.get("/").await.attribute("#sign-out input", "value").unwrap();
    let answer = app.post("/sign-out", &[("csrf_token", &token)]).await;
    assert_eq!(answer.headers["location"], "/sign-in");
}

#[tokio::test]
async fn who_signs_in_is_known_to_views_and_layout_until_they_sign_out() {
    let app = example();
    let refused = app.get("/").await;
    assert_eq!(
        (refused.status, &refused.headers["location"]),
        (StatusCode::SEE_OTHER, &"/sign-in".parse().unwrap())
    );
    assert_eq!(signs_in(&app, "Ann", "wrong").await, "/sign-in");
    assert_eq!(app.get("/sign-in").await.texts(".flash.error").len(), 1);
    assert_eq!(app.get("/sign-in").await.texts(".flash").len(), 0, "it is shown once");
    assert_eq!(signs_in(&app, &"A".repeat(2_000), "belvedere").await, "/sign-in");
    app.get("/sign-in").await;

    assert_eq!(signs_in(&app, "Ann", "belvedere").await, "/");
    let page = app.get("/").await;
    assert_eq!(
        (page.text("#sign-out strong"), page.text(".flash.info")),
        ("Ann".into(), "Welcome, Ann.".into())
    );
    let mut desk = page.join().await;
    desk.click("#note").await;
    desk.reconnect().await;
    assert_eq!(
        (desk.text("h1"), desk.text("#notes")),
        ("The desk of Ann".into(), "1 notes".into())
    );

    signs_out(&app).await;
    desk.disconnected().await;
    assert_eq!(app.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.get("/sign-in").await.text(".flash.info"), "Goodbye.");
}

#[tokio::test]
async fn a_session_is_another_one_after_signing_in_and_its_open_pages_end() {
    let app = example();
    let mut before = app.get("/sign-in").await.join().await;
    let known_before = before.session();
    signs_in(&app, "Ann", "belvedere").await;
    before.disconnected().await;
    before.reconnect().await;
    assert_eq!(*before.outcome(), Outcome::Refused(serde_json::json!({"reason": "stale"})));
    let desk = app.get("/").await.join().await;
    assert!(desk.session() != known_before);
}

#[tokio::test]
async fn a_page_that_waits_for_its_browser_ends_with_its_session() {
    let app = example();
    signs_in(&app, "Ann", "belvedere").await;
    let mut waiting = app.get("/").await.open();
    signs_out(&app).await;
    waiting.join().await;
    assert!(!waiting.is_joined(), "{:?}", waiting.outcome());
}

#[tokio::test]
async fn a_cookie_of_a_session_that_was_ended_is_not_believed() {
    let app = example();
    signs_in(&app, "Ann", "belvedere").await;
    let copied = app.cookie(COOKIE).unwrap();
    signs_out(&app).await;
    app.set_cookie(COOKIE, &copied);
    let page = app.get("/").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(app.get("/sign-in").await.status, StatusCode::OK);
    assert_ne!(app.cookie(COOKIE), Some(copied), "the browser has a session again");
}

#[tokio::test]
async fn a_form_of_another_visitor_signs_nobody_in() {
    let app = example();
    let other = app.another_visitor();
    let token = other.get("/sign-in").await.attribute("input[name=csrf_token]", "value").unwrap();
    app.get("/sign-in").await;
    let fields = [("csrf_token", &*token), ("name", "Ann"), ("password", "belvedere")];
    assert_eq!(app.post("/sign-in", &fields).await.headers["location"], "/sign-in");
}

#[tokio::test]
async fn cookies_that_are_foreign_tampered_or_too_long_are_nobody() {
    let app = example();
    signs_in(&app, "Ann", "belvedere").await;
    let own = app.cookie(COOKIE).unwrap();
    let foreign = {
        let other = example();
        signs_in(&other, "Eve", "belvedere").await;
        other.cookie(COOKIE).unwrap()
    };
    let tampered = format!("{}A{}", &own[..30], &own[31..]);
    for cookie in
        ["", "x", "null", "eyJhbGciOiJub25lIn0.e30.", &tampered, &foreign, &"Q".repeat(4_000)]
    {
        app.set_cookie(COOKIE, cookie);
        assert_eq!(app.get("/").await.status, StatusCode::SEE_OTHER, "{cookie}");
        let page = app.get("/sign-in").await;
        assert_eq!(page.status, StatusCode::OK, "{cookie}");
        page.join().await;
    }
}

#[tokio::test]
async fn a_cookie_of_the_applications_own_takes_no_place_of_the_visitors() {
    async fn greet(mut visitor: Visitor) -> impl IntoResponse {
        visitor.renew();
        visitor.put_flash("info", "Hello.");
        (visitor, [(SET_COOKIE, "own=1; Path=/")], Redirect::to("/"))
    }
    let live = LiveRuntime::new(sign_in::config());
    let pages = sign_in::pages().route("/greet", get(greet));
    let app = TestApp::new(&live, live.clone().serve(pages));
    app.get("/sign-in").await;
    let before = app.cookie(COOKIE);
    let answer = app.get("/greet").await;
    assert_eq!(answer.headers.get_all(SET_COOKIE).iter().count(), 3, "{:?}", answer.headers);
    assert_eq!(app.cookie("own").as_deref(), Some("1"));
    assert_ne!(app.cookie(COOKIE), before);
    assert_eq!(app.get("/sign-in").await.text(".flash.info"), "Hello.");
}

/// Who takes the cookies from a response, or sets one of that name, has the last word.
#[tokio::test]
async fn a_cookie_that_others_took_away_is_not_set_again() {
    const FORGOTTEN: &str = "__phoenix_flash__=; Max-Age=0; Path=/";
    async fn greet(mut visitor: Visitor) -> impl IntoResponse {
        visitor.put_flash("info", "Hello.");
        (visitor, "Hello.")
    }
    async fn forget(mut visitor: Visitor) -> impl IntoResponse {
        visitor.put_flash("info", "Hello.");
        (visitor, [(SET_COOKIE, FORGOTTEN)], "Forgotten.")
    }
    async fn without_cookies(mut response: Response) -> Response {
        response.headers_mut().remove(SET_COOKIE);
        response
    }
    let live = LiveRuntime::new(sign_in::config());
    let pages = sign_in::pages()
        .route("/greet", get(greet))
        .route("/forget", get(forget))
        .route("/shared", get(greet).layer(map_response(without_cookies)));
    let app = TestApp::new(&live, live.clone().serve(pages));
    app.get("/sign-in").await;
    let set = async |path| {
        let answer = app.get(path).await;
        let cookies = answer.headers.get_all(SET_COOKIE).iter();
        cookies.map(|cookie| cookie.to_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert!(set("/greet").await[0].starts_with("__phoenix_flash__="));
    assert!(set("/shared").await.is_empty());
    assert_eq!(set("/forget").await, [FORGOTTEN]);
}

/// As a layer that has a visitor of its own returns the response of a handler.
#[tokio::test]
async fn a_visitor_around_another_keeps_what_that_has_said() {
    async fn greet(mut visitor: Visitor) -> impl IntoResponse {
        visitor.put_flash("info", "Hello.");
        (visitor, [(SET_COOKIE, "own=1; Path=/")], Redirect::to("/"))
    }
    async fn around(visitor: Visitor, request: Request, next: Next) -> impl IntoResponse {
        (visitor, next.run(request).await)
    }
    let live = LiveRuntime::new(sign_in::config());
    let greeting = get(greet).layer(from_fn(around));
    let app = TestApp::new(&live, live.clone().serve(sign_in::pages().route("/greet", greeting)));
    app.get("/sign-in").await;
    app.get("/greet").await;
    assert_eq!(app.cookie("own").as_deref(), Some("1"));
    assert_eq!(app.get("/sign-in").await.text(".flash.info"), "Hello.");
}

#[tokio::test]
async fn a_value_too_large_for_a_cookie_is_an_error_that_says_so() {
    async fn fill(mut visitor: Visitor) -> String {
        let session = visitor.session();
        let error = visitor.start_session(&"x".repeat(2_000)).unwrap_err();
        assert!(matches!(error, SessionValueError::TooLarge { bytes: 2_002 }));
        assert!(visitor.session() == session, "nothing has changed");
        visitor.start_session(&"x".repeat(1_998)).unwrap();
        let value: Option<String> = visitor.value();
        assert!(visitor.session() != session && value.unwrap().len() == 1_998);
        let cookie = {
            let mut headers = http::HeaderMap::new();
            visitor.remember(&mut headers);
            headers
        };
        assert!(cookie["set-cookie"].len() < 4_096);
        error.to_string()
    }
    let live = LiveRuntime::new(config());
    let app = TestApp::new(&live, live.clone().serve(Router::new().route("/", get(fill))));
    assert!(app.get("/").await.html.contains("2002 bytes as JSON and may have 2000"));
}

#[tokio::test]
async fn who_asks_outside_of_the_served_router_is_told() {
    let app = LiveRuntime::new(config()).serve(Router::new());
    let app = app.route("/late", get(async |_: Visitor| "unreachable"));
    let live = LiveRuntime::new(config());
    let page = TestApp::new(&live, app).get("/late").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.html.contains("before `LiveRuntime::new(config).serve(router)`"), "{}", page.html);
}

#[tokio::test]
async fn a_new_secret_signs_nobody_out_while_the_earlier_one_is_accepted() {
    let [earlier, new] = [(); 2].map(|()| SecretKeyBase::random());
    let served_with = |secret_key_base| {
        let live = LiveRuntime::new(LiveConfig { secret_key_base, ..sign_in::config() });
        TestApp::new(&live, live.clone().serve(sign_in::pages()))
    };
    let app = served_with(earlier.clone());
    signs_in(&app, "Ann", "belvedere").await;
    let first = app.cookie(COOKIE).unwrap();

    let app = served_with(new.clone().accepting(earlier));
    app.set_cookie(COOKIE, &first);
    let desk = app.get("/").await.join().await;
    assert_eq!(desk.text("h1"), "The desk of Ann");
    let second = app.cookie(COOKIE).unwrap();
    assert_ne!(first, second, "its browser is given a cookie of the new secret");

    let app = served_with(new);
    app.set_cookie(COOKIE, &first);
    assert_eq!(app.get("/").await.headers["location"], "/sign-in");
    app.set_cookie(COOKIE, &second);
    let later = app.get("/").await.join().await;
    assert_eq!(later.text("h1"), "The desk of Ann");
    assert!(later.session() == desk.session(), "it is the same session all the time");
}
