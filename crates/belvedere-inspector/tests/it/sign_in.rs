//! Signing in with the password, and out again.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::map_request;
use belvedere::testing::{Outcome, TestApp, TestPage};
use belvedere::{AddressLimit, AdmissionLimits, HoldLimits, LiveConfig};
use belvedere_inspector::{Guard, Password};
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::app::{App, PAGES};

mod shared;

const PASSWORD: &str = "open sesame";

/// The application with an inspector that asks for a password.
fn guarded() -> App {
    App::new(Guard::password(Password::parse(PASSWORD).expect("long enough")))
}

/// Sends the form of `/inspector/sign-in` with this password.
async fn try_password(visitor: &TestApp, password: &str) -> TestPage {
    let form = visitor.get("/inspector/sign-in").await;
    let token = form.attribute("input[name='csrf_token']", "value").expect("a token");
    visitor.post("/inspector/sign-in", &[("csrf_token", &token), ("password", password)]).await
}

async fn signed_in(app: &App) -> TestApp {
    sign_in(app).await.0
}

/// A visitor who has signed in, and another with a copy of the cookies that were set for it.
async fn sign_in(app: &App) -> (TestApp, TestApp) {
    let (visitor, copy) = (app.visitor(), app.visitor());
    let answer = try_password(&visitor, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.html);
    assert_eq!(answer.headers["location"], "/inspector");
    copy_cookies(&answer, &copy);
    (visitor, copy)
}

fn copy_cookies(answer: &TestPage, to: &TestApp) {
    for cookie in answer.headers.get_all("set-cookie") {
        let pair = cookie.to_str().expect("ascii").split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie");
        to.set_cookie(name, value);
    }
}

/// Sends the form that signs out, of whichever page has one for this visitor.
async fn sign_out(visitor: &TestApp) -> TestPage {
    let mut page = visitor.get("/inspector").await;
    if page.status != StatusCode::OK {
        page = visitor.get("/inspector/sign-in").await;
    }
    let token = page.attribute("input[name='csrf_token']", "value").expect("a token");
    visitor.post("/inspector/sign-out", &[("csrf_token", &token)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_sent_to_the_form_by_page_and_join() {
    let app = guarded();
    for path in PAGES {
        let page = app.visitor().get(path).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(page.headers["location"], "/inspector/sign-in");
    }
    let (inspector, copy) = sign_in(&app).await;
    let page = inspector.get("/inspector").await;
    // The login ends, but this browser has not been told: it has the session that has ended, and its
    // page, which is refused. In a while it loads the page anew, and that is the form.
    sign_out(&copy).await;
    let mut view = page.open();
    view.join().await;
    assert!(!view.is_joined(), "{:?}", view.outcome());
    assert_eq!(inspector.get("/inspector").await.headers["location"], "/inspector/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_a_new_session_and_needs_the_forms_token() {
    let app = guarded();
    let visitor = app.visitor();
    let before = visitor.get("/fast").await.join().await;
    let forged = [("csrf_token", "forged"), ("password", PASSWORD)];
    let answer = visitor.post("/inspector/sign-in", &forged).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(visitor.get("/inspector").await.status, StatusCode::SEE_OTHER);

    let answer = try_password(&visitor, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let after = visitor.get("/fast").await.join().await;
    assert!(before.session() != after.session());
    assert_eq!(visitor.get("/inspector").await.status, StatusCode::OK);
    let cookies = answer.headers.get_all("set-cookie").iter();
    for cookie in cookies.map(|cookie| cookie.to_str().expect("ascii")) {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_closes_every_open_inspector_for_good() {
    let app = guarded();
    let inspector = signed_in(&app).await;
    let mut list = inspector.get("/inspector").await.join().await;
    let page = inspector.get("/inspector/live").await;
    let token = page.attribute("input[name='csrf_token']", "value").expect("a token");
    let mut live = page.join().await;

    let forged = inspector.post("/inspector/sign-out", &[("csrf_token", "forged")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    list.settle().await;
    assert!(list.is_joined());

    let answer = inspector.post("/inspector/sign-out", &[("csrf_token", &token)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    for view in [&mut list, &mut live] {
        view.disconnected().await;
        assert_eq!(*view.outcome(), Outcome::Disconnected(1001));
        view.reconnect().await;
        assert!(!view.is_joined(), "{:?}", view.outcome());
    }
    assert_eq!(inspector.get("/inspector").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_cookie_opens_nothing_after_signing_out() {
    let app = guarded();
    let (visitor, copy) = sign_in(&app).await;
    assert_eq!(copy.get("/inspector").await.status, StatusCode::OK);
    assert_eq!(sign_out(&visitor).await.status, StatusCode::SEE_OTHER);
    assert_eq!(copy.get("/inspector").await.status, StatusCode::SEE_OTHER);
    // Signing in again is a new login, not the old one.
    assert_eq!(try_password(&visitor, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(copy.get("/inspector").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_sign_out_change_nothing_for_others() {
    let app = guarded();
    let other = signed_in(&app).await;
    let (visitor, copy) = sign_in(&app).await;
    sign_out(&visitor).await;
    for _ in 0..1_100 {
        let stranger = app.visitor();
        assert_eq!(sign_out(&stranger).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(copy.get("/inspector").await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.get("/inspector").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_anew_asks_everybody_for_the_password() {
    let before = guarded();
    let visitor = before.visitor();
    let answer = try_password(&visitor, PASSWORD).await;
    sign_out(&visitor).await;
    // On the same secret and with the same password: the cookies are the visitor's old ones.
    let after = guarded();
    let copy = after.visitor();
    copy_cookies(&answer, &copy);
    assert_eq!(copy.get("/inspector").await.status, StatusCode::SEE_OTHER);
}

/// A visitor whose requests come through a proxy that adds this to their headers.
fn proxied(app: &App, name: &'static str, value: &'static str) -> TestApp {
    let add = move |mut request: Request| async move {
        request.headers_mut().append(name, HeaderValue::from_static(value));
        request
    };
    TestApp::new(&app.live, app.router.clone().layer(map_request(add)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_wrong_passwords_keep_nobody_else_out_behind_a_proxy() {
    for (setting, header, stranger, operator) in [
        ("Fly-Client-IP", "fly-client-ip", "2001:db8::1", "2001:db8:1::1"),
        ("X-Forwarded-For", "x-forwarded-for", "192.0.2.7, 192.0.2.1", "192.0.2.7"),
        ("X-Forwarded-For:2", "x-forwarded-for", "192.0.2.1, 10.0.0.1", "192.0.2.2, 10.0.0.1"),
    ] {
        let password = Password::parse(PASSWORD).expect("long enough");
        let client_address = setting.parse().expect("a header");
        let app = App::new(Guard::Password { password, client_address });
        for _ in 0..6 {
            try_password(&proxied(&app, header, stranger), "a wrong one").await;
        }
        let again = try_password(&proxied(&app, header, stranger), PASSWORD).await;
        assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "{setting}");
        let operator = try_password(&proxied(&app, header, operator), PASSWORD).await;
        assert_eq!(operator.status, StatusCode::SEE_OTHER, "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_signs_in_while_strangers_take_what_they_can() {
    let page_hold_limits = HoldLimits { total: 100, per_address: 5, ..HoldLimits::default() };
    let password = Password::parse(PASSWORD).expect("long enough");
    // So long that no page's time is over, however slow the test is.
    let page_hold = Duration::from_secs(60 * 60);
    let config = LiveConfig { page_hold, page_hold_limits, ..App::config() };
    let app = App::with(config, Guard::password(password));
    for number in 1..=10 {
        let stranger = app.visitor().visitor_at([192, 0, 2, number].into());
        for _ in 0..10 {
            stranger.another_visitor().get("/about").await;
            try_password(&stranger, "a wrong one").await;
        }
        let refused = stranger.get("/about").await.status;
        assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS, "{number}");
    }
    let operator = app.visitor().visitor_at([198, 51, 100, 7].into());
    let answer = try_password(&operator, PASSWORD).await;
    assert_eq!(answer.headers["location"], "/inspector", "{}", answer.html);
    let traces = operator.get("/inspector").await.join().await;
    assert!(traces.is_joined());

    // Behind the address of strangers, too.
    let beside = app.visitor().visitor_at([192, 0, 2, 1].into());
    copy_cookies(&answer, &beside);
    assert_eq!(beside.get("/about").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(beside.get("/inspector").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_on_while_nobody_may_open_a_socket() {
    let none = AddressLimit { total: 0, per_address: 0 };
    let admission = AdmissionLimits { sockets: none, ..AdmissionLimits::default() };
    let password = Password::parse(PASSWORD).expect("long enough");
    let app = App::with(LiveConfig { admission, ..App::config() }, Guard::password(password));
    let operator = signed_in(&app).await;
    for path in PAGES {
        let page = operator.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.html.contains("Inspector"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_even_with_the_right_password() {
    let app = guarded();
    let visitor = app.visitor();
    for _ in 0..5 {
        let answer = try_password(&visitor, "a wrong one").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.text("#problem"), "That is not the password.");
    }
    let slowed = try_password(&visitor, PASSWORD).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.headers.contains_key("retry-after"));
    assert_eq!(visitor.get("/inspector").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_to_wait_is_told_before_the_form_is_read() {
    let app = guarded();
    for _ in 0..5 {
        try_password(&app.visitor(), "a wrong one").await;
    }
    let unread = Body::from("a slow one").map_frame(|_| panic!("the body is read"));
    let request = Request::post("/inspector/sign-in")
        .header("host", "localhost")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::new(unread))
        .expect("a request");
    let answer = app.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_ends_the_login_before() {
    let app = guarded();
    let (visitor, copy) = sign_in(&app).await;
    let open = copy.get("/inspector").await;
    assert_eq!(open.status, StatusCode::OK);
    let token = open.attribute("input[name='csrf_token']", "value").expect("a token");
    let mut view = open.join().await;
    let form = [("csrf_token", &*token), ("password", PASSWORD)];
    let answer = visitor.post("/inspector/sign-in", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.get("/inspector").await.status, StatusCode::OK);
    // Nobody could sign out of it any more.
    assert_eq!(copy.get("/inspector").await.status, StatusCode::SEE_OTHER);
    view.disconnected().await;
}
