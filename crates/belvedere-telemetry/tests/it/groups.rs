//! What a group of routes gives to its pages, in the traces: guards of events, values that are shared;
//! and how the visits of a navigation hang together.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use belvedere::http::{TraceOptions, guard_events, share, trace_layer};
use belvedere::telemetry::attribute;
use belvedere::testing::TestApp;
use belvedere::{
    EventGuard, EventRefusal, GuardedEvent, LiveConfig, LiveEvent, LiveRouter, LiveRuntime,
    LiveView, MountError, Render, Result, SecretKeyBase, Shared, Socket, live,
};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::live::acts;
use crate::meters::{meters, series};
use crate::named;

struct Guarded;

#[derive(LiveEvent)]
enum Event {
    Pass,
    Refuse,
    Redirect,
    Fail,
    Crash,
}

impl LiveView for Guarded {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        tracing::info_span!("query of the callback").in_scope(|| ());
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            @for (id, event) in
                [("pass", Event::Pass), ("refuse", Event::Refuse), ("fail", Event::Fail), ("crash", Event::Crash)]
            {
                button id=(id) phx-click=(event) {}
            }
            button #redirect phx-click=(Event::Redirect) {}
        }
    }
}

/// Does as the event is called, after a query.
struct Porter;

impl EventGuard for Porter {
    async fn check(&self, event: &GuardedEvent<'_>) -> Result<(), EventRefusal> {
        tracing::info_span!("query of the guard").in_scope(|| ());
        match event.name {
            "refuse" => Err(EventRefusal::silent()),
            "redirect" => Err(EventRefusal::redirect("/guarded")),
            "fail" => Err(std::fmt::Error.into()),
            "crash" => panic!("a guard panics on purpose"),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn what_a_guard_asks_and_says_stands_in_the_trace_of_the_event() {
    recorder();
    meters();
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::new(&"g".repeat(64)).unwrap()));
    let router = Router::new()
        .live::<Guarded>("/guarded")
        .layer(guard_events(Porter))
        .layer(trace_layer(TraceOptions::default()));
    let app = TestApp::new(&live, live.clone().serve(router));
    let mut view = app.get("/guarded").await.join().await;
    for (event, outcome) in [
        ("pass", Some("passed")),
        ("refuse", Some("refused")),
        ("fail", Some("failed")),
        ("crash", None),
        ("redirect", Some("redirected")),
    ] {
        if event == "redirect" {
            // Its view has crashed.
            view.join().await;
        }
        view.click(&format!("#{event}")).await;
        let acts = acts(view.trace_id());
        let act = named(&acts, &format!("Guarded handle_event {event}"));
        let trace = recorder().trace(act.span_context.trace_id());
        let guard = named(&trace, "Guarded guard");
        assert_eq!(guard.parent_span_id, act.span_context.span_id());
        let query = named(&trace, "query of the guard");
        assert_eq!(query.parent_span_id, guard.span_context.span_id(), "{event}");
        let said = value_of(guard, attribute::OUTCOME).map(|said| said.as_str().into_owned());
        assert_eq!(said.as_deref(), outcome, "{event}");
        let is_handled = trace.iter().any(|span| span.name == "query of the callback");
        assert_eq!(is_handled, event == "pass");
        let is_failed = |span: &SpanData| matches!(span.status, Status::Error { .. });
        assert_eq!(is_failed(act), ["fail", "crash"].contains(&event), "{event}");
        assert_eq!(is_failed(guard), event == "crash", "{event}");
    }
    let now = series();
    for (event, outcome) in [("pass", "handled"), ("refuse", "refused"), ("fail", "failed")] {
        let counted = format!(
            "live_view.events {{live_view.event={event},live_view.name=Guarded,\
             live_view.outcome={outcome}}}"
        );
        assert_eq!(now.get(&counted), Some(&1.0), "{counted} in {now:#?}");
    }
}

/// What a page shows of it is loaded by a query.
struct Chrome;

impl<S: Sync> FromRequestParts<S> for Chrome {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        tracing::info_span!("query of the chrome").in_scope(|| ());
        Ok(Self)
    }
}

/// A page with a URL, and with what all pages share.
struct Traveller {
    at: String,
}

impl LiveView for Traveller {
    type Extract = Shared<Chrome>;
    type Params = Path<String>;
    type Event = ();
    type Message = ();

    async fn mount(_: Shared<Chrome>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { at: String::new() })
    }

    async fn handle_params(
        &mut self,
        Path(at): Path<String>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        tracing::info_span!("query of the URL").in_scope(|| ());
        self.at = at;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { h1 { (self.at) } }
    }
}

fn parent<'a>(trace: &'a [SpanData], span: &SpanData) -> Option<&'a SpanData> {
    trace.iter().find(|other| other.span_context.span_id() == span.parent_span_id)
}

#[tokio::test]
async fn a_journey_is_in_its_traces() {
    let recorder = recorder();
    meters();
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::new(&"g".repeat(64)).unwrap()));
    let router = Router::new()
        .live::<Traveller>("/here/{at}")
        .live::<Traveller>("/there/{at}")
        .layer(share::<Chrome>())
        .layer(trace_layer(TraceOptions::default()));
    let app = TestApp::new(&live, live.clone().serve(router));
    let mut view = app.get("/here/a").await.join().await;
    let page = view.trace_id();

    // The page: loaded once, in the request; the join that takes the view over loads nothing.
    let trace = recorder.trace(page);
    let load = named(&trace, "Chrome load");
    assert_eq!(parent(&trace, load).unwrap().name, "GET /here/{at}");
    assert_eq!(parent(&trace, named(&trace, "query of the chrome")).unwrap().name, "Chrome load");
    let params = named(&trace, "Traveller handle_params");
    assert_eq!(parent(&trace, params).unwrap().name, "Traveller mount");
    let mount = named(&trace, "Traveller mount").span_context.clone();
    let of_page = acts(page);
    let join = recorder.trace(named(&of_page, "Traveller join").span_context.trace_id());
    assert!(!join.iter().any(|span| span.name == "Chrome load"), "{join:?}");

    // A patch is an act of the page, with what it asks below.
    view.patch("/here/b").await;
    let of_page = acts(page);
    let patch = named(&of_page, "Traveller handle_params");
    assert_eq!(patch.links[0].span_context.span_id(), mount.span_id());
    let trace = recorder.trace(patch.span_context.trace_id());
    assert_eq!(parent(&trace, named(&trace, "query of the URL")).unwrap().name, patch.name);
    assert_eq!(parent(&trace, named(&trace, "Traveller render")).unwrap().name, patch.name);
    assert!(!trace.iter().any(|span| span.name == "Chrome load"), "{trace:?}");

    // A navigation joins from the page; its mount is a page of its own, led by the one before.
    view.navigate("/there/c").await;
    assert_eq!(view.loads(), 1);
    let of_page = acts(page);
    let joins: Vec<_> = of_page.iter().filter(|act| act.name == "Traveller join").collect();
    let [_, join] = joins[..] else { panic!("two joins in {of_page:?}") };
    assert_eq!(join.links[0].span_context.span_id(), mount.span_id());
    let trace = recorder.trace(join.span_context.trace_id());
    let arrived = named(&trace, "Traveller mount");
    assert_eq!(parent(&trace, arrived).unwrap().name, "Traveller join");
    assert_eq!(arrived.links[0].span_context.span_id(), mount.span_id());
    assert_eq!(arrived.links[0].attributes[0].value.as_str(), attribute::LINK_LED_BY);
    assert_eq!(parent(&trace, named(&trace, "Chrome load")).unwrap().name, "Traveller join");

    // What happens there links to the mount there.
    view.patch("/there/d").await;
    let of_arrival = recorder.linked_to(arrived.span_context.trace_id());
    let patch = named(&of_arrival, "Traveller handle_params");
    assert_eq!(patch.links[0].span_context.span_id(), arrived.span_context.span_id());

    // A view that leaves `disconnected` out says nothing of it.
    view.disconnect().await;
    let all = recorder.linked_to(arrived.span_context.trace_id());
    assert!(!all.iter().any(|act| act.name.contains("disconnected")), "{all:?}");
}
