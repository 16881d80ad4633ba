//! Putting subscriber, tracer provider and exporter together, and taking them down.

use std::fmt;
use std::io::IsTerminal;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanProcessor};
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
use crate::{Detector, PageSampler, logs};

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
    /// OpenTelemetry layer to be installed, whether or not a collector is set. Like the exporter
    /// they stand behind the [`Detector`], so they see what it found.
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
    meters: Option<SdkMeterProvider>,
    delivery: Arc<DeliveryState>,
    metrics_delivery: Arc<DeliveryState>,
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
    if let Some(meters) = &telemetry.meters {
        opentelemetry::global::set_meter_provider(meters.clone());
    }
    Ok(telemetry)
}

/// All of [`init_with`] but the installation, for a subscriber that is not process-wide.
///
/// # Errors
/// [`TelemetryError::NoRuntime`] and [`TelemetryError::Export`].
pub fn build(settings: &Settings, extras: Extras) -> Result<(Telemetry, Dispatch), TelemetryError> {
    let delivery = DeliveryState::traces();
    let metrics_delivery = DeliveryState::metrics(&delivery);
    let provider = tracer_provider(settings, extras.processors, &delivery)?;
    let meters = meter_provider(settings, &metrics_delivery)?;
    if let Some(meters) = meters.as_ref().filter(|_| settings.collector.is_some()) {
        export::figures::watch(meters, &delivery);
    }
    let subscriber = subscriber(settings, provider.as_ref(), extras.log_writer);
    delivery.report_to(&subscriber);
    metrics_delivery.report_to(&subscriber);
    let description = describe(settings);
    let flush_timeout = settings.flush_timeout;
    let telemetry =
        Telemetry { provider, meters, delivery, metrics_delivery, description, flush_timeout };
    Ok((telemetry, subscriber))
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

    /// What became of the metrics so far, in metrics and intervals: nothing of them ever waits.
    #[must_use]
    pub fn metrics_delivery(&self) -> Delivery {
        self.metrics_delivery.snapshot()
    }

    /// The meters whose figures are exported; `None` when off.
    #[must_use]
    pub fn meters(&self) -> Option<&SdkMeterProvider> {
        self.meters.as_ref()
    }

    /// Sends what waits, for at most [`Settings::flush_timeout`], and stops recording.
    ///
    /// To be called after the server has drained and before the runtime ends, since the runtime
    /// carries the last batches. Logs a warning when spans were not delivered. A collector that was
    /// away already is given a second, and no more.
    ///
    /// # Cancel safety
    /// Dropped half way, the flush goes on by itself for as long as the process lives.
    pub async fn shutdown(self) -> Delivery {
        let timeout = if self.delivery.is_away() || self.metrics_delivery.is_away() {
            self.flush_timeout.min(AWAY_TIMEOUT)
        } else {
            self.flush_timeout
        };
        let traces = self.provider.map(|provider| {
            flush(timeout, move |timeout| drop(provider.shutdown_with_timeout(timeout)))
        });
        let metrics = self.meters.map(|meters| {
            flush(timeout, move |timeout| drop(meters.shutdown_with_timeout(timeout)))
        });
        // Both run already; the second wait is over when the first is, or soon after.
        if let Some(flushed) = traces {
            flushed.await;
        }
        if let Some(flushed) = metrics {
            flushed.await;
        }
        let delivery = self.delivery.snapshot();
        let Delivery { lost, overflowed, dropped_traces, waiting, .. } = delivery;
        if lost + overflowed + waiting > 0 {
            self.delivery.report(|| {
                tracing::warn!(
                    lost_spans = lost,
                    overflowed_spans = overflowed,
                    dropped_traces,
                    waiting_spans = waiting,
                    "not all spans were delivered"
                );
            });
        }
        delivery
    }
}

/// How long the stop waits for a collector that did not take the last batch either.
const AWAY_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs `work` for at most `timeout` on a thread of its own: it blocks, and a runtime that ends
/// waits for its blocking tasks however long they take.
fn flush(
    timeout: Duration,
    work: impl FnOnce(Duration) + Send + 'static,
) -> impl Future<Output = ()> {
    let (done, flushed) = tokio::sync::oneshot::channel();
    let deadline = tokio::time::Instant::now() + timeout;
    let run = move || {
        work(timeout);
        let _ = done.send(());
    };
    let thread = std::thread::Builder::new().name("telemetry-flush".to_owned()).spawn(run);
    async move {
        if thread.is_ok() {
            let _ = tokio::time::timeout_at(deadline, flushed).await;
        }
    }
}

fn meter_provider(
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

fn tracer_provider(
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
pub(crate) fn span_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let untraced = UNTRACED.map(|target| (target, LevelFilter::OFF));
    let filter = Targets::new().with_default(LevelFilter::INFO).with_targets(untraced);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer_with_scope(crate::scope()))
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
