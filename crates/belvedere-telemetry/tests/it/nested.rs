//! Nested views in the traces: mounts beside their parent's, acts linked to the page.

use axum::Router;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::telemetry::attribute;
use belvedere::testing::TestApp;
use belvedere::{
    LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Socket, live, nested,
};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

/// Places the views that fare as their names say.
struct Outer;

impl LiveView for Outer {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! {
            (nested::<Inner>("good", true))
            (nested::<Inner>("bad", false))
        }
    }
}

struct Inner;

#[derive(LiveEvent)]
enum Event {
    Crash,
}

impl LiveView for Inner {
    type Extract = bool;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(is_good: bool, _: &mut Socket<Self>) -> Result<Self, MountError> {
        tracing::info_span!("query").in_scope(|| ());
        if is_good { Ok(Self) } else { Err(std::fmt::Error.into()) }
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        panic!("an event panics on purpose")
    }

    fn render(&self) -> impl Render {
        live! { button phx-click=(Event::Crash) {} }
    }
}

fn app() -> TestApp {
    recorder();
    let secret = SecretKeyBase::new(&"m".repeat(64)).unwrap();
    let live = LiveRuntime::new(LiveConfig::new(secret));
    let router = Router::new().live::<Outer>("/outer").layer(trace_layer(TraceOptions::default()));
    TestApp::new(&live, live.clone().serve(router))
}

fn all<'a>(spans: &'a [SpanData], name: &str) -> Vec<&'a SpanData> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[tokio::test]
async fn nested_views_mount_beside_their_parent_with_what_they_ask_for_below_them() {
    let page = app().get("/outer").await;
    let trace = recorder().trace(page.trace_id());
    let [outer] = all(&trace, "Outer mount")[..] else { panic!("one mount of the page") };
    let mounts = all(&trace, "Inner mount");
    assert_eq!((mounts.len(), all(&trace, "Inner render").len()), (2, 1));
    for mount in &mounts {
        assert_eq!(mount.parent_span_id, outer.parent_span_id);
        let is_below = |span: &&SpanData| span.parent_span_id == mount.span_context.span_id();
        let below: Vec<_> = trace.iter().filter(is_below).map(|span| &*span.name).collect();
        assert_eq!(below, ["query"]);
    }
    let failed: Vec<_> = mounts.iter().filter(|mount| mount.status != Status::Unset).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(value_of(failed[0], attribute::ERROR_TYPE), Some(&"mount".into()));
}

#[tokio::test]
async fn what_a_nested_view_does_links_to_its_page() {
    let outer = app().get("/outer").await.join().await;
    let mut good = outer.child("good").await;
    assert_eq!(good.trace_id(), outer.trace_id());
    good.click("button").await;
    good.join().await;
    let acts = recorder().linked_to(outer.trace_id());
    let page = recorder().trace(outer.trace_id());
    let mount = all(&page, "Outer mount")[0].span_context.span_id();
    let joins = all(&acts, "Inner join");
    let adopted = |join: &&SpanData| value_of(join, attribute::ADOPTED).cloned();
    let adopted: Vec<_> = joins.iter().map(adopted).collect();
    assert_eq!(adopted, [Some(true.into()), Some(false.into())]);
    let [event] = all(&acts, "Inner handle_event crash")[..] else { panic!("one event") };
    for act in joins.iter().chain([&event]) {
        assert_eq!(act.links[0].span_context.span_id(), mount);
        assert_eq!(value_of(act, attribute::HTTP_ROUTE), Some(&"/outer".into()));
        let topic = value_of(act, attribute::TOPIC).map(ToString::to_string);
        assert_eq!(topic.as_deref(), Some(good.topic()));
    }
    let anew = recorder().trace(joins[1].span_context.trace_id());
    let [mount] = all(&anew, "Inner mount")[..] else { panic!("mounted anew") };
    assert_eq!(mount.parent_span_id, joins[1].span_context.span_id());
    assert_eq!(value_of(mount, attribute::CONNECTED), Some(&true.into()));
}

#[tokio::test]
async fn a_join_that_fails_says_so_on_its_span() {
    let outer = app().get("/outer").await.join().await;
    let mut bad = outer.open_child("bad");
    bad.join().await;
    assert!(!bad.is_joined());
    let acts = recorder().linked_to(outer.trace_id());
    let [join] = all(&acts, "Inner join")[..] else { panic!("one join") };
    assert_eq!(value_of(join, attribute::ERROR_TYPE), Some(&"refused".into()));
}
