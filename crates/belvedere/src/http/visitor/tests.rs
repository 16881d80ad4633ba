//! A session that goes on, as a browser sees it.

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http::header::{COOKIE, SET_COOKIE};
use tower::ServiceExt;

use super::Visitor;
use crate::config::LiveConfig;
use crate::http::live_runtime::LiveRuntime;
use crate::wire::token::{SecretKeyBase, SessionId, SessionToken};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The cookies that the browser is given whose session is this old.
async fn given_after(age: Duration, session_lifetime: Option<Duration>) -> Vec<String> {
    let secret = SecretKeyBase::random();
    let live = LiveRuntime::new(LiveConfig { session_lifetime, ..LiveConfig::new(secret) });
    let id = SessionId::random();
    let token = SessionToken { id, value: None, issued_at: SystemTime::now() - age };
    let cookie = format!("_live_view_session={}", token.sign(&live.runtime().keys));
    let runtime = live.runtime().clone();
    let pages = Router::new().route("/", get(async |visitor: Visitor| (visitor, "here")));
    let request = Request::get("/").header(COOKIE, cookie).body(Body::empty()).unwrap();
    let answer = live.serve(pages).oneshot(request).await.unwrap();
    let cookies = answer.headers().get_all(SET_COOKIE).iter();
    let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
    for cookie in &cookies {
        let text = cookie.split(['=', ';']).nth(1).unwrap();
        let token = SessionToken::verify(text, &runtime.keys, SystemTime::now(), DAY).unwrap().0;
        assert!(token.id == id, "it is the same session");
    }
    cookies
}

#[tokio::test]
async fn a_session_that_is_half_over_is_prolonged_by_a_response() {
    assert!(given_after(10 * DAY, Some(30 * DAY)).await.is_empty());
    let [cookie] = &given_after(20 * DAY, Some(30 * DAY)).await[..] else { panic!("no cookie") };
    assert!(cookie.contains("; Max-Age=2592000"), "{cookie}");
    assert!(given_after(6 * DAY, None).await.is_empty());
    let [cookie] = &given_after(8 * DAY, None).await[..] else { panic!("no cookie") };
    assert!(!cookie.contains("Max-Age"), "it ends with the browser: {cookie}");
}
