//! OpenTelemetry for the application: settings, export, flush, and logs that name their trace.
//!
//! ```text
//! environment ─▶ Settings ─▶ init ─▶ subscriber ─┬▶ log lines on stderr
//!                                                └▶ spans ─▶ sampler ─▶ N+1 detector ─┬▶ queue ─▶ OTLP collector
//!                                                                                       └▶ further receivers
//! ```
//!
//! [`Settings::from_vars`] maps the standard variables; reading the environment is the caller's.
//! [`init`] installs the process-wide subscriber and tracer provider, [`Telemetry::shutdown`]
//! flushes within [`Settings::flush_timeout`]. [`store::TraceStore`] keeps the last traces in
//! memory, for an inspector inside the application. With no collector named and no such store there
//! is no exporter, no OpenTelemetry layer and no log line about it, and a span costs a few
//! nanoseconds.
//!
//! ```no_run
//! # async fn run(environment: impl Fn(&str) -> Option<String>) -> Result<(), Box<dyn std::error::Error>> {
//! let telemetry = belvedere_telemetry::init(&belvedere_telemetry::Settings::from_vars("web", environment)?)?;
//! println!("{}", telemetry.description());
//! // … serve, and when the last connection has ended:
//! telemetry.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! | feature | what for |
//! |---|---|
//! | `testing` | `belvedere_telemetry::testing`: a process-wide recorder of spans, for the application's tests |

mod export;
mod logs;
pub mod n_plus_one;
mod sampler;
pub mod settings;
mod setup;
mod statement;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use export::{Delivery, ExportError, figures as metrics};
pub use n_plus_one::Detector;
pub use sampler::PageSampler;
pub use settings::{Settings, SettingsError};
pub use setup::{Extras, Telemetry, TelemetryError, build, init, init_with};

/// The instrumentation scope of what comes through `tracing`, and of this crate's own figures.
fn scope() -> opentelemetry::InstrumentationScope {
    opentelemetry::InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.37.0")
        .build()
}
