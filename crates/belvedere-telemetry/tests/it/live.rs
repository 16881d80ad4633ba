//! A whole application of live views, as its traces show it.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::telemetry::attribute;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Socket, TooManyTasks, flash, live,
};
use belvedere_telemetry::testing::{Caller, attribute as value_of, recorder};
use opentelemetry::trace::{Status, TraceId};
use opentelemetry_sdk::trace::SpanData;
use serde_json::json;

use crate::meters::meters;
use crate::named;

/// Does what its events say; the route tells the tests' views apart.
pub(crate) struct Probe {
    seen: Vec<&'static str>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Send,
    Spawn,
    SpawnPanic,
    SpawnForEver,
    SpawnMany,
    Flood,
    Timer,
    Fail,
}

impl LiveView for Probe {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = &'static str;

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { seen: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        let sender = socket.sender();
        match event {
            Event::Send => sender.send("sent")?,
            Event::Spawn => socket.spawn("compute", async move {
                tracing::info_span!("work").in_scope(|| ());
                let _ = sender.send("computed");
            })?,
            Event::SpawnPanic => socket.spawn("panic", async { panic!("on purpose") })?,
            Event::SpawnForEver => {
                let ended = Ended(sender);
                socket.spawn("endless", async move {
                    let _ended = ended;
                    std::future::pending().await
                })?;
            }
            Event::SpawnMany => {
                let started = (0..100)
                    .filter(|_| socket.send_after(Duration::from_secs(3600), "late").is_ok())
                    .count();
                assert_eq!(started, 64);
                socket.send_after(Duration::ZERO, "one more")?;
            }
            Event::Flood => while sender.send("flood").is_ok() {},
            Event::Timer => socket.send_after(Duration::from_secs(5), "rung")?,
            Event::Fail => return Err(TooManyTasks.into()),
        }
        Ok(())
    }

    async fn handle_message(&mut self, text: &'static str, _: &mut Socket<Self>) -> Result {
        self.seen.push(text);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            @for text in &self.seen { p { (text) } }
        }
    }
}

/// Says when the future that owns it is dropped.
struct Ended(belvedere::MessageSender<&'static str>);

static ENDED: tokio::sync::Notify = tokio::sync::Notify::const_new();

impl Drop for Ended {
    fn drop(&mut self) {
        assert!(self.0.send("nobody is there").is_err());
        ENDED.notify_one();
    }
}

fn config() -> LiveConfig {
    let secret = SecretKeyBase::new(&"m".repeat(64)).unwrap();
    // A test sends faster than any person.
    LiveConfig { max_frames_per_second: 1_000_000, ..LiveConfig::new(secret) }
}

/// A visitor of the view `V` at `path`, with traces recorded.
pub(crate) fn visitor<V: LiveView<Extract = (), Params = ()>>(path: &str) -> TestApp {
    recorder();
    meters();
    let live = LiveRuntime::new(config());
    let options = TraceOptions::default();
    let router = Router::new().live::<V>(path).layer(trace_layer(options));
    TestApp::new(&live, live.clone().serve(router))
}

pub(crate) async fn event(view: &mut TestView, name: &str) {
    view.send_event("click", name, json!({}), None).await;
}

/// The acts of a page in the order they ended, each with the trace it is the root of.
pub(crate) fn acts(page: TraceId) -> Vec<SpanData> {
    recorder().linked_to(page)
}

/// What the second link of `act` leads to, and its meaning.
fn second_link(act: &SpanData) -> (opentelemetry::trace::SpanId, String) {
    let link = act.links.get(1).expect("a second link");
    (link.span_context.span_id(), link.attributes[0].value.to_string())
}

#[tokio::test]
async fn a_message_links_to_the_act_that_sent_it() {
    let mut view = visitor::<Probe>("/send").get("/send").await.join().await;
    event(&mut view, "send").await;
    assert_eq!(view.texts("p"), ["sent"]);
    let acts = acts(view.trace_id());
    let cause = named(&acts, "Probe handle_event send").span_context.span_id();
    let message = named(&acts, "Probe handle_message");
    assert_eq!(second_link(message), (cause, attribute::LINK_PUBLISHER.to_owned()));
    for act in [message, named(&acts, "Probe handle_event send")] {
        let Some(opentelemetry::Value::I64(waited)) = value_of(act, attribute::QUEUE_WAIT) else {
            panic!("no wait on {}", act.name)
        };
        assert!((0..10_000_000).contains(waited), "{waited} µs");
    }
}

#[tokio::test]
async fn spawned_work_has_a_trace_that_links_to_its_page_and_its_spawner() {
    let mut view = visitor::<Probe>("/spawn").get("/spawn").await.join().await;
    event(&mut view, "spawn").await;
    assert_eq!(view.texts("p"), ["computed"]);
    let acts = acts(view.trace_id());
    let spawner = named(&acts, "Probe handle_event spawn");
    let work = named(&acts, "Probe async compute");
    let expected = (spawner.span_context.span_id(), attribute::LINK_SPAWNER.to_owned());
    assert_eq!(second_link(work), expected);
    // What the work does stands in its trace, and what it sends links to it.
    let trace = recorder().trace(work.span_context.trace_id());
    assert_eq!(named(&trace, "work").parent_span_id, work.span_context.span_id());
    let message = named(&acts, "Probe handle_message");
    assert_eq!(second_link(message).0, work.span_context.span_id());
}

#[tokio::test]
async fn a_panic_in_spawned_work_marks_its_span_and_leaves_the_view_alone() {
    let mut view = visitor::<Probe>("/panic").get("/panic").await.join().await;
    event(&mut view, "spawn_panic").await;
    let acts = acts(view.trace_id());
    let work = named(&acts, "Probe async panic");
    assert_eq!(work.status, Status::error("spawned work panicked"));
    event(&mut view, "send").await;
    assert_eq!(view.texts("p"), ["sent"]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_links_to_the_act_that_set_it() {
    let mut view = visitor::<Probe>("/timer").get("/timer").await.join().await;
    event(&mut view, "timer").await;
    assert!(view.texts("p").is_empty());
    tokio::time::sleep(Duration::from_secs(6)).await;
    view.settle().await;
    assert_eq!(view.texts("p"), ["rung"]);
    let acts = acts(view.trace_id());
    let cause = named(&acts, "Probe handle_event timer").span_context.span_id();
    assert_eq!(second_link(named(&acts, "Probe handle_message")).0, cause);
}

#[tokio::test]
async fn spawned_work_ends_with_its_view() {
    let app = visitor::<Probe>("/endless");
    let mut view = app.get("/endless").await.join().await;
    let spawn = json!({"type": "click", "event": "spawn_for_ever", "value": {}});
    // The work never settles, so the test must not wait for that.
    view.send_now("event", spawn).await;
    view.send_now("phx_leave", json!({})).await;
    ENDED.notified().await;
}

#[tokio::test]
async fn a_view_has_a_bounded_number_of_tasks() {
    let mut view = visitor::<Probe>("/many").get("/many").await.join().await;
    event(&mut view, "spawn_many").await;
    let acts = acts(view.trace_id());
    let expected = "the view has 64 tasks, timers and subscriptions under way already";
    assert_eq!(named(&acts, "Probe handle_event spawn_many").status, Status::error(expected));
}

#[tokio::test]
async fn two_tabs_of_one_visitor_never_mix() {
    let app = visitor::<Probe>("/tabs");
    let (one, two) = (app.get("/tabs").await, app.get("/tabs").await);
    assert_ne!(one.trace_id(), two.trace_id());
    let (mut one, mut two) = (one.join().await, two.join().await);
    assert_eq!(one.session(), two.session());
    event(&mut two, "send").await;
    event(&mut one, "fail").await;
    // Whether a render has to wait for the browser is a matter of chance.
    let names = |view: &TestView| {
        let acts = acts(view.trace_id());
        let acts = acts.iter().filter(|act| act.name != "Probe push");
        acts.map(|act| act.name.to_string()).collect::<BTreeSet<_>>()
    };
    let own = ["Probe join", "Probe handle_event fail"].map(str::to_owned);
    assert_eq!(names(&one), BTreeSet::from(own));
    let own = ["Probe join", "Probe handle_event send", "Probe handle_message"].map(str::to_owned);
    assert_eq!(names(&two), BTreeSet::from(own));
    for view in [&one, &two] {
        for act in acts(view.trace_id()) {
            let page = value_of(&act, attribute::PAGE_TRACE_ID).map(ToString::to_string);
            assert_eq!(page, Some(view.trace_id().to_string()));
        }
    }
}

#[tokio::test]
async fn the_acts_of_an_unsampled_page_create_no_spans() {
    recorder();
    let live = LiveRuntime::new(config());
    let options = TraceOptions { trust_incoming_trace: true, ..TraceOptions::default() };
    let router = Router::new().live::<Probe>("/unsampled").layer(trace_layer(options));
    let app = TestApp::new(&live, live.clone().serve(router));
    let unsampled = Caller::new().traceparent().replace("-01", "-00");
    let page = app.get_with("/unsampled", &[("traceparent", &unsampled)]).await;
    let mut view = page.join().await;
    for name in ["send", "spawn", "fail"] {
        event(&mut view, name).await;
    }
    assert_eq!(view.texts("p"), ["sent", "computed"]);
    assert!(unsampled.contains(&view.trace_id().to_string()));
    assert!(recorder().trace(view.trace_id()).is_empty());
    assert!(acts(view.trace_id()).is_empty());
}
