//! What a page's request and answer say beside its HTML: cookies, headers, URLs.

use std::convert::Infallible;

use axum::Router;
use axum::extract::FromRequestParts;
use belvedere::testing::Outcome;
use belvedere::{
    LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket, flash,
    is_join, live,
};
use http::request::Parts;

use crate::diff::duplicates::Log;
use crate::socket::Server;
use crate::views::{app, app_with, config, served};

#[tokio::test]
async fn a_site_of_https_asks_browsers_to_stay_with_it() {
    let header = async |config| {
        let page = app_with(config).get("/counter").await;
        let value = page.headers.get("strict-transport-security").cloned();
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let at = |url: &str| LiveConfig { public_url: Some(url.to_owned()), ..config() };
    assert_eq!(header(at("https://ex.test")).await.as_deref(), Some("max-age=31536000"));
    assert_eq!(header(at("http://ex.test")).await, None);
    assert_eq!(header(config()).await, None);
    let off = LiveConfig { strict_transport: None, ..at("https://ex.test") };
    assert_eq!(header(off).await, None);
}

#[tokio::test]
async fn a_reload_cookie_that_is_old_or_foreign_is_ignored_and_deleted() {
    let app = app();
    for value in ["x", "", "QTEAAAA", "500"] {
        app.set_cookie("__phoenix_reload_status__", value);
        let page = app.get("/counter").await;
        assert_eq!(page.status, 200, "{value}");
        let cookies = page.headers.get_all("set-cookie").iter();
        let deleted = cookies.filter(|cookie| {
            cookie.to_str().unwrap().starts_with("__phoenix_reload_status__=; Path=/; Max-Age=0")
        });
        assert_eq!(deleted.count(), 1, "{value}");
    }
}

#[tokio::test]
async fn a_page_whose_url_is_too_long_says_so() {
    let app = app_with(LiveConfig { max_url_bytes: 20, ..config() });
    assert_eq!(app.get("/counter?q=123456789").await.status, 200, "20 bytes");
    let refused = app.get("/counter?q=1234567890").await;
    assert_eq!(refused.status, 414);
    assert!(refused.html.contains("URI Too Long"), "{}", refused.html);
}

#[tokio::test]
async fn a_join_whose_url_is_too_long_makes_the_browser_load_it() {
    let unauthorized = Outcome::Refused(serde_json::json!({"reason": "unauthorized"}));
    for length in [9_000, 70_000, 200_000, 300_000] {
        let mut view = app().get("/counter").await.open();
        let url = format!("http://app.test/counter?q={}", "x".repeat(length));
        view.join_with(|payload| payload["url"] = url.into()).await;
        assert_eq!(*view.outcome(), unauthorized, "{length}");
    }
}

#[tokio::test]
async fn a_url_is_no_longer_than_any_may_be_whatever_is_configured() {
    let app = app_with(LiveConfig { max_url_bytes: 100_000, ..config() });
    let mut view = app.get("/counter").await.open();
    let url = format!("http://app.test/counter?q={}", "x".repeat(70_000));
    view.join_with(|payload| payload["url"] = url.into()).await;
    assert_eq!(*view.outcome(), Outcome::Refused(serde_json::json!({"reason": "unauthorized"})));
}

#[tokio::test]
async fn a_join_that_a_script_makes_too_long_shows_why_and_is_not_sent_again() {
    let mut view = app().get("/counter").await.open();
    view.join_with(|payload| payload["params"]["notes"] = "x".repeat(300_000).into()).await;
    let Outcome::Refused(refusal) = view.outcome() else { panic!("{:?}", view.outcome()) };
    assert_eq!((&refusal["reason"], &refusal["status"]), (&"reload".into(), &413.into()));
}

/// Shows a long text as flash.
struct Loud;

impl LiveView for Loud {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.put_flash("info", "x".repeat(300_000));
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { main { (flash()) } }
    }
}

#[tokio::test]
async fn a_page_with_a_long_flash_is_joined() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), Router::new().live::<Loud>("/loud"));
    let mut view = app.get("/loud").await.join().await;
    assert_eq!(view.text(".flash.info").len(), 300_000);
    live.disconnect(view.session());
    view.reconnect().await;
    assert!(view.is_joined());
}

#[tokio::test]
async fn what_a_stranger_repeats_is_logged_once() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let config = LiveConfig { max_url_bytes: 20, max_header_bytes: 1000, ..config() };
    let server = Server::start(config).await;
    let (origin, headers) = ("http://evil.test", "c".repeat(2000));
    for _ in 0..5 {
        let _ = server.open("vsn=2.0.0", &[("origin", origin)]).await;
        let _ = server.open("vsn=2.0.0", &[("cookie", &headers)]).await;
        server.status("/counter?q=1234567890").await;
    }
    let lines = log.text();
    for words in ["another origin", "`LiveConfig::max_header_bytes`", "URL is too long"] {
        assert_eq!(lines.matches(words).count(), 1, "{words}: {lines}");
    }
}

#[test]
#[should_panic(expected = "`LiveConfig::public_url` is `example.org`")]
fn a_public_url_that_no_page_can_come_from_is_said_at_the_start() {
    let _ = LiveRuntime::new(LiveConfig { public_url: Some("example.org".into()), ..config() });
}

/// What an extractor of a view says of its request.
struct Asking(bool);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_join(&parts.extensions)))
    }
}

/// Shows whether its mount was a join's.
struct Knowing {
    is_join: bool,
}

impl LiveView for Knowing {
    type Extract = Asking;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(Asking(is_join): Asking, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_join })
    }

    fn render(&self) -> impl Render {
        live! { output { (self.is_join) } }
    }
}

#[tokio::test]
async fn an_extractor_can_tell_a_join_from_a_page() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), Router::new().live::<Knowing>("/knowing"));
    let page = app.get("/knowing").await;
    assert_eq!(page.text("output"), "false");
    let mut view = page.join().await;
    assert_eq!(view.text("output"), "false", "the page's view was adopted");
    live.disconnect(view.session());
    view.reconnect().await;
    assert_eq!(view.text("output"), "true", "mounted at a join");
}
