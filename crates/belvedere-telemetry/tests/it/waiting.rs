//! Acts of a view whose browser takes long to read: an act is work, and waiting is a figure of its own.

use std::sync::OnceLock;

use belvedere::telemetry::attribute;
use belvedere::{LiveView, MessageSender, MountError, Render, Result, Socket, live};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::Value;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use crate::live::{Probe, acts, visitor};
use crate::meters::series;

static SENDER: OnceLock<MessageSender<u32>> = OnceLock::new();

/// Shows the last number that it was told.
struct Stalled {
    number: u32,
}

impl LiveView for Stalled {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = u32;

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        SENDER.get_or_init(|| socket.sender());
        Ok(Self { number: 0 })
    }

    async fn handle_message(&mut self, number: u32, _: &mut Socket<Self>) -> Result {
        self.number = number;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p { (self.number) } }
    }
}

fn named(acts: &[SpanData], name: &str) -> Vec<SpanData> {
    acts.iter().filter(|act| act.name == name).cloned().collect()
}

#[tokio::test]
async fn an_act_ends_with_its_work_and_the_render_that_waited_has_a_span_of_its_own() {
    let mut view = visitor::<Stalled>("/stalled").get("/stalled").await.join().await;
    let page = view.trace_id();
    let send = |number| SENDER.get().unwrap().send(number).unwrap();
    view.stop_reading();
    // The first is rendered at once, and its frame lies there; the others wait for it.
    send(1);
    let messages = |n: usize| {
        recorder().until(move |recorder| {
            let messages = named(&recorder.linked_to(page), "Stalled handle_message");
            Some(messages).filter(|messages| messages.len() == n)
        })
    };
    let first = messages(1).await.remove(0);
    let trace = recorder().trace(first.span_context.trace_id());
    assert!(trace.iter().any(|span| span.name == "Stalled render"), "part of its act");
    send(2);
    send(3);
    let last = messages(3).await.remove(2);
    let trace = |act: &SpanData| recorder().trace(act.span_context.trace_id());
    assert_eq!(trace(&last).len(), 1, "the render waits");

    view.read_on();
    view.settle().await;
    assert_eq!(view.text("p"), "3");
    assert_eq!(trace(&messages(3).await[1]).len(), 1, "one render for both");
    // A trace of its own: one that is exported when its root ends would be cut in two.
    assert_eq!(trace(&last).len(), 1, "nothing is added to an act that has ended");
    let pushes = recorder().until(|recorder| {
        Some(named(&recorder.linked_to(page), "Stalled push")).filter(|pushes| !pushes.is_empty())
    });
    let pushes = pushes.await;
    let [push] = &pushes[..] else { panic!("one push: {pushes:?}") };
    assert_eq!(push.parent_span_id, SpanId::INVALID);
    assert!(push.start_time >= last.end_time);
    let [_, act] = &push.links[..] else { panic!("links to page and act: {push:?}") };
    assert_eq!(act.span_context.span_id(), last.span_context.span_id());
    assert_eq!(act.attributes[0].value.as_str(), attribute::LINK_ACT);
    assert!(matches!(value_of(push, attribute::BROWSER_WAIT), Some(Value::I64(0..))));
    let render = named(&trace(push), "Stalled render").remove(0);
    assert_eq!(render.parent_span_id, push.span_context.span_id());
    assert_eq!(series()["live_view.browser.wait {live_view.name=Stalled}"], 1.0, "the last two");
}

#[tokio::test]
async fn an_event_waits_for_the_browser_before_its_act_begins() {
    let mut view = visitor::<Probe>("/stalled-event").get("/stalled-event").await.join().await;
    let page = view.trace_id();
    view.stop_reading();
    let fail = serde_json::json!({ "type": "click", "event": "fail", "value": {} });
    view.send_at_once("event", fail.clone()).await;
    view.send_at_once("event", fail).await;
    let events = |acts: &[SpanData]| named(acts, "Probe handle_event fail");
    let first = recorder().until(|recorder| events(&recorder.linked_to(page)).pop()).await;
    let released = std::time::SystemTime::now();
    view.read_on();
    view.settle().await;
    let [_, second] = &events(&acts(page))[..] else { panic!("two events") };
    assert!(first.end_time <= released && second.start_time >= released);
}
