//! Putting subscriber, tracer provider and exporter together, and taking them down.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanProcessor};
use tokio::runtime::{Handle, RuntimeFlavor};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterExt;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::export::{self, Delivery, DeliveryState, ExportError};
use crate::logs;
use crate::providers::{SpanLayer, meter_provider, span_layer, tracer_provider};
use crate::settings::{Settings, SettingsError};
use crate::store::TraceStore;

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Export was asked for outside a tokio runtime.
    #[error("traces can only be exported from within a tokio runtime")]
    NoRuntime,
    /// The exporter cannot be built.
    #[error("cannot export traces")]
    Export(#[from] ExportError),
    /// A variable of the environment cannot be understood.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Another subscriber was installed before.
    #[error(
        "another tracing subscriber is installed already; call init before it and leave it out, or \
         add the layer of init_layer to it"
    )]
    Installed(#[from] tracing::dispatcher::SetGlobalDefaultError),
}

/// What [`init_with`] adds to the settings.
pub struct Extras {
    /// Further receivers of finished spans, such as an inspector's store. One is enough for the
    /// OpenTelemetry layer to be installed, whether or not a collector is set. Like the exporter
    /// they stand behind the [`Detector`](crate::Detector), so they see what it found.
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

/// Telemetry at work, to be kept until the server has drained. Then [`shutdown`](Self::shutdown) sends
/// what waits; dropped without that, it does the same where it can, and says so where it cannot.
#[derive(Debug)]
#[must_use = "spans that wait are sent when this is dropped"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    meters: Option<SdkMeterProvider>,
    delivery: Arc<DeliveryState>,
    metrics_delivery: Arc<DeliveryState>,
    description: String,
    flush_timeout: Duration,
}

/// Installs the process-wide subscriber and tracer provider, as the environment says. To be called
/// once, within the tokio runtime, before the first span.
///
/// `service_name` is used where neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES` names the
/// service.
///
/// # Errors
/// [`TelemetryError`], before anything was installed.
pub fn init(service_name: &str) -> Result<Telemetry, TelemetryError> {
    init_with(&Settings::from_env(service_name)?, Extras::default())
}

/// [`init`] with a store of the last traces beside the export, for an inspector in the application.
///
/// # Errors
/// [`TelemetryError`], before anything was installed.
pub fn init_storing(service_name: &str, store: &TraceStore) -> Result<Telemetry, TelemetryError> {
    let extras = Extras { processors: vec![Box::new(store.clone())], ..Extras::default() };
    init_with(&Settings::from_env(service_name)?, extras)
}

/// [`init`] with settings from elsewhere, further receivers of spans, or another place for log lines.
///
/// # Errors
/// [`TelemetryError`], before anything was installed.
pub fn init_with(settings: &Settings, extras: Extras) -> Result<Telemetry, TelemetryError> {
    let (telemetry, subscriber) = build(settings, extras)?;
    tracing::dispatcher::set_global_default(subscriber)?;
    telemetry.make_global();
    Ok(telemetry)
}

/// All of [`init_with`] but the subscriber: a layer for the application's own, which writes the log
/// lines then. `None` where spans go nowhere.
///
/// ```
/// use belvedere_telemetry::{Extras, Settings, init_layer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # fn run() -> Result<(), belvedere_telemetry::TelemetryError> {
/// let (_telemetry, spans) = init_layer(&Settings::from_env("shop")?, Extras::default())?;
/// let subscriber = tracing_subscriber::registry().with(spans);
/// # drop(subscriber);
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
///
/// # Errors
/// [`TelemetryError::NoRuntime`] and [`TelemetryError::Export`].
pub fn init_layer<S>(
    settings: &Settings,
    extras: Extras,
) -> Result<(Telemetry, Option<SpanLayer<S>>), TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let telemetry = telemetry(settings, extras.processors)?;
    let layer = telemetry.provider.as_ref().map(|provider| span_layer(provider));
    telemetry.make_global();
    Ok((telemetry, layer))
}

/// All of [`init_with`] but the installation, for a subscriber that is not process-wide.
///
/// # Errors
/// [`TelemetryError::NoRuntime`] and [`TelemetryError::Export`].
pub fn build(settings: &Settings, extras: Extras) -> Result<(Telemetry, Dispatch), TelemetryError> {
    let telemetry = telemetry(settings, extras.processors)?;
    let subscriber = subscriber(settings, telemetry.provider.as_ref(), extras.log_writer);
    telemetry.delivery.report_to(&subscriber);
    telemetry.metrics_delivery.report_to(&subscriber);
    Ok((telemetry, subscriber))
}

fn telemetry(
    settings: &Settings,
    processors: Vec<Box<dyn SpanProcessor>>,
) -> Result<Telemetry, TelemetryError> {
    let delivery = DeliveryState::traces();
    let metrics_delivery = DeliveryState::metrics(&delivery);
    let provider = tracer_provider(settings, processors, &delivery)?;
    let meters = meter_provider(settings, &metrics_delivery)?;
    if let Some(meters) = meters.as_ref().filter(|_| settings.collector.is_some()) {
        export::figures::watch(meters, &delivery);
    }
    let description = describe(settings);
    let flush_timeout = settings.flush_timeout;
    Ok(Telemetry { provider, meters, delivery, metrics_delivery, description, flush_timeout })
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
    pub async fn shutdown(mut self) -> Delivery {
        let timeout = self.patience();
        let traces = self.provider.take().map(|provider| {
            flush(timeout, move |timeout| drop(provider.shutdown_with_timeout(timeout)))
        });
        let metrics = self.meters.take().map(|meters| {
            flush(timeout, move |timeout| drop(meters.shutdown_with_timeout(timeout)))
        });
        // Both run already; the second wait is over when the first is, or soon after.
        if let Some(flushed) = traces {
            flushed.await;
        }
        if let Some(flushed) = metrics {
            flushed.await;
        }
        self.farewell()
    }

    /// How long the stop may take.
    fn patience(&self) -> Duration {
        if self.delivery.is_away() || self.metrics_delivery.is_away() {
            self.flush_timeout.min(AWAY_TIMEOUT)
        } else {
            self.flush_timeout
        }
    }

    fn make_global(&self) {
        if let Some(provider) = &self.provider {
            opentelemetry::global::set_tracer_provider(provider.clone());
        }
        if let Some(meters) = &self.meters {
            opentelemetry::global::set_meter_provider(meters.clone());
        }
    }

    /// Says what was not delivered.
    fn farewell(&self) -> Delivery {
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

/// Somebody forgot to shut it down, or left early.
impl Drop for Telemetry {
    fn drop(&mut self) {
        let (provider, meters) = (self.provider.take(), self.meters.take());
        if provider.is_none() && meters.is_none() {
            return;
        }
        let timeout = self.patience();
        let stop = move || {
            let started = Instant::now();
            // A failure is counted, and told below.
            provider.map(|provider| provider.shutdown_with_timeout(timeout));
            let rest = timeout.saturating_sub(started.elapsed());
            meters.map(|meters| meters.shutdown_with_timeout(rest));
        };
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            // The export needs this very thread.
            Ok(RuntimeFlavor::CurrentThread) => {}
            Ok(_) => tokio::task::block_in_place(stop),
            Err(_) => stop(),
        }
        self.farewell();
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
