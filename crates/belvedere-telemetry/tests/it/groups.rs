//! What a group of routes gives to its pages, in the traces: guards of events.

use axum::Router;
use belvedere::http::{TraceOptions, guard_events, trace_layer};
use belvedere::telemetry::attribute;
use belvedere::testing::TestApp;
use belvedere::{
    EventGuard, EventRefusal, GuardedEvent, LiveConfig, LiveEvent, LiveRouter, LiveRuntime,
    LiveView, MountError, Render, Result, SecretKeyBase, Socket, live,
};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::live::acts;
use crate::meters::{meters, series};

struct Guarded;

#[derive(LiveEvent)]
enum Event {
    Pass,
    Refuse,
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
            "fail" => Err(std::fmt::Error.into()),
            "crash" => panic!("a guard panics on purpose"),
            _ => Ok(()),
        }
    }
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} in {names:?}"))
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
    ] {
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
