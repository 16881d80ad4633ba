//! What strangers without a cookie can take of a service, from one address and from ten, and that another
//! visitor gets in all the same.
//!
//! Addresses come by the header of a proxy that is trusted, so that one machine is many.

use std::ops::RangeInclusive;

use belvedere::http::ClientAddress;
use belvedere::testing::Outcome;
use belvedere::{AddressLimit, AdmissionLimits, HoldLimits, LiveConfig, LiveRouter, LiveRuntime};
use futures_util::future::join_all;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::socket::{Page, Refusal, Server, Socket, join_page_for, receive, send};
use crate::views::{Counter, Senders, config, router, served};

/// What the proxy of these tests sets.
const HEADER: &str = "fly-client-ip";

/// Another visitor than the strangers.
const VISITOR: &str = "198.51.100.7";

fn limit(total: usize, per_address: usize) -> AddressLimit {
    AddressLimit { total, per_address }
}

/// The usual settings, with small bounds of the same proportions.
fn guarded() -> LiveConfig {
    let admission = AdmissionLimits {
        sockets: limit(400, 20),
        polls: limit(200, 10),
        ..AdmissionLimits::default()
    };
    let page_hold_limits =
        HoldLimits { total: 400, per_session: 50, per_address: 20, ..HoldLimits::default() };
    LiveConfig {
        client_address: HEADER.parse::<ClientAddress>().unwrap(),
        admission,
        page_hold_limits,
        ..config()
    }
}

fn stranger(number: u8) -> String {
    format!("192.0.2.{number}")
}

/// Sockets that a stranger opens, until one is refused.
async fn sockets(server: &Server, address: &str) -> (Vec<Socket>, Refusal) {
    let mut open = Vec::new();
    loop {
        match server.try_open("vsn=2.0.0", &[(HEADER, address)]).await {
            Ok(socket) => open.push(socket),
            Err(refusal) => return (open, refusal),
        }
    }
}

/// Statuses of pages that a stranger asks for and never joins.
async fn pages(server: &Server, address: &str, n: usize) -> Vec<StatusCode> {
    let page = async || server.response_to("/counter", &[(HEADER, address)]).await.status();
    join_all((0..n).map(|_| page())).await
}

/// A visitor loads a page, joins it and clicks.
async fn visits(server: &Server, address: &str) {
    let headers = [(HEADER, address)];
    let page = server.page_for("/counter", &headers).await;
    clicks(server, &page, "/counter", &headers, "1").await;
}

/// Joins a page and clicks, which brings it to this count.
async fn clicks(server: &Server, page: &Page, path: &str, headers: &[(&str, &str)], count: &str) {
    let (mut socket, topic) = join_page_for(server, page, path, 0, headers).await;
    let click = json!({"type": "click", "event": "inc", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], count);
}

/// Whether a refusal says when to come again, and in words.
fn says(headers: &HeaderMap, words: &str) {
    assert!(headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    assert!(words.contains("in a moment"), "{words}");
}

fn words(refusal: &Refusal) -> String {
    String::from_utf8(refusal.body().clone().unwrap_or_default()).unwrap()
}

/// Statuses of polls that open sessions.
async fn polls(server: &Server, address: &str, n: usize) -> Vec<StatusCode> {
    let poll = async || {
        server.response_to("/live/longpoll?vsn=2.0.0", &[(HEADER, address)]).await.status()
    };
    join_all((0..n).map(|_| poll())).await
}

#[tokio::test]
async fn polls_of_ten_addresses_leave_others_theirs() {
    let server = Server::start(guarded()).await;
    for number in 1..=10 {
        let mut answers = polls(&server, &stranger(number), 11).await;
        answers.sort();
        assert_eq!(
            (answers.pop(), answers.pop()),
            (Some(StatusCode::TOO_MANY_REQUESTS), Some(StatusCode::OK))
        );
    }
    assert_eq!(polls(&server, VISITOR, 1).await, [StatusCode::OK]);
}

async fn attack_by_sockets(strangers: RangeInclusive<u8>) {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let server = Server::start(guarded()).await;
    let mut open = Vec::new();
    for number in strangers.clone() {
        let (sockets, refusal) = sockets(&server, &stranger(number)).await;
        assert_eq!((sockets.len(), refusal.status()), (20, StatusCode::TOO_MANY_REQUESTS));
        says(refusal.headers(), &words(&refusal));
        open.push(sockets);
        visits(&server, VISITOR).await;
    }
    assert_eq!(log.text().matches("visitors are refused at a bound").count(), 1, "{}", log.text());
    // What is closed is free again.
    open.clear();
    while server.open("vsn=2.0.0", &[(HEADER, &stranger(1))]).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sockets_of_one_address_leave_others_theirs() {
    attack_by_sockets(1..=1).await;
}

#[tokio::test]
async fn sockets_of_ten_addresses_leave_others_theirs() {
    attack_by_sockets(1..=10).await;
}

#[tokio::test]
async fn when_all_sockets_are_taken_whoever_comes_is_told_so() {
    let admission = AdmissionLimits { sockets: limit(3, 2), ..AdmissionLimits::default() };
    let server = Server::start(LiveConfig { admission, ..guarded() }).await;
    let (one, _) = sockets(&server, &stranger(1)).await;
    let (two, refusal) = sockets(&server, &stranger(2)).await;
    assert_eq!((one.len(), two.len()), (2, 1));
    assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
    says(refusal.headers(), &words(&refusal));
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_client() {
    let server = Server::start(guarded()).await;
    let mut open = Vec::new();
    for number in 0..20 {
        let address = format!("2001:db8::{number:x}");
        open.push(server.open("vsn=2.0.0", &[(HEADER, &address)]).await.unwrap());
    }
    let refused = server.open("vsn=2.0.0", &[(HEADER, "2001:db8::ffff:1")]).await.map(drop);
    assert_eq!(refused, Err(StatusCode::TOO_MANY_REQUESTS));
    visits(&server, "2001:db8:0:1::1").await;
}

#[tokio::test]
async fn what_no_proxy_sets_gives_no_share_of_its_own() {
    let server = Server::start(guarded()).await;
    let invented = [(HEADER, "192.0.2.1"), ("x-forwarded-for", "203.0.113.5")];
    for _ in 0..20 {
        // Never the same, and never looked at.
        std::mem::forget(server.open("vsn=2.0.0", &invented).await.unwrap());
    }
    assert_eq!(
        server.open("vsn=2.0.0", &invented).await.map(drop),
        Err(StatusCode::TOO_MANY_REQUESTS)
    );
}

async fn attack_by_pages(strangers: RangeInclusive<u8>) {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let server = Server::start(guarded()).await;
    let headers = [(HEADER, VISITOR)];
    let page = server.page_for("/counter/7", &headers).await;
    for number in strangers.clone() {
        let statuses = pages(&server, &stranger(number), 60).await;
        let refused = |status: &&StatusCode| **status == StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(statuses.iter().filter(refused).count(), 40, "{statuses:?}");
        let refusal = server.response_to("/counter", &[(HEADER, &stranger(number))]).await;
        says(refusal.headers(), refusal.body());
        visits(&server, VISITOR).await;
    }
    assert_eq!(log.text().matches("visitors are refused at a bound").count(), 1, "{}", log.text());
    // The page that came first waits still: its click finds the state that it was shown.
    clicks(&server, &page, "/counter/7", &headers, "8").await;
}

#[tokio::test]
async fn pages_of_one_address_that_are_never_joined_leave_others_theirs() {
    attack_by_pages(1..=1).await;
}

#[tokio::test]
async fn pages_of_ten_addresses_that_are_never_joined_leave_others_theirs() {
    attack_by_pages(1..=10).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_that_waits_is_kept_while_strangers_from_everywhere_ask_for_pages() {
    let page_hold_limits = HoldLimits { total: 30, ..HoldLimits::default() };
    let senders = Senders::default();
    let live = LiveRuntime::new(LiveConfig { page_hold_limits, ..config() });
    let app = served(live, router(senders.clone()));
    let visitor = app.visitor_at(VISITOR.parse().unwrap()).get("/inbox").await;
    for number in 0..200 {
        for _ in 0..2 {
            app.visitor_at(stranger(number).parse().unwrap()).get("/counter").await;
        }
    }
    let _inbox = visitor.join().await;
    assert_eq!(senders.0.lock().unwrap().len(), 1, "it was mounted once");
}

#[tokio::test(start_paused = true)]
async fn views_that_strangers_leave_behind_push_out_their_own() {
    let reconnect_limits = HoldLimits { total: 30, per_address: 5, ..HoldLimits::default() };
    let live = LiveRuntime::new(LiveConfig { reconnect_limits, ..config() });
    let app = served(live.clone(), router(Senders::default()));
    let mut counter = app.visitor_at(VISITOR.parse().unwrap()).get("/counter").await.join().await;
    counter.click("#inc").await;
    counter.disconnect().await;
    for number in 0..200 {
        let address = stranger(number % 10 + 1).parse().unwrap();
        app.visitor_at(address).get("/counter").await.join().await.disconnect().await;
    }
    counter.settle().await;
    assert!(live.n_views() <= 30, "{}", live.n_views());
    counter.reconnect().await;
    assert_eq!(counter.text("output"), "1", "its state is there");
}

#[tokio::test(start_paused = true)]
async fn joins_beyond_the_rate_of_an_address_wait_and_those_that_would_wait_too_long_are_refused() {
    let admission =
        AdmissionLimits { joins_per_second: limit(100, 5), ..AdmissionLimits::default() };
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let live = LiveRuntime::new(LiveConfig { admission, ..config() });
    let app = served(live.clone(), axum::Router::new().live::<Counter>("/counter"));
    let join = async |address: String| {
        let visitor = app.visitor_at(address.parse().unwrap());
        let mut view = visitor.get("/counter").await.open();
        view.join().await;
        view.outcome().clone()
    };
    let strangers = (0..40).flat_map(|_| 1..=10).map(|n| join(stranger(n)));
    let (outcomes, visitor) = tokio::join!(join_all(strangers), join(VISITOR.to_owned()));
    assert_eq!(visitor, Outcome::Open);
    let n_open = outcomes.iter().filter(|outcome| **outcome == Outcome::Open).count();
    // Of each address five at once, and those of five seconds.
    assert_eq!(n_open, 10 * (5 + 25));
    let refused = json!({"reason": "too many joins of one address"});
    assert!(outcomes.contains(&Outcome::Refused(refused)));
    assert_eq!(live.joins_refused(), 100);
    assert_eq!(log.text().matches("visitors are refused at a bound").count(), 1, "{}", log.text());
}

#[tokio::test]
async fn joined_views_of_one_address_leave_others_theirs() {
    let admission = AdmissionLimits { views: limit(4, 2), ..AdmissionLimits::default() };
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let live = LiveRuntime::new(LiveConfig { admission, ..config() });
    let app = served(live.clone(), router(Senders::default()));
    let open = async |address: &str| {
        let mut view = app.visitor_at(address.parse().unwrap()).get("/counter").await.open();
        view.join().await;
        view
    };
    let refused = |reason: &str| Outcome::Refused(json!({ "reason": reason }));
    let mut first = open(&stranger(1)).await;
    let _second = open(&stranger(1)).await;
    let third = open(&stranger(1)).await;
    assert_eq!(*third.outcome(), refused("too many views of one address"));
    let mut counter = open(VISITOR).await;
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "1");
    let _fourth = open(&stranger(2)).await;
    assert_eq!(*open(&stranger(3)).await.outcome(), refused("too many views"));
    assert_eq!(live.joins_refused(), 2);
    assert_eq!(log.text().matches("LiveConfig::admission.views").count(), 2, "{}", log.text());
    first.disconnect().await;
    assert_eq!(*open(&stranger(1)).await.outcome(), Outcome::Open, "there is a place again");
}

#[tokio::test]
async fn long_texts_of_one_address_leave_others_room_and_its_pages_go_on() {
    let admission =
        AdmissionLimits { kept_bytes: limit(900_000, 250_000), ..AdmissionLimits::default() };
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let live = LiveRuntime::new(LiveConfig { admission, ..config() });
    let app = served(live.clone(), router(Senders::default()));
    let survey = async |address: &str| {
        app.visitor_at(address.parse().unwrap()).get("/survey/plain").await.join().await
    };
    let long = "x".repeat(100_000);
    let (mut first, mut second) = (survey(&stranger(1)).await, survey(&stranger(1)).await);
    for survey in [&mut first, &mut second] {
        for _ in 0..3 {
            survey.change("#notes", "note", &[("note", &long)]).await;
        }
        assert_eq!((survey.text("#length").as_str(), survey.texts(".flash").len()), ("100000", 0));
    }
    let mut third = survey(&stranger(1)).await;
    third.change("#notes", "note", &[("note", &long)]).await;
    let said = third.text(".flash.error");
    assert!(said.starts_with("There is no room for so long a text now."), "{said}");
    assert_eq!(third.text("#length"), "0");
    third.click("#click").await;
    third.change("#notes", "note", &[("note", "short")]).await;
    assert_eq!((third.text("output"), third.text("#length")), ("1".into(), "5".into()));
    assert_eq!(third.texts(".flash"), [""; 0], "it is mended");
    assert_eq!(log.text().matches("LiveConfig::admission.kept_bytes").count(), 1, "{}", log.text());

    let mut visitor = survey(VISITOR).await;
    visitor.change("#notes", "note", &[("note", &long)]).await;
    assert_eq!(visitor.text("#length"), "100000");

    second.send("phx_leave", json!({})).await;
    second.settle().await;
    third.change("#notes", "note", &[("note", &long)]).await;
    assert_eq!(third.text("#length"), "100000", "there is room again");
}

#[tokio::test]
async fn a_hundred_people_behind_one_address_have_the_page_at_once() {
    let config = LiveConfig { client_address: HEADER.parse().unwrap(), ..config() };
    let server = Server::start(config).await;
    join_all((0..100).map(|_| visits(&server, "192.0.2.1"))).await;
}
