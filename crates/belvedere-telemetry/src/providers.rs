//! Providers of tracers and meters, and the layer that hands them what `tracing` says.

use std::sync::{Arc, LazyLock};

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanProcessor};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::export::{self, DeliveryState};
use crate::settings::Settings;
use crate::setup::TelemetryError;
use crate::{Detector, PageSampler, sqlx};

/// Crates that trace their own work, among them the exporter, whose spans would be exported in turn.
const UNTRACED: [&str; 8] =
    ["h2", "hyper", "hyper_util", "opentelemetry", "rustls", "tokio", "tonic", "tower"];

/// The layer that makes spans of what `tracing` says.
pub type SpanLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// The meters whose figures are exported, if the settings name a receiver.
pub(crate) fn meter_provider(
    settings: &Settings,
    delivery: &Arc<DeliveryState>,
) -> Result<Option<SdkMeterProvider>, TelemetryError> {
    let Some(metrics) = settings.metrics.as_ref().filter(|_| !settings.disabled) else {
        return Ok(None);
    };
    let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
    Ok(Some(export::metrics::provider(metrics, resource(settings), delivery, runtime)?))
}

/// What describes this process.
///
/// Each process is an instance of its service: without an id of its own its metrics would overwrite
/// those of another machine.
fn resource(settings: &Settings) -> Resource {
    static INSTANCE: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().to_string());
    let is_named = settings.resource.iter().any(|(key, _)| key == INSTANCE_ID);
    let instance = (!is_named).then(|| KeyValue::new(INSTANCE_ID, INSTANCE.as_str()));
    let attributes = settings.resource.iter().cloned();
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(instance)
        .with_attributes(attributes.map(|(key, value)| KeyValue::new(key, value)))
        .build()
}

const INSTANCE_ID: &str = "service.instance.id";

/// The tracer in front of all receivers of spans, if there are any.
pub(crate) fn tracer_provider(
    settings: &Settings,
    mut processors: Vec<Box<dyn SpanProcessor>>,
    delivery: &Arc<DeliveryState>,
) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    if settings.disabled || (settings.collector.is_none() && processors.is_empty()) {
        return Ok(None);
    }
    if let Some(collector) = &settings.collector {
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        let resource = resource(settings);
        let exporter = export::processor(collector, settings.batch, &resource, delivery, runtime)?;
        processors.push(Box::new(exporter));
    }
    let provider = SdkTracerProvider::builder()
        .with_sampler(PageSampler::new(settings.sampling))
        .with_resource(resource(settings))
        .with_span_processor(Detector::new(settings.n_plus_one_threshold, processors))
        .build();
    Ok(Some(provider))
}

/// `tracing` spans as OpenTelemetry spans, without the attributes that cost most and say least.
/// Queries of `sqlx`, which come as events, become spans as well.
pub(crate) fn span_layer<S>(provider: &SdkTracerProvider) -> SpanLayer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let untraced = UNTRACED.map(|target| (target, LevelFilter::OFF));
    let filter = Targets::new().with_default(LevelFilter::INFO).with_targets(untraced);
    let tracer = provider.tracer_with_scope(crate::scope());
    tracing_opentelemetry::layer()
        .with_tracer(tracer.clone())
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter)
        .and_then(sqlx::layer(tracer))
        .boxed()
}
