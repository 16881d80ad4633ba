//! Where WebSockets are blocked: requests as the client's `LongPoll` sends them.

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use belvedere::wire::token::{Keys, MAX_COOKIE_AGE, SessionToken};
use belvedere::{LiveConfig, LiveRuntime, SessionId};
use futures_util::stream;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

use crate::views::{Senders, config, router};

mod bounds;
mod law;

/// Where the test's server is.
const HOST: &str = "app.test";

/// What each request of the client has in its query.
const QUERY: &str = "vsn=2.0.0&_csrf_token=";

/// What a browser's script knows, and its cookie.
#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    cookie: String,
    html: String,
    path: &'static str,
    /// Empty before the first answer.
    token: String,
    /// Join ref of its view.
    join_ref: &'static str,
    /// What the page's script keeps of its view for the next server.
    kept: Option<String>,
}

/// What a request was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Value,
}

impl Answer {
    /// The status that the client reads.
    pub(crate) fn said(&self) -> u64 {
        self.body["status"].as_u64().unwrap()
    }

    /// Payloads of the frames.
    pub(crate) fn payloads(&self) -> Vec<Value> {
        let frames = self.body["messages"].as_array().unwrap().iter();
        let frames =
            frames.map(|text| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap());
        frames.map(|frame| frame[4].clone()).collect()
    }
}

impl Browser {
    /// Loads a page.
    pub(crate) async fn at(app: &Router, path: &'static str) -> Self {
        let request = Request::get(path).header(header::HOST, HOST).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let html = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8(html.to_vec()).unwrap();
        Self {
            app: app.clone(),
            cookie,
            html,
            path,
            token: String::new(),
            join_ref: "4",
            kept: None,
        }
    }

    fn session(&self) -> SessionId {
        let keys = Keys::derive(&config().secret_key_base, "");
        let (_, token) = self.cookie.split_once('=').unwrap();
        SessionToken::verify(token, &keys, SystemTime::now(), MAX_COOKIE_AGE).unwrap().0.id
    }

    /// Text between `before` and the next quote.
    fn value(&self, before: &str) -> &str {
        let start = self.html.find(before).unwrap() + before.len();
        self.html[start..].split('"').next().unwrap()
    }

    fn topic(&self) -> String {
        format!("lv:{}", self.value("<div id=\""))
    }

    fn url(&self) -> String {
        let csrf_token = self.value("name=\"csrf-token\" content=\"");
        format!("/live/longpoll?{QUERY}{csrf_token}&token={}", self.token)
    }

    async fn ask(&self, request: http::request::Builder, body: Body) -> Answer {
        let request = request.header(header::HOST, HOST).header(header::COOKIE, &self.cookie);
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, body: serde_json::from_slice(&body).unwrap() }
    }

    /// A poll whose answer does not come.
    pub(crate) async fn poll_in_vain(&self) -> Answer {
        self.ask(Request::get(self.url()), Body::empty()).await
    }

    pub(crate) async fn poll(&mut self) -> Answer {
        let answer = self.poll_in_vain().await;
        if let Some(token) = answer.body["token"].as_str() {
            self.token = token.to_owned();
        }
        answer.payloads().iter().for_each(|payload| self.keep(payload));
        answer
    }

    /// Keeps the snapshot that a payload may bring.
    fn keep(&mut self, payload: &Value) {
        let response = &payload["response"];
        let places = [&payload["e"], &response["diff"]["e"], &response["rendered"]["e"]];
        let events = places.into_iter().filter_map(Value::as_array).flatten();
        for event in events.filter(|event| event[0] == "live_view:snapshot") {
            self.kept = event[1]["kept"].as_str().map(str::to_owned);
        }
    }

    /// Its requests go to another server from now on.
    pub(crate) fn go_to(&mut self, app: &Router) {
        self.app = app.clone();
    }

    /// Polls until so many payloads have come.
    async fn payloads(&mut self, n: usize) -> Vec<Value> {
        let mut payloads = Vec::new();
        while payloads.len() < n {
            payloads.extend(self.poll().await.payloads());
        }
        payloads
    }

    /// Polls until answers to so many clicks have come.
    async fn counts(&mut self, n: usize) -> Vec<String> {
        let mut seen = Vec::new();
        while seen.len() < n {
            seen.extend(counts(&self.poll().await.payloads()));
        }
        seen
    }

    pub(crate) async fn post(&self, body: impl Into<Body>) -> Answer {
        self.ask(Request::post(self.url()), body.into()).await
    }

    /// As the page's script does when the page goes.
    async fn say_goodbye(&self) -> Answer {
        self.ask(Request::post(format!("{}&goodbye", self.url())), Body::empty()).await
    }

    /// Opens the socket anew.
    async fn open(&mut self) {
        self.token.clear();
        let answer = self.poll().await;
        assert_eq!((answer.status, answer.said()), (StatusCode::OK, 410), "{answer:?}");
        assert!(!self.token.is_empty());
    }

    /// Opens the socket and joins the page's view.
    pub(crate) async fn join(&mut self, mounts: u32) -> Value {
        self.open().await;
        let mut payload = json!({
            "url": format!("http://{HOST}{}", self.path),
            "params": {"_csrf_token": "", "_mounts": mounts, "_mount_attempts": 0, "_join": mounts + 1, "_seen": mounts},
            "session": self.value("data-phx-session=\""),
            "static": Some(self.value("data-phx-static=\"")).filter(|it| !it.is_empty()),
            "sticky": false,
        });
        if let Some(kept) = &self.kept {
            payload["params"]["_snapshot"] = kept.as_str().into();
        }
        let join = json!([self.join_ref, self.join_ref, self.topic(), "phx_join", payload]);
        assert_eq!(self.post(join.to_string()).await.said(), 200);
        let reply = self.poll().await.payloads().remove(0);
        assert_eq!(reply["status"], "ok", "{reply}");
        reply
    }

    /// A frame of the page's view.
    pub(crate) fn event(&self, message_ref: u64, event: Value) -> String {
        json!([self.join_ref, message_ref.to_string(), self.topic(), "event", event]).to_string()
    }

    pub(crate) fn click(&self, message_ref: u64) -> String {
        self.event(message_ref, json!({"type": "click", "event": "inc", "value": {}}))
    }
}

/// The numbers that answers to clicks bring.
pub(crate) fn counts(payloads: &[Value]) -> Vec<String> {
    let count = |payload: &Value| payload["response"]["diff"]["0"].as_str().map(str::to_owned);
    payloads.iter().filter_map(count).collect()
}

pub(crate) fn served(config: LiveConfig) -> (LiveRuntime, Router) {
    let live = LiveRuntime::new(config);
    let app = live.clone().serve(router(Senders::default()));
    (live, app)
}

async fn counter() -> (LiveRuntime, Browser) {
    let (live, app) = served(config());
    let mut browser = Browser::at(&app, "/counter").await;
    browser.join(0).await;
    (live, browser)
}

#[tokio::test(start_paused = true)]
async fn frames_go_both_ways_and_a_poll_without_any_is_held_for_ten_seconds() {
    let (live, mut browser) = counter().await;
    let lines = [browser.click(5), json!([null, "6", "phoenix", "heartbeat", {}]).to_string()];
    let answer = browser.post(lines.join("\n")).await;
    assert_eq!((answer.status, answer.said()), (StatusCode::OK, 200));
    let payloads = browser.payloads(2).await;
    assert_eq!(counts(&payloads), ["1"]);
    assert!(payloads.contains(&json!({"status": "ok", "response": {}})), "{payloads:?}");
    let began = Instant::now();
    let answer = browser.poll().await;
    assert_eq!((answer.said(), began.elapsed()), (204, Duration::from_secs(10)));
    assert_eq!(live.protocol_errors(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_says_nothing_and_polls_stays() {
    let (live, mut browser) = counter().await;
    for _ in 0..60 {
        assert_eq!(browser.poll().await.said(), 204);
    }
    browser.post(browser.click(5)).await;
    assert_eq!(counts(&browser.poll().await.payloads()), ["1"]);
    assert_eq!(live.n_views(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_polls_no_more_is_lost_and_comes_back_to_its_state() {
    let (live, mut browser) = counter().await;
    browser.post(browser.click(5)).await;
    browser.poll().await;
    sleep(Duration::from_secs(16)).await;
    assert_eq!(browser.poll().await.said(), 410);
    assert_eq!(live.n_views(), 1);
    let reply = browser.join(1).await;
    assert_eq!(reply["response"]["rendered"]["0"], "1", "{reply}");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_says_goodbye_has_left_at_once_after_what_it_sent_before() {
    let (live, mut browser) = counter().await;
    let mut stranger = browser.clone();
    stranger.cookie = Browser::at(&browser.app, "/counter").await.cookie;
    assert_eq!(stranger.say_goodbye().await.said(), 410);
    browser.post(browser.click(5)).await;
    assert_eq!(counts(&browser.poll().await.payloads()), ["1"], "nobody else says it");

    let (held, said) = tokio::join!(browser.poll_in_vain(), browser.say_goodbye());
    assert_eq!((held.said(), said.said()), (410, 200));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(live.n_views(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_poll_whose_answer_was_lost_is_answered_again_and_one_before_it_no_more() {
    let (_live, mut browser) = counter().await;
    browser.post(browser.click(5)).await;
    let lost = browser.poll_in_vain().await;
    let before = browser.clone();
    let again = browser.poll().await;
    assert_eq!((lost.said(), counts(&lost.payloads())), (200, vec!["1".to_owned()]));
    assert_eq!(again.payloads(), lost.payloads());
    browser.post(browser.click(6)).await;
    assert_eq!(counts(&browser.poll().await.payloads()), ["2"]);
    assert_eq!(before.poll_in_vain().await.said(), 410, "what it has missed is gone");
    browser.post(browser.click(7)).await;
    assert_eq!(counts(&browser.poll().await.payloads()), ["3"], "nobody else is disturbed");
}

#[tokio::test(start_paused = true)]
async fn frames_that_are_sent_twice_are_taken_once_also_after_others() {
    let (live, mut browser) = counter().await;
    let first = [browser.click(5), browser.click(7)].join("\n");
    for body in [&first, &first, &browser.click(8), &first, &browser.click(8)] {
        assert_eq!(browser.post(body.clone()).await.said(), 200);
    }
    assert_eq!(browser.counts(3).await, ["1", "2", "3"]);
    assert_eq!(browser.poll().await.said(), 204);
    assert_eq!(live.protocol_errors(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_polls_the_later_one_is_answered_with_frames() {
    let (_live, browser) = counter().await;
    let mut later = browser.clone();
    let (earlier, later, _) = tokio::join!(browser.poll_in_vain(), later.poll(), async {
        sleep(Duration::from_secs(1)).await;
        browser.post(browser.click(5)).await
    });
    assert_eq!(earlier.said(), 204);
    assert_eq!(counts(&later.payloads()), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_breaks_off_counts_as_far_as_its_lines_were_complete() {
    let (_live, mut browser) = counter().await;
    let rest = browser.click(6);
    let parts = [
        Ok(Bytes::from(format!("{}\n", browser.click(5)))),
        Ok(Bytes::copy_from_slice(&rest.as_bytes()[..rest.len() - 1])),
        Err(std::io::Error::other("it broke off")),
    ];
    let answer = browser.post(Body::from_stream(stream::iter(parts))).await;
    assert_eq!((answer.status, answer.said()), (StatusCode::REQUEST_TIMEOUT, 500));
    // The browser sends it again as it was.
    browser.post([browser.click(5), browser.click(6)].join("\n")).await;
    assert_eq!(browser.counts(2).await, ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_given_up() {
    let (_live, browser) = counter().await;
    let began = Instant::now();
    let endless = stream::pending::<Result<Bytes, std::io::Error>>();
    let answer = browser.post(Body::from_stream(endless)).await;
    assert_eq!((answer.status, answer.said()), (StatusCode::REQUEST_TIMEOUT, 500));
    assert_eq!(began.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_too_long_is_answered_and_the_socket_goes_on() {
    let (live, app) = served(LiveConfig { max_frame_bytes: 2048, ..config() });
    let mut browser = Browser::at(&app, "/counter").await;
    browser.join(0).await;
    let long = json!({"type": "form", "event": "save", "value": "中".repeat(100_000)});
    browser.post(format!("{}\n[1\n?\n{}", browser.event(5, long), browser.click(6))).await;
    let payloads = browser.payloads(2).await;
    assert_eq!(payloads[0]["response"]["diff"]["e"][0][0], "live_view:unread", "{payloads:?}");
    assert_eq!(counts(&payloads), ["1"]);
    assert_eq!(live.protocol_errors(), 3);
}
