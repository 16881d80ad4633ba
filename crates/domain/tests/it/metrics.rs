//! The pool as metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{DatabaseConfig, DatabaseUrl, QueryError, Repo, metrics};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

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

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_tells_its_connections_waits_and_timeouts() {
    let exporter = InMemoryMetricExporter::default();
    let provider =
        SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter.clone()).build());
    let provider = provider.build();
    opentelemetry::global::set_meter_provider(provider.clone());
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("pool-metrics.sqlite3")).unwrap();
    let config = DatabaseConfig {
        max_connections: 1,
        wait_timeout: Duration::from_millis(1),
        ..DatabaseConfig::new(url)
    };
    let repo = Repo::connect(&config).await.unwrap();
    let now = || figures(&provider, &exporter, "pool-metrics.sqlite3");

    assert_eq!(now()["db.client.connection.count idle"], 1);
    assert_eq!(now()["db.client.connection.count used"], 0);
    assert_eq!(now()["db.client.connection.max"], 1);
    repo.transaction(async |_| {
        assert_eq!(now()["db.client.connection.count idle"], 0);
        assert_eq!(now()["db.client.connection.count used"], 1);
        // The only connection is taken.
        let refused = repo.transaction(async |_| Ok::<_, QueryError>(())).await;
        assert!(refused.is_err());
        Ok::<_, QueryError>(())
    })
    .await
    .unwrap();
    let after = now();
    assert_eq!(after["db.client.connection.timeouts"], 1);
    assert_eq!(after["db.client.connection.wait_time"], 1);
    assert_eq!(after["db.client.connection.pending_requests"], 0);
}
