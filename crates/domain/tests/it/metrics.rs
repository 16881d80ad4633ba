//! The pool as metrics.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use belvedere_diesel::{DatabaseConfig, DatabaseUrl, QueryError, Repo, metrics};
use domain::{MIGRATIONS, users};
use futures_util::poll;
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

use crate::queries::person;

/// What a pool's metrics show now: sums by name and state, and counts of histograms.
fn figures(
    provider: &SdkMeterProvider,
    exporter: &InMemoryMetricExporter,
    pool: &str,
) -> BTreeMap<String, i64> {
    provider.force_flush().expect("the exporter is in memory");
    let latest = exporter.get_finished_metrics().expect("nothing panicked with them").pop();
    let latest = latest.expect("a flush exports");
    let mut figures = BTreeMap::new();
    let mut note = |name: &str, attributes: Vec<&KeyValue>, figure: i64| {
        let value = |key: &str| {
            let attribute = attributes.iter().find(|attribute| attribute.key.as_str() == key);
            attribute.map(|attribute| attribute.value.to_string())
        };
        if value(metrics::POOL_NAME).as_deref() == Some(pool) {
            let state = value(metrics::STATE).map(|state| format!(" {state}"));
            figures.insert(format!("{name}{}", state.unwrap_or_default()), figure);
        }
    };
    for metric in latest.scope_metrics().flat_map(|scope| scope.metrics()) {
        match metric.data() {
            AggregatedMetrics::I64(MetricData::Sum(sum)) => sum.data_points().for_each(|point| {
                note(metric.name(), point.attributes().collect(), point.value());
            }),
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().for_each(|point| {
                note(metric.name(), point.attributes().collect(), point.value() as i64);
            }),
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                histogram.data_points().for_each(|point| {
                    note(metric.name(), point.attributes().collect(), point.count() as i64);
                });
            }
            _ => {}
        }
    }
    figures
}

/// Meters for the whole process, set before the first database is opened.
fn meters() -> &'static (SdkMeterProvider, InMemoryMetricExporter) {
    static METERS: LazyLock<(SdkMeterProvider, InMemoryMetricExporter)> = LazyLock::new(|| {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        opentelemetry::global::set_meter_provider(provider.clone());
        (provider, exporter)
    });
    &METERS
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_measured_as_the_conventions_ask_without_any_span() {
    let (provider, exporter) = meters();
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("durations.sqlite3")).unwrap();
    let config = domain::database(url);
    MIGRATIONS.run(&config).await.unwrap();
    let repo = Repo::connect(&config).await.unwrap();
    domain::users::list_with_todo_counts(&repo, 9_999).await.unwrap();
    repo.run(diesel::sql_query("SELECT nothing FROM nowhere")).await.unwrap_err();

    provider.force_flush().unwrap();
    let latest = exporter.get_finished_metrics().unwrap().pop().unwrap();
    let scope =
        latest.scope_metrics().find(|scope| scope.scope().name() == "belvedere-diesel").unwrap();
    assert!(scope.scope().version().is_some() && scope.scope().schema_url().is_some());
    assert!(scope.metrics().all(|metric| !metric.description().is_empty()));
    let durations = scope.metrics().find(|m| m.name() == metrics::OPERATION_DURATION).unwrap();
    assert_eq!(durations.unit(), "s");
    let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = durations.data() else {
        panic!("a histogram: {durations:?}")
    };
    let series: Vec<BTreeMap<_, _>> = histogram
        .data_points()
        .filter(|point| point.attributes().any(|a| a.value.as_str() == "durations.sqlite3"))
        .map(|point| {
            assert_eq!(
                point.bounds().collect::<Vec<_>>(),
                [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0]
            );
            assert_eq!(point.count(), 1);
            point.attributes().map(|a| (a.key.to_string(), a.value.to_string())).collect()
        })
        .collect();
    let of = |summary: &str| series.iter().find(|one| one["db.query.summary"] == summary).unwrap();
    let page = of("SELECT users todo_list_items SELECT users");
    assert_eq!((&*page["db.system.name"], &*page["db.operation.name"]), ("sqlite", "SELECT"));
    assert_eq!(page["db.collection.name"], "users");
    assert!(!page.contains_key("error.type") && !page.contains_key("db.query.text"));
    assert!(!of("SELECT")["error.type"].is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_tells_its_connections_waits_and_timeouts() {
    let (provider, exporter) = meters();
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("pool-metrics.sqlite3")).unwrap();
    let config = DatabaseConfig {
        max_connections: 1,
        wait_timeout: Duration::from_millis(1),
        ..domain::database(url)
    };
    let repo = Repo::connect(&config).await.unwrap();
    let now = || figures(provider, exporter, "pool-metrics.sqlite3");

    assert_eq!(now()["db.client.connection.count idle"], 1);
    assert_eq!(now()["db.client.connection.count used"], 0);
    assert_eq!(now()["db.client.connection.max"], 1);
    repo.transaction(async |_| {
        assert_eq!(now()["db.client.connection.count idle"], 0);
        assert_eq!(now()["db.client.connection.count used"], 1);
        // The only connection is taken.
        let refused = repo.transaction(async |_| Ok::<_, QueryError>(())).await.unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("no turn to write to SQLite within 1ms; 1 may write"), "{words}");
        Ok::<_, QueryError>(())
    })
    .await
    .unwrap();
    let after = now();
    assert_eq!(after["db.client.connection.timeouts"], 1);
    assert_eq!(after["db.client.connection.wait_time"], 1);
    assert_eq!(after["db.client.connection.pending_requests"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_their_turn_to_write_are_counted() {
    let (provider, exporter) = meters();
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("turns.sqlite3")).unwrap();
    let config = DatabaseConfig {
        max_connections: 2,
        wait_timeout: Duration::from_secs(60),
        ..domain::database(url)
    };
    MIGRATIONS.run(&config).await.unwrap();
    let repo = Repo::connect(&config).await.unwrap();
    let n_pending =
        || figures(provider, exporter, "turns.sqlite3")["db.client.connection.pending_requests"];
    let writer = || Box::pin(users::insert(&repo, person("Ada")));
    let (mut first, mut second) = (writer(), writer());
    repo.transaction(async |_| {
        assert!(poll!(first.as_mut()).is_pending() && poll!(second.as_mut()).is_pending());
        assert_eq!(n_pending(), 2);
        drop(second);
        assert_eq!(n_pending(), 1);
        Ok::<_, QueryError>(())
    })
    .await
    .unwrap();
    first.await.unwrap();
    assert_eq!(n_pending(), 0);
}
