//! Metrics on their way to the collector: collected and sent once in an interval.
//!
//! Nothing waits in between, so a collector that is away costs no memory: the sums of the next
//! interval include those of the one that was lost. Many collectors of traces take no metrics; one
//! that says so is not asked again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use opentelemetry::context::FutureExt;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use tokio::runtime::Handle;
use tracing::instrument::WithSubscriber;

use super::refusals::Refusals;
use super::within::Within;
use super::{DeliveryState, ExportError, display_endpoint, over_grpc, over_http};
use crate::settings::{Metrics, Protocol};

/// How the exporter's errors name the status of a service that a gRPC server does not have.
const UNIMPLEMENTED: &str = "gRPC code: Unimplemented";

/// Meters whose figures go to the collector. To be called inside the runtime.
pub(crate) fn provider(
    settings: &Metrics,
    resource: Resource,
    state: &Arc<DeliveryState>,
    runtime: Handle,
) -> Result<SdkMeterProvider, ExportError> {
    let collector = &settings.collector;
    let builder = opentelemetry_otlp::MetricExporter::builder();
    let inner = match collector.protocol {
        Protocol::HttpProtobuf => over_http(builder.with_http(), collector, state)?.build()?,
        Protocol::Grpc => over_grpc(builder.with_tonic(), collector)?.build()?,
    };
    let exporter = Exporter {
        inner,
        endpoint: display_endpoint(&collector.endpoint),
        timeout: collector.timeout,
        state: Arc::clone(state),
        refusals: Refusals::default(),
        within: Within::new(runtime),
    };
    let reader = PeriodicReader::builder(exporter).with_interval(settings.interval).build();
    Ok(SdkMeterProvider::builder().with_reader(reader).with_resource(resource).build())
}

/// The OTLP exporter, run within the application's runtime and watched.
struct Exporter {
    inner: opentelemetry_otlp::MetricExporter,
    endpoint: String,
    timeout: Duration,
    state: Arc<DeliveryState>,
    refusals: Refusals,
    within: Within,
}

impl PushMetricExporter for Exporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let n_metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics()).count();
        if n_metrics == 0 || self.state.is_unsupported.load(Ordering::Acquire) {
            return Ok(());
        }
        self.state.set_cause(None);
        let future = async { tokio::time::timeout(self.timeout, self.inner.export(metrics)).await }
            .with_subscriber(self.refusals.listener(&self.state));
        let quiet = opentelemetry::Context::current().with_telemetry_suppressed();
        let outcome =
            match self.within.run(future).with_context(quiet).await {
                Some(Ok(Ok(()))) => Ok(self.refusals.take()),
                Some(Ok(Err(error))) => Err(self.state.take_cause().unwrap_or(error.to_string())),
                Some(Err(_elapsed)) => {
                    let cause = self.state.take_cause();
                    Err(cause.unwrap_or_else(|| format!("no answer within {:?}", self.timeout)))
                }
                None => Err("the export was cut off: the program stops, or the exporter panicked"
                    .to_owned()),
            };
        if outcome.as_ref().is_err_and(|cause| cause.contains(UNIMPLEMENTED)) {
            self.state.set_unsupported();
        }
        if self.state.is_unsupported.load(Ordering::Acquire) {
            let endpoint = &self.endpoint;
            self.state.report(|| {
                tracing::info!(endpoint, "the collector takes no metrics; none are sent");
            });
            return Ok(());
        }
        self.state.finish(&self.endpoint, n_metrics, &outcome);
        outcome.map(|_| ()).map_err(OTelSdkError::InternalFailure)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}
