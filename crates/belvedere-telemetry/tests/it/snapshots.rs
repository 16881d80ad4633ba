//! What outlives its server, as the trace of its join and the metrics show it.

use std::time::Duration;

use axum::Router;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::telemetry::attribute;
use belvedere::testing::TestApp;
use belvedere::{
    LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Snapshot, SnapshotOptions, Socket, live,
};
use belvedere_telemetry::testing::{attribute as value_of, recorder};

use crate::meters::{meters, series};

struct Draft(String);

#[derive(LiveEvent)]
enum Event {
    Type,
}

impl LiveView for Draft {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(String::new()))
    }

    async fn handle_event(&mut self, Event::Type: Event, _: &mut Socket<Self>) -> Result {
        self.0.push_str("0123456789");
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |draft| draft.0.clone(), |draft, text| draft.0 = text)
    }

    fn render(&self) -> impl Render {
        live! { p { (self.0) } button phx-click=(Event::Type) {} }
    }
}

fn server(build: &str) -> TestApp {
    recorder();
    meters();
    let snapshots = SnapshotOptions {
        interval: Duration::ZERO,
        max_bytes: 40,
        build: build.to_owned(),
        ..SnapshotOptions::default()
    };
    let secret = SecretKeyBase::new(&"m".repeat(64)).unwrap();
    let live = LiveRuntime::new(LiveConfig { snapshots, ..LiveConfig::new(secret) });
    let router = Router::new()
        .live::<Draft>("/draft")
        .live::<Draft>("/elsewhere")
        .layer(trace_layer(TraceOptions::default()));
    TestApp::new(&live, live.clone().serve(router))
}

#[tokio::test]
async fn a_join_says_from_which_build_its_view_goes_on_and_why_not() {
    let app = server("0.9.1");
    let page = app.get("/draft").await;
    let page_trace = page.trace_id();
    let mut draft = page.join().await;
    draft.click("button").await;
    let kept = draft.kept();
    draft.reconnect_to(&server("0.9.2")).await;
    assert_eq!(draft.text("p"), "0123456789");
    let acts = recorder().linked_to(page_trace);
    let joins: Vec<_> = acts.iter().filter(|span| span.name == "Draft join").collect();
    let [first, second] = joins[..] else { panic!("two joins") };
    assert_eq!(value_of(first, attribute::RESTORED), None);
    assert_eq!(value_of(second, attribute::ADOPTED), Some(&false.into()));
    assert_eq!(value_of(second, attribute::RESTORED), Some(&true.into()));
    assert_eq!(value_of(second, attribute::SNAPSHOT_BUILD), Some(&"0.9.1".into()));

    let mut other = app.get("/elsewhere").await.open();
    other.join_with(|payload| payload["params"]["_snapshot"] = kept.into()).await;
    assert_eq!(other.text("p"), "");
    for _ in 0..4 {
        other.click("button").await;
    }
    let now = series();
    let of = |metric: &str, labels: &str| {
        now.get(&format!("live_view.{metric} {{live_view.name=Draft{labels}}}")).copied()
    };
    assert_eq!(of("snapshots.returned", ",live_view.outcome=restored"), Some(1.0));
    assert_eq!(
        of("snapshots.returned", ",live_view.outcome=refused,live_view.reason=url"),
        Some(1.0)
    );
    assert_eq!(of("snapshots.not_kept", ",live_view.reason=too_large"), Some(1.0));
    assert_eq!(of("snapshot.size", ""), Some(5.0), "one change, one restored join, three changes");
}
