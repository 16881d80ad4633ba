//! Putting subscriber, tracer provider and exporter together, and taking them down.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt, Targets};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::export::{self, Delivery, DeliveryState, ExportError};
use crate::settings::Settings;
use crate::{PageSampler, logs};

/// Name of the instrumentation scope of spans that come through `tracing`.
const SCOPE: &str = "tracing";

/// Crates that trace their own work, among them the exporter, whose spans would be exported in turn.
const UNTRACED: [&str; 8] =
    ["h2", "hyper", "hyper_util", "opentelemetry", "rustls", "tokio", "tonic", "tower"];

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Export was asked for outside a tokio runtime.
    #[error("traces can only be exported from within a tokio runtime")]
    NoRuntime,
    /// The exporter cannot be built.
    #[error("cannot export traces")]
    Export(#[from] ExportError),
    /// Another subscriber was installed before.
    #[error("a subscriber is installed already")]
    Installed(#[from] tracing::dispatcher::SetGlobalDefaultError),
}

/// What [`init_with`] adds to the settings.
pub struct Extras {
    /// Further receivers of finished spans, such as an inspector's store. One is enough for the
    /// OpenTelemetry layer to be installed, whether or not a collector is set.
    pub processors: Vec<Box<dyn SpanProcessor>>,
    /// Where log lines go. Default: stderr.
    pub log_writer: BoxMakeWriter,
}

impl Default for Extras {
    fn default() -> Self {
        Self { processors: Vec::new(), log_writer: BoxMakeWriter::new(std::io::stderr) }
    }
}

impl fmt::Debug for Extras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extras").field("processors", &self.processors).finish_non_exhaustive()
    }
}

/// Telemetry at work. To be kept until the server has drained, then shut down.
#[derive(Debug)]
#[must_use = "spans that wait are lost unless telemetry is shut down"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    delivery: Arc<DeliveryState>,
    description: String,
    flush_timeout: Duration,
}

/// Installs the process-wide subscriber and tracer provider.
///
/// # Errors
/// [`TelemetryError`], before anything was installed.
pub fn init(settings: &Settings) -> Result<Telemetry, TelemetryError> {
    init_with(settings, Extras::default())
}

/// [`init`] with further receivers of spans, or another place for log lines.
///
/// # Errors
/// [`TelemetryError`], before anything was installed.
pub fn init_with(settings: &Settings, extras: Extras) -> Result<Telemetry, TelemetryError> {
    let (telemetry, subscriber) = build(settings, extras)?;
    tracing::dispatcher::set_global_default(subscriber)?;
    if let Some(provider) = &telemetry.provider {
        opentelemetry::global::set_tracer_provider(provider.clone());
    }
    Ok(telemetry)
}

/// All of [`init_with`] but the installation, for a subscriber that is not process-wide.
///
/// # Errors
/// [`TelemetryError::NoRuntime`] and [`TelemetryError::Export`].
pub fn build(settings: &Settings, extras: Extras) -> Result<(Telemetry, Dispatch), TelemetryError> {
    let delivery = Arc::<DeliveryState>::default();
    let provider = tracer_provider(settings, extras.processors, &delivery)?;
    let subscriber = subscriber(settings, provider.as_ref(), extras.log_writer);
    delivery.report_to(&subscriber);
    let description = describe(settings);
    let flush_timeout = settings.flush_timeout;
    Ok((Telemetry { provider, delivery, description, flush_timeout }, subscriber))
}

/// Without a provider there is no span layer, and the log filter is the whole subscriber's: as a
/// filter of its layer alone it would leave spans enabled for nobody.
fn subscriber(
    settings: &Settings,
    provider: Option<&SdkTracerProvider>,
    log_writer: BoxMakeWriter,
) -> Dispatch {
    let ansi = settings.log_colour && std::io::stderr().is_terminal();
    let filter = settings.log_filter.clone();
    let registry = tracing_subscriber::registry();
    match provider {
        Some(provider) => {
            let lines = logs::layer(settings.log_format, log_writer, ansi);
            Dispatch::new(
                registry
                    .with(span_layer(provider))
                    .with(lines.with_filter(filter.and(logs::only_events()))),
            )
        }
        None => {
            let lines = logs::layer(settings.log_format, log_writer, ansi);
            Dispatch::new(registry.with(filter).with(logs::only_events()).with(lines))
        }
    }
}

impl Telemetry {
    /// One line for the banner: where traces go, or how to send them somewhere.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What became of the spans so far.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.delivery.snapshot()
    }

    /// The provider, for spans written through OpenTelemetry's own interface; `None` when off.
    #[must_use]
    pub fn provider(&self) -> Option<&SdkTracerProvider> {
        self.provider.as_ref()
    }

    /// Sends what waits, for at most [`Settings::flush_timeout`], and stops recording.
    ///
    /// To be called after the server has drained and before the runtime ends, since the runtime
    /// carries the last batches. Logs a warning when spans were not delivered.
    ///
    /// # Cancel safety
    /// Dropped half way, the flush goes on by itself for as long as the process lives.
    pub async fn shutdown(self) -> Delivery {
        if let Some(provider) = self.provider {
            // A thread of its own: the flush blocks, and a runtime that ends waits for its
            // blocking tasks however long they take.
            let (done, flushed) = tokio::sync::oneshot::channel();
            let timeout = self.flush_timeout;
            let flush = move || {
                let _ = done.send(provider.shutdown_with_timeout(timeout));
            };
            let thread =
                std::thread::Builder::new().name("telemetry-flush".to_owned()).spawn(flush);
            if thread.is_ok() {
                let _ = tokio::time::timeout(timeout, flushed).await;
            }
        }
        let delivery = self.delivery.snapshot();
        if delivery.lost + delivery.overflowed > 0 {
            let Delivery { lost, overflowed, .. } = delivery;
            self.delivery.report(|| {
                tracing::warn!(
                    lost_spans = lost,
                    overflowed_spans = overflowed,
                    "not all spans were delivered"
                );
            });
        }
        delivery
    }
}

fn tracer_provider(
    settings: &Settings,
    processors: Vec<Box<dyn SpanProcessor>>,
    delivery: &Arc<DeliveryState>,
) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    if settings.disabled || (settings.collector.is_none() && processors.is_empty()) {
        return Ok(None);
    }
    let attributes = settings.resource.iter().cloned();
    let resource = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(attributes.map(|(key, value)| KeyValue::new(key, value)))
        .build();
    let mut builder = SdkTracerProvider::builder()
        .with_sampler(PageSampler::new(settings.sampling))
        .with_resource(resource);
    for processor in processors {
        builder = builder.with_span_processor(Boxed(processor));
    }
    if let Some(collector) = &settings.collector {
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        let exporter = export::processor(collector, settings.batch, delivery, runtime)?;
        builder = builder.with_span_processor(exporter);
    }
    Ok(Some(builder.build()))
}

/// `tracing` spans as OpenTelemetry spans, without the attributes that cost most and say least.
pub(crate) fn span_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let untraced = UNTRACED.map(|target| (target, LevelFilter::OFF));
    let filter = Targets::new().with_default(LevelFilter::INFO).with_targets(untraced);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(SCOPE))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter)
}

fn describe(settings: &Settings) -> String {
    match &settings.collector {
        _ if settings.disabled => "traces: off, OTEL_SDK_DISABLED is set".to_owned(),
        None => "traces: off, set OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        Some(collector) => {
            let endpoint = export::display_endpoint(&collector.endpoint);
            format!("traces → {endpoint} ({})", collector.protocol.as_str())
        }
    }
}

/// A processor whose type is not known here; the SDK's builder takes none of those.
#[derive(Debug)]
struct Boxed(Box<dyn SpanProcessor>);

impl SpanProcessor for Boxed {
    fn on_start(&self, span: &mut Span, context: &opentelemetry::Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
