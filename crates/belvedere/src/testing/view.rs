//! [`TestView`]: a joined page, as its visitor sees it.

use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::diff;
use crate::runtime::in_flight::InFlight;
use crate::runtime::transport::Incoming;
use crate::testing::app::{TestApp, TestPage};
use crate::testing::files::Files;
use crate::testing::form::typed::TypedInputs;
use crate::testing::outcome::Outcome;
use crate::testing::tab::{Reader, Tab};
use crate::wire::keys;
use browser::Browser;
pub use connection::LostSocket;
use journey::{Journey, absolute};
use kept::Kept;
pub(super) use travel::Way;
use travel::{Destination, PendingLink};

mod browser;
mod connection;
mod journey;
mod kept;
mod nested;
mod report;
mod shown;
mod travel;

/// A page with an open socket, or a view nested in one.
#[derive(Debug)]
pub struct TestView {
    pub(super) app: TestApp,
    pub(super) tab: Tab,
    /// What the client believes that its page shows. None of a nested view.
    url: Option<String>,
    /// The page that was loaded, of a view in its layout.
    document: Option<String>,
    /// None of a nested view.
    journey: Option<Journey>,
    /// The view was reached by live navigation.
    navigates: bool,
    n_navigations: usize,
    pending_link: Option<PendingLink>,
    destination: Option<Destination>,
    csrf_token: String,
    /// The page as the first response brought it.
    first_html: Arc<str>,
    /// As a live navigation has changed it.
    container: Option<Value>,
    topic: String,
    session: String,
    statics: Option<String>,
    tracked: Vec<String>,
    mounts: u32,
    join_ref: String,
    tree: Option<Value>,
    title: Option<String>,
    events: Vec<(String, Value)>,
    /// Shared with the other views of the page.
    kept: Kept,
    replies: Vec<Value>,
    diffs: Vec<Value>,
    received_bytes: usize,
    last_diff: Option<Value>,
    received_frames: usize,
    outcome: Outcome,
    /// What the browser knows of the views nested in this one.
    browser: Browser,
    /// References of farewells to components that are not answered yet.
    farewells: HashSet<String>,
    /// What stands in the page's inputs.
    pub(super) typed: TypedInputs,
    /// Which files are chosen.
    pub(super) files: Files,
}

impl TestView {
    pub(super) fn open(page: TestPage) -> Self {
        let attribute =
            |selector: &str, name: &str| page.attribute(selector, name).unwrap_or_default();
        let csrf_token = attribute("meta[name='csrf-token']", "content");
        let tab = page.app.connect(Some(&csrf_token));
        Self {
            url: Some(absolute(&page.path)),
            journey: Some(Journey::begin(&page.path)),
            topic: format!("lv:{}", attribute("[data-phx-main]", "id")),
            session: attribute("[data-phx-main]", "data-phx-session"),
            statics: page
                .attribute("[data-phx-main]", "data-phx-static")
                .filter(|it| !it.is_empty()),
            ..Self::new(page.app.clone(), tab, csrf_token, page.html.as_str().into())
        }
    }

    fn new(app: TestApp, tab: Tab, csrf_token: String, first_html: Arc<str>) -> Self {
        Self {
            app,
            tab,
            url: None,
            document: None,
            journey: None,
            navigates: false,
            n_navigations: 0,
            pending_link: None,
            destination: None,
            csrf_token,
            first_html,
            container: None,
            topic: String::new(),
            session: String::new(),
            statics: None,
            tracked: Vec::new(),
            mounts: 0,
            join_ref: String::new(),
            tree: None,
            title: None,
            events: Vec::new(),
            kept: Kept::default(),
            replies: Vec::new(),
            diffs: Vec::new(),
            received_bytes: 0,
            last_diff: None,
            received_frames: 0,
            outcome: Outcome::Open,
            browser: Browser::default(),
            farewells: HashSet::new(),
            typed: TypedInputs::default(),
            files: Files::default(),
        }
    }

    /// Joins, or joins again on the same socket, and then sends once more what stands in the page's
    /// forms, as the client does with each that has an id and a `phx-change`.
    pub async fn join(&mut self) {
        self.files.forget();
        let forms = if self.tree.is_some() { self.forms_to_recover() } else { Vec::new() };
        self.join_with(|_| {}).await;
        self.recover_forms(forms).await;
    }

    /// Joins, which `caller` expects to succeed.
    pub(super) async fn joined_at(mut self, caller: &'static Location<'static>) -> Self {
        self.join().await;
        assert!(self.is_joined(), "the join was refused: {:?}: {caller}", self.outcome);
        self
    }

    /// Joins with a payload that `change` has altered, as a hostile client would.
    pub async fn join_with(&mut self, change: impl FnOnce(&mut Value)) {
        let join = self.join_frame(change);
        self.send_text(join).await;
    }

    fn join_frame(&mut self, change: impl FnOnce(&mut Value)) -> String {
        let mut payload = json!({
            "params": {
                "_csrf_token": self.csrf_token,
                "_mounts": self.mounts,
                "_mount_attempts": 0,
                "_track_static": self.tracked,
            },
            "session": self.session,
            "static": self.statics,
            "sticky": false,
        });
        if let (Some(url), Some(journey)) = (&self.url, &self.journey) {
            payload[if self.navigates { "redirect" } else { "url" }] = url.as_str().into();
            if journey.url() != url {
                payload["params"]["_url"] = journey.url().into();
            }
        }
        if let Some(document) = &self.document {
            payload["url"] = document.as_str().into();
            payload["params"]["_url"] = self.tab.shown().into();
        }
        self.bring_kept(&mut payload);
        self.number_join(&mut payload);
        change(&mut payload);
        self.outcome = Outcome::Open;
        self.join_ref = self.next_ref().to_string();
        json!([self.join_ref, self.join_ref, self.topic, keys::JOIN, payload]).to_string()
    }

    /// The assets that the page's elements with `phx-track-static` name.
    pub fn track_assets(&mut self, urls: &[&str]) {
        self.tracked = urls.iter().map(ToString::to_string).collect();
    }

    /// Sends an event that need not come from an element, and waits until everything is quiet.
    pub async fn send_event(&mut self, kind: &str, event: &str, value: Value, meta: Option<Value>) {
        self.send_to(None, kind, event, value, meta).await;
    }

    /// Sends a message about a component, or about the view, and waits until everything is quiet.
    pub(super) async fn send_for(
        &mut self,
        component: Option<u64>,
        event: &str,
        mut payload: Value,
    ) {
        if let Some(number) = component {
            payload["cid"] = number.into();
        }
        self.send(event, payload).await;
    }

    /// Sends a message on this view's topic, and waits until everything is quiet.
    pub async fn send(&mut self, event: &str, payload: Value) {
        let frame = self.frame(event, &payload);
        self.send_text(frame).await;
    }

    /// Sends a message on this view's topic without waiting, for work that never ends by itself.
    pub async fn send_now(&mut self, event: &str, payload: Value) {
        let frame = self.frame(event, &payload).into();
        self.tab.send(Incoming::Text(frame, None)).await;
    }

    /// Sends a frame on any topic, and waits until everything is quiet.
    pub async fn send_any(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    /// Sends a frame as it is, and waits until everything is quiet.
    pub async fn send_text(&mut self, text: String) {
        let ticket = self.app.runtime.in_flight.ticket();
        let frame = Incoming::Text(text.into(), Some(ticket));
        self.tab.send(frame).await;
        self.settle().await;
    }

    /// Sends a frame and does not wait: the server may still be working on it.
    pub async fn send_at_once(&mut self, event: &str, payload: Value) {
        let message_ref = self.next_ref().to_string();
        let frame = json!([self.join_ref, message_ref, self.topic, event, payload]).to_string();
        let ticket = self.app.runtime.in_flight.ticket();
        self.tab.send(Incoming::Text(frame.into(), Some(ticket))).await;
    }

    /// Waits until no work is under way, then applies what the server sent.
    pub async fn settle(&mut self) {
        InFlight::settled(&self.app.runtime.in_flight).await;
        let reader = if self.url.is_some() { Reader::Page } else { Reader::Nested(&self.topic) };
        for text in self.tab.take(reader) {
            self.receive(&text);
        }
        if let Some(code) = self.tab.close_code() {
            self.outcome = Outcome::Disconnected(code);
        }
        self.say_farewell().await;
        self.travel().await;
    }

    fn frame(&mut self, event: &str, payload: &Value) -> String {
        let message_ref = self.next_ref().to_string();
        json!([self.join_ref, message_ref, self.topic, event, payload]).to_string()
    }

    pub(super) fn next_ref(&self) -> u64 {
        self.tab.next_ref()
    }

    fn receive(&mut self, text: &str) {
        self.received_bytes = text.len();
        self.received_frames += 1;
        let (join_ref, message_ref, topic, event, payload): (
            Option<String>,
            Option<String>,
            String,
            String,
            Value,
        ) = serde_json::from_str(text).expect("the server sends five-element arrays");
        let own = topic == self.topic;
        if own && join_ref.as_ref().is_some_and(|join_ref| *join_ref != self.join_ref) {
            return;
        }
        match &*event {
            keys::REPLY if message_ref.as_ref() == Some(&self.join_ref) => self.joined(payload),
            keys::REPLY
                if message_ref.as_deref().is_some_and(|message_ref| {
                    self.farewell_answered(message_ref, &payload["response"])
                }) => {}
            keys::REPLY => {
                self.apply_response(&payload["response"]);
                self.patch_answered(
                    message_ref.as_deref().unwrap_or_default(),
                    &payload["response"],
                );
                self.replies.push(payload);
            }
            keys::DIFF => self.apply(payload),
            keys::REDIRECT => self.redirected(&payload),
            keys::LIVE_PATCH => self.patched_beside(&payload),
            keys::LIVE_REDIRECT => self.sent_on(&payload),
            keys::ERROR => self.outcome = Outcome::Crashed,
            keys::CLOSE if self.outcome == Outcome::Open => self.outcome = Outcome::Closed,
            _ => {}
        }
    }

    fn joined(&mut self, mut payload: Value) {
        if payload["status"] != "ok" {
            if let Some(on) = payload["response"].get(keys::LIVE_REDIRECT) {
                self.sent_on(on);
            }
            self.outcome = Outcome::Refused(payload["response"].take());
            return;
        }
        self.mounts += 1;
        self.join_seen();
        self.replies.clear();
        self.diffs.clear();
        self.browser.joined();
        self.tree = Some(Value::Object(Map::new()));
        self.reskinned(&mut payload["response"]);
        self.apply(payload["response"]["rendered"].take());
        if let Some(patch) = payload["response"].get(keys::LIVE_PATCH) {
            self.patched(patch);
        }
    }

    fn apply_response(&mut self, response: &Value) {
        if let Some(diff) = response.get(keys::DIFF) {
            self.apply(diff.clone());
        }
        if let Some(redirect) = response.get(keys::REDIRECT) {
            self.redirected(redirect);
        }
        if let Some(patch) = response.get(keys::LIVE_PATCH) {
            self.patched(patch);
        }
        if let Some(redirect) = response.get(keys::LIVE_REDIRECT) {
            self.sent_on(redirect);
        }
    }

    fn redirected(&mut self, redirect: &Value) {
        self.keep_flash(redirect);
        let to = redirect.get(keys::TO).and_then(Value::as_str);
        self.outcome = Outcome::Redirected(to.unwrap_or_default().to_owned());
    }

    fn apply(&mut self, mut diff: Value) {
        self.last_diff = Some(diff.clone());
        if let Some(Value::String(title)) = take(&mut diff, keys::TITLE) {
            self.titled(title);
        }
        if let Some(Value::Array(events)) = take(&mut diff, keys::EVENTS) {
            events.into_iter().for_each(|event| self.heard(event));
        }
        take(&mut diff, keys::REPLY_VALUE);
        if diff.as_object().is_some_and(|members| !members.is_empty()) {
            self.diffs.push(diff.clone());
        }
        let tree = self.tree.as_mut().expect("diffs follow a join");
        let sent = diff.to_string();
        if let Err(error) = diff::merge(tree, diff) {
            panic!("the server sends diffs of the tree it sent: {error}: {sent}");
        }
        self.page_changed();
    }
}

fn take(diff: &mut Value, key: &str) -> Option<Value> {
    diff.as_object_mut().and_then(|members| members.remove(key))
}
