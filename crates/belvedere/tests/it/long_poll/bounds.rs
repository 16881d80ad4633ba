//! What browsers that poll may not do, how much is kept for them, and how their sockets end.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use belvedere::{
    AddressLimit, AdmissionLimits, LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase,
};
use http::{Request, StatusCode, header};
use serde_json::json;
use tokio::time::Instant;
use tower::ServiceExt;

use super::{Browser, HOST, counter, counts, served};
use crate::views::{Gate, Keeper, config};

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_browser_is_bounded_and_one_that_does_not_ask_for_it_is_lost() {
    let (live, app) = served(config());
    let mut browser = Browser::at(&app, "/troubled/none").await;
    browser.join(0).await;
    let text = "x".repeat(40_000);
    let echo = |message_ref| {
        browser
            .event(message_ref, json!({"type": "hook", "event": "echo", "value": {"text": text}}))
    };
    for message_ref in [5, 6] {
        assert_eq!(browser.post(echo(message_ref)).await.said(), 200);
    }
    // Two answers wait, and the connection with a third: nothing more is read.
    browser.post(echo(7)).await;
    let more = browser.post(echo(8));
    let lost = tokio::time::timeout(Duration::from_secs(14), more).await;
    assert!(lost.is_err(), "it is taken when there is room: {lost:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(browser.post(echo(9)).await.said(), 410);
    assert_eq!(live.n_views(), 1, "it waits for its browser to come back");
}

#[tokio::test(start_paused = true)]
async fn what_waits_comes_as_soon_as_the_browser_asks_and_makes_room() {
    let (_live, app) = served(config());
    let mut browser = Browser::at(&app, "/troubled/none").await;
    browser.join(0).await;
    let text = "x".repeat(40_000);
    let sender = browser.clone();
    let post = async {
        for message_ref in 5..25 {
            let echo = json!({"type": "hook", "event": "echo", "value": {"text": text}});
            assert_eq!(sender.post(sender.event(message_ref, echo)).await.said(), 200);
        }
    };
    let read = async {
        let mut n_replies = 0;
        while n_replies < 20 {
            let payloads = browser.poll().await.payloads();
            assert!(payloads.len() <= 3, "{}", payloads.len());
            n_replies += payloads.len();
        }
    };
    tokio::join!(post, read);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_clicks_in_one_request_are_answered_once_each_and_in_order() {
    let (keeper, live) = (Keeper::default(), LiveRuntime::new(config()));
    let gates = Router::new().live::<Gate>("/gate").with_state(keeper.clone());
    let app = live.clone().serve(gates);
    let mut browser = Browser::at(&app, "/gate").await;
    browser.join(0).await;
    let pass =
        |number| browser.event(number, json!({"type": "click", "event": "pass", "value": {}}));
    let clicks = (5..3005).map(pass).collect::<Vec<_>>().join("\n");
    let sender = browser.clone();
    let answers = async {
        keeper.arrival().await;
        while live.views(1)[0].mailbox_depth < 255 {
            tokio::task::yield_now().await;
        }
        keeper.admitted.add_permits(3000);
        browser.counts(3000).await
    };
    let (posted, counts) = tokio::join!(sender.post(clicks), answers);
    assert_eq!(posted.said(), 200);
    assert_eq!(counts, (1..=3000).map(|count| count.to_string()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_its_own_browser_on_its_own_server() {
    let (live, browser) = counter().await;
    let other = Browser::at(&browser.app, "/counter").await;
    let foreign = Browser { cookie: other.cookie.clone(), ..browser.clone() };
    let without = Browser { cookie: String::new(), ..browser.clone() };
    let forged = Browser { token: format!("{}A", browser.token), ..browser.clone() };
    let (_elsewhere, app) = served(config());
    let elsewhere = Browser { app, ..browser.clone() };
    for stranger in [foreign, without, forged, elsewhere] {
        assert_eq!(stranger.poll_in_vain().await.said(), 410);
        assert_eq!(stranger.post(stranger.click(5)).await.said(), 410);
    }
    let in_header = Browser { token: String::new(), ..browser.clone() };
    let request = Request::post(in_header.url()).header("x-phoenix-longpoll-token", &browser.token);
    assert_eq!(in_header.ask(request, Body::from(browser.click(5))).await.said(), 200);
    assert_eq!(counts(&browser.poll_in_vain().await.payloads()), ["1"], "and no other click");
    assert_eq!(live.n_views(), 1);
}

/// So many sessions of polls.
fn at_most(total: usize) -> LiveConfig {
    let polls = AddressLimit { total, per_address: total };
    LiveConfig { admission: AdmissionLimits { polls, ..AdmissionLimits::default() }, ..config() }
}

#[tokio::test]
async fn what_refuses_an_upgrade_refuses_a_poll() {
    let (live, app) = served(at_most(1));
    let browser = Browser::at(&app, "/counter").await;
    let ask = |query: &'static str, name: &'static str, value: &'static str| {
        let request = Request::get(format!("/live/longpoll?{query}")).header(name, value);
        browser.ask(request, Body::empty())
    };
    for (query, name, value, status, said) in [
        ("vsn=1.0.0", "x-a", "b", 403, 403),
        ("", "x-a", "b", 403, 403),
        ("vsn=2.0.0", "origin", "http://evil.test", 403, 403),
        ("vsn=2.0.0", "x-a", "b", 200, 410),
        ("vsn=2.0.0&token=", "origin", "http://app.test", 503, 500),
    ] {
        let answer = ask(query, name, value).await;
        assert_eq!((answer.status.as_u16(), answer.said()), (status, said), "{query} {name}");
    }
    // A page of another site that knows the token is refused too.
    let request = Request::get(browser.url()).header("origin", "http://evil.test");
    assert_eq!(browser.ask(request, Body::empty()).await.said(), 403);
    live.drain().await;
    let answer = ask("vsn=2.0.0", "x-a", "b").await;
    assert_eq!((answer.status.as_u16(), answer.said()), (503, 500));
}

#[tokio::test]
async fn where_it_is_turned_off_there_are_no_polls_and_the_page_says_so() {
    let (_live, app) = served(LiveConfig { long_poll_after: None, ..config() });
    let browser = Browser::at(&app, "/counter").await;
    assert!(browser.html.contains("data-long-poll-after=\"0\""), "{}", browser.html);
    let request = Request::get(browser.url()).header(header::HOST, HOST).body(Body::empty());
    let response = app.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let after = Some(Duration::from_secs(7));
    let (_live, app) = served(LiveConfig { long_poll_after: after, ..config() });
    assert!(Browser::at(&app, "/counter").await.html.contains("data-long-poll-after=\"7000\""));
    let (_live, app) = served(config());
    assert!(!Browser::at(&app, "/counter").await.html.contains("data-long-poll-after"));
}

#[tokio::test(start_paused = true)]
async fn draining_answers_what_was_asked_and_then_sends_away() {
    let (live, mut browser) = counter().await;
    browser.post(browser.click(5)).await;
    let polls = async {
        assert_eq!(counts(&browser.poll().await.payloads()), ["1"]);
        assert_eq!(browser.poll().await.said(), 410);
    };
    let began = Instant::now();
    tokio::join!(live.drain(), polls);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn draining_does_not_wait_for_a_browser_that_is_away() {
    let (live, browser) = counter().await;
    browser.post(browser.click(5)).await;
    let began = Instant::now();
    live.drain().await;
    assert!(began.elapsed() <= Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_is_signed_out_is_sent_away_at_once() {
    let (live, mut browser) = counter().await;
    let session = browser.session();
    let began = Instant::now();
    let (answer, ()) = tokio::join!(browser.poll(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        live.end_session(session);
    });
    assert_eq!((answer.said(), began.elapsed()), (410, Duration::from_secs(1)));
    browser.token.clear();
    let answer = browser.poll().await;
    assert_eq!((answer.status.as_u16(), answer.said()), (403, 403));
    assert_eq!(live.n_views(), 0);
}

#[tokio::test(start_paused = true)]
async fn sessions_that_nobody_uses_make_room() {
    let (_live, app) = served(at_most(3));
    let mut browser = Browser::at(&app, "/counter").await;
    for _ in 0..3 {
        browser.open().await;
    }
    browser.token.clear();
    assert_eq!(browser.poll().await.status, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::sleep(Duration::from_secs(16)).await;
    browser.join(0).await;
}

#[tokio::test(start_paused = true)]
async fn another_secret_reads_no_token() {
    let (_live, browser) = counter().await;
    let secret = SecretKeyBase::new(&"t".repeat(64)).unwrap();
    let (_other, app) = served(LiveConfig::new(secret));
    assert_eq!(Browser { app, ..browser }.poll_in_vain().await.said(), 410);
}
