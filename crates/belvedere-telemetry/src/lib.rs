//! Traces and metrics of an axum application with live views: export, N+1 detection, a store of the
//! last traces, and assertions for tests.
//!
#![doc = include_str!("docs/guide.md")]

mod conventions;
mod export;
mod logs;
pub mod n_plus_one;
mod providers;
mod sampler;
pub mod settings;
mod setup;
mod sqlx;
mod statement;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;

pub use belvedere::http::{TraceLayer, TraceOptions, trace_layer};
pub use export::{Delivery, ExportError, figures as metrics};
pub use n_plus_one::Detector;
pub use providers::SpanLayer;
pub use sampler::PageSampler;
pub use settings::{Settings, SettingsError};
pub use setup::{
    Extras, Telemetry, TelemetryError, build, init, init_layer, init_storing, init_with,
};
pub use store::TraceStore;

/// The instrumentation scope of what comes through `tracing`, and of this crate's own figures.
fn scope() -> opentelemetry::InstrumentationScope {
    opentelemetry::InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.37.0")
        .build()
}
