//! Hostile and broken clients: tokens, sessions, layers, frames. The views beside them live on.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use belvedere::testing::{Outcome, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase, is_join};
use http::StatusCode;
use serde_json::{Value, json};

use crate::diff::duplicates::Log;
use crate::views::{Counter, Senders, app, app_with, config, router, served};

fn stale() -> Outcome {
    Outcome::Refused(json!({"reason": "stale"}))
}

async fn refused(view: &mut TestView, change: impl FnOnce(&mut Value)) -> Outcome {
    view.join_with(change).await;
    view.outcome().clone()
}

#[tokio::test]
async fn tampered_foreign_and_missing_tokens_are_stale() {
    let app = app();
    let page_with_flash = async || {
        app.get("/troubled/redirect").await;
        app.get("/troubled/none").await
    };
    let mut view = page_with_flash().await.open();
    let other = page_with_flash().await;
    let of_other = |name: String| other.attribute("[data-phx-main]", &name).unwrap();
    for key in ["session", "static"] {
        let tampered = refused(&mut view, |payload| {
            let token = payload[key].as_str().unwrap();
            let last = if token.ends_with('A') { "B" } else { "A" };
            payload[key] = format!("{}{last}", &token[..token.len() - 1]).into();
        });
        assert_eq!(tampered.await, stale(), "{key}");
        let foreign = of_other(format!("data-phx-{key}"));
        assert_eq!(refused(&mut view, |payload| payload[key] = foreign.into()).await, stale());
    }
    assert_eq!(refused(&mut view, |payload| payload["session"] = "".into()).await, stale());
    view.join().await;
    assert!(view.is_joined(), "the page's own tokens still work");
}

#[tokio::test]
async fn the_pages_token_is_useless_with_another_persons_cookie() {
    let app = app();
    let page = app.get("/counter").await;
    let thief = app.another_visitor();
    let mut stolen = thief.get("/counter").await;
    let csrf = stolen.attribute("meta[name=csrf-token]", "content").unwrap();
    let owners_csrf = page.attribute("meta[name=csrf-token]", "content").unwrap();
    stolen.html = page.html.replace(&owners_csrf, &csrf);
    let mut view = stolen.open();
    assert_eq!(refused(&mut view, |_| {}).await, stale());
}

#[tokio::test]
async fn a_wrong_csrf_token_makes_joins_stale() {
    let app = app();
    let mut page = app.get("/counter").await;
    let csrf = page.attribute("meta[name=csrf-token]", "content").unwrap();
    page.html = page.html.replace(&csrf, "wrong");
    assert_eq!(refused(&mut page.open(), |_| {}).await, stale());
}

#[tokio::test]
async fn a_browser_without_cookies_waits_between_attempts() {
    let app = app();
    let page = app.get("/counter").await;
    let mut cookieless = app.another_visitor().get("/plain").await;
    cookieless.html = page.html;
    let outcome = refused(&mut cookieless.open(), |_| {}).await;
    assert_eq!(outcome, Outcome::Refused(json!({"reason": "no cookies"})));
}

#[tokio::test]
async fn a_browser_between_servers_of_different_secrets_waits_between_attempts() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (here, there) = (app(), app_with(LiveConfig::new(SecretKeyBase::random())));
    let mut page = here.get("/counter").await;
    let of_there = there.get("/counter").await;
    here.set_cookie("_live_view_session", &there.cookie("_live_view_session").unwrap());
    page.html = of_there.html;
    let mut view = page.open();
    let crashed = Outcome::Refused(json!({"reason": "join crashed"}));
    assert_eq!(refused(&mut view, |_| {}).await, crashed);
    let said = log.take();
    assert!(said.contains("give all servers the same secret") && !said.contains("bus"), "{said}");
    // Long after the page was served, loading it anew is what helps.
    let of_1970 = "AQAAAAAAAAAA";
    assert_eq!(refused(&mut view, |payload| payload["session"] = of_1970.into()).await, stale());
}

#[tokio::test]
async fn a_url_of_another_view_is_loaded_by_the_browser() {
    let app = app();
    let mut view = app.get("/counter").await.open();
    let unauthorized = Outcome::Refused(json!({"reason": "unauthorized"}));
    for url in ["http://app.test/inbox", "http://app.test/plain", "http://app.test//x", "\\"] {
        let outcome = refused(&mut view, |payload| payload["url"] = url.into()).await;
        assert_eq!(outcome, unauthorized, "{url}");
    }
    let outcome = refused(&mut view, |payload| payload["redirect"] = "/plain".into());
    assert_eq!(outcome.await, unauthorized);
}

#[tokio::test]
async fn a_mount_that_refuses_at_the_join_makes_the_browser_see_why() {
    let app = app();
    let mut view = app.get("/troubled/none").await.open();
    let at = |path: &str| format!("http://app.test/troubled/{path}");
    let outcome = refused(&mut view, |payload| payload["url"] = at("missing").into()).await;
    let Outcome::Refused(response) = outcome else { panic!("{outcome:?}") };
    assert_eq!((&response["reason"], &response["status"]), (&json!("reload"), &json!(404)));
    app.set_cookie("__phoenix_reload_status__", response["token"].as_str().unwrap());
    assert_eq!(app.get("/troubled/none").await.status, 200, "another page is as ever");
    assert_eq!(app.get("/troubled/missing").await.status, 404);

    let outcome = refused(&mut view, |payload| payload["url"] = at("redirect").into()).await;
    let Outcome::Refused(response) = outcome else { panic!("{outcome:?}") };
    assert_eq!(response["redirect"]["to"], "/troubled/none");
    app.set_cookie("__phoenix_flash__", response["redirect"]["flash"].as_str().unwrap());
    assert_eq!(app.get("/troubled/none").await.text(".flash.error"), "Please sign in first");
    for crash in ["error", "panic"] {
        let outcome = refused(&mut view, |payload| payload["url"] = at(crash).into()).await;
        assert_eq!(outcome, Outcome::Refused(json!({"reason": "join crashed"})), "{crash}");
    }
}

/// Refuses joins, before or after the handler has run.
async fn refuse_joins(request: Request, next: Next) -> Response {
    let after = request.uri().path() == "/after";
    let join = is_join(request.extensions());
    if join && !after {
        return StatusCode::FORBIDDEN.into_response();
    }
    let response = next.run(request).await;
    if join { StatusCode::FORBIDDEN.into_response() } else { response }
}

#[tokio::test]
async fn a_layer_that_refuses_is_obeyed_even_after_the_handler_has_run() {
    let routes = Router::new().live::<Counter>("/before").live::<Counter>("/after");
    let router = routes.layer(middleware::from_fn(refuse_joins));
    let app = served(LiveRuntime::new(config()), router);
    for path in ["/before", "/after"] {
        let mut view = app.get(path).await.open();
        let outcome = refused(&mut view, |_| {}).await;
        let Outcome::Refused(response) = outcome else { panic!("{path}: {outcome:?}") };
        assert_eq!(response["status"], 403, "{path}");
    }
}

#[tokio::test]
async fn malformed_frames_and_events_leave_every_view_alive() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router(Senders::default()));
    let mut counter = app.get("/counter").await.join().await;
    for text in ["", "null", "{}", "[]", "[1,2]", "[\"4\",\"5\",\"lv:x\"]", "\u{0}", "[[[["] {
        counter.send_text(text.to_owned()).await;
    }
    let malformed = live.protocol_errors();
    assert_eq!(malformed, 8);
    let oks = counter.replies().len();
    for (event, value) in [
        ("nonsense", json!({})),
        ("add", json!({})),
        ("add", json!({"amount": "many"})),
        ("add", json!([1])),
        ("lv:nonsense", json!({})),
    ] {
        counter.send_event("click", event, value, None).await;
    }
    assert_eq!(live.protocol_errors(), malformed + 5);
    let replies = &counter.replies()[oks..];
    assert_eq!(replies.len(), 5);
    assert!(replies.iter().all(|reply| reply["status"] == "ok"), "{replies:?}");
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "1");
}

#[tokio::test]
async fn topics_that_are_not_joined_get_the_protocols_answers() {
    let mut counter = app().get("/counter").await.join().await;
    let before = counter.replies().len();
    for frame in [
        json!(["9", "9", "lv:unknown", "event", {}]),
        json!(["9", "10", "rooms:1", "phx_join", {}]),
        json!([null, "11", "lv:", "phx_leave", {}]),
        json!([null, "12", "phoenix", "heartbeat", {}]),
    ] {
        counter.send_any(frame).await;
    }
    let unmatched = json!({"status": "error", "response": {"reason": "unmatched topic"}});
    let ok = json!({"status": "ok", "response": {}});
    assert_eq!(counter.replies()[before..], [unmatched.clone(), unmatched, ok.clone(), ok]);
}

#[tokio::test]
async fn frames_of_an_old_incarnation_have_no_effect() {
    let mut counter = app().get("/counter").await.join().await;
    let topic = counter.topic().to_owned();
    let before = counter.replies().len();
    let click = json!({"type": "click", "event": "inc", "value": {}});
    counter.send_any(json!(["1", "99", topic, "event", click])).await;
    assert_eq!(counter.replies().len(), before, "no reply");
    counter.send_any(json!([null, "100", topic, "event", click])).await;
    assert_eq!(counter.text("output"), "1", "a frame without a join reference counts");
}

#[tokio::test]
async fn a_socket_may_join_only_so_many_topics() {
    let mut config = config();
    config.max_joins_per_socket = 1;
    let app = app_with(config);
    let mut counter = app.get("/counter").await.join().await;
    counter.send_any(json!(["7", "7", "lv:second", "phx_join", {}])).await;
    let refusal = &counter.replies().last().unwrap()["response"];
    assert_eq!(refusal["reason"], "too many channels joined");
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "1");
}
