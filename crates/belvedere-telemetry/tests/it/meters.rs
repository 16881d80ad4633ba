//! A whole application of live views, as its metrics show it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::Duration;

use belvedere::testing::Outcome;
use belvedere::{LiveView, MountError, Render, Result, Socket, TooManyTasks, live};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use serde_json::json;

use crate::live::{Event, Probe, acts, event, visitor};

/// The process's meters, which the first call installs.
pub(crate) fn meters() -> &'static (SdkMeterProvider, InMemoryMetricExporter) {
    static METERS: OnceLock<(SdkMeterProvider, InMemoryMetricExporter)> = OnceLock::new();
    METERS.get_or_init(|| {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        opentelemetry::global::set_meter_provider(provider.clone());
        (provider, exporter)
    })
}

/// All series now: the name of each with its labels, and its sum or count.
pub(crate) fn series() -> BTreeMap<String, f64> {
    let (provider, exporter) = meters();
    provider.force_flush().unwrap();
    let latest = exporter.get_finished_metrics().unwrap().pop().unwrap();
    let mut all = BTreeMap::new();
    for metric in latest.scope_metrics().flat_map(|scope| scope.metrics()) {
        let mut note = |labels: Vec<&KeyValue>, value: f64| {
            let mut labels: Vec<_> =
                labels.iter().map(|label| format!("{}={}", label.key, label.value)).collect();
            labels.sort();
            all.insert(format!("{} {{{}}}", metric.name(), labels.join(",")), value);
        };
        match metric.data() {
            AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                sum.data_points().for_each(|p| note(p.attributes().collect(), p.value() as f64))
            }
            AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                sum.data_points().for_each(|p| note(p.attributes().collect(), p.value() as f64))
            }
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
                .data_points()
                .for_each(|p| note(p.attributes().collect(), p.count() as f64)),
            AggregatedMetrics::U64(MetricData::Histogram(histogram)) => histogram
                .data_points()
                .for_each(|p| note(p.attributes().collect(), p.count() as f64)),
            _ => panic!("another kind of metric: {}", metric.name()),
        }
    }
    all
}

/// The same view under a name that no other test counts.
struct Measured {
    seen: Vec<&'static str>,
}

impl LiveView for Measured {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = &'static str;

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { seen: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Send => Ok(socket.sender().send("sent")?),
            _ => Err(TooManyTasks.into()),
        }
    }

    async fn handle_message(&mut self, text: &'static str, _: &mut Socket<Self>) -> Result {
        self.seen.push(text);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { @for text in &self.seen { p { (text) } } }
    }
}

#[tokio::test]
async fn every_step_of_a_visit_is_measured() {
    let app = visitor::<Measured>("/measured");
    let mut view = app.get("/measured").await.join().await;
    event(&mut view, "send").await;
    event(&mut view, "fail").await;
    view.send_event("click", "no_such_event", json!({}), None).await;
    let now = series();
    let measured = "live_view.name=Measured";
    for (series, value) in [
        (format!("live_view.views.connected {{{measured}}}"), 1.0),
        (format!("live_view.mounts {{live_view.connected=false,{measured}}}"), 1.0),
        (
            format!(
                "live_view.events {{live_view.event=send,{measured},live_view.outcome=handled}}"
            ),
            1.0,
        ),
        (
            format!(
                "live_view.events {{live_view.event=fail,{measured},live_view.outcome=failed}}"
            ),
            1.0,
        ),
        (format!("live_view.events {{{measured},live_view.outcome=ignored}}"), 1.0),
        (format!("live_view.event.duration {{live_view.event=send,{measured}}}"), 1.0),
        // Two events and a message.
        (format!("live_view.queue.wait {{{measured}}}"), 3.0),
        (format!("live_view.mailbox.depth {{{measured}}}"), 3.0),
        (
            "http.server.request.duration {http.request.method=GET,\
             http.response.status_code=200,http.route=/measured,url.scheme=http}"
                .to_owned(),
            1.0,
        ),
    ] {
        assert_eq!(now.get(&series), Some(&value), "{series} in {now:#?}");
    }
    assert!(now[&format!("live_view.diff.size {{{measured}}}")] >= 2.0);
    assert!(now["live_view.holds {live_view.hold=page,live_view.outcome=adopted}"] >= 1.0);
    view.disconnect().await;
    assert_eq!(series()[&format!("live_view.views.connected {{{measured}}}")], 0.0);
}

#[tokio::test(start_paused = true)]
async fn refused_joins_and_ends_of_holds_are_counted() {
    let app = visitor::<Probe>("/holds");
    let before = series();
    let grown = |now: &BTreeMap<String, f64>, name: &str| {
        now.get(name).copied().unwrap_or_default() - before.get(name).copied().unwrap_or_default()
    };
    let forgotten = app.get("/holds").await;
    let mut lost = app.get("/holds").await.join().await;
    lost.disconnect().await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    lost.settle().await;
    drop(forgotten);
    let mut hostile = app.get("/holds").await.open();
    hostile.join_with(|payload| payload["session"] = json!("forged")).await;
    let now = series();
    let expired =
        |hold| format!("live_view.holds {{live_view.hold={hold},live_view.outcome=expired}}");
    // Tests beside this one may add to the same series.
    assert!(grown(&now, &expired("page")) >= 1.0, "{now:#?}");
    assert!(grown(&now, &expired("reconnect")) >= 1.0, "{now:#?}");
    assert!(grown(&now, "live_view.joins.refused {live_view.reason=stale}") >= 1.0, "{now:#?}");
}

#[tokio::test]
async fn ten_thousand_event_names_from_the_wire_are_no_names_of_spans_or_metrics() {
    let app = visitor::<Hostile>("/hostile");
    let mut view = app.get("/hostile").await.join().await;
    event(&mut view, "no_such_event").await;
    let own = |all: BTreeMap<String, f64>| {
        let keys = all.into_keys().filter(|name| name.contains("Hostile"));
        keys.collect::<BTreeSet<_>>()
    };
    let (series_before, acts_before) = (own(series()), acts(view.trace_id()).len());
    for number in 0..10_000_u32 {
        let name = format!("event_{:x}", number.wrapping_mul(2_654_435_761));
        event(&mut view, &name).await;
    }
    assert_eq!(own(series()), series_before);
    assert_eq!(acts(view.trace_id()).len(), acts_before);
    let ignored = "live_view.events {live_view.name=Hostile,live_view.outcome=ignored}";
    assert_eq!(series()[ignored], 10_001.0);
}

/// The same view under another name.
struct Hostile;

impl LiveView for Hostile {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p { "quiet" } }
    }
}

#[tokio::test]
async fn a_view_that_lost_a_message_is_counted_once() {
    let overflows = |series: &BTreeMap<String, f64>| {
        series.get("live_view.mailbox.overflows {live_view.name=Probe}").copied()
    };
    let mut view = visitor::<Probe>("/flood").get("/flood").await.join().await;
    event(&mut view, "flood").await;
    view.disconnected().await;
    assert_eq!(*view.outcome(), Outcome::Disconnected(1013));
    assert_eq!(overflows(&series()), Some(1.0));
}
