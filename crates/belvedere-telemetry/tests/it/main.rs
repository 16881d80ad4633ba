//! Telemetry from the outside: what reaches a collector, what is logged, and what the runtime's
//! spans look like.

#![expect(clippy::unwrap_used, reason = "a test's helper may panic as a test may")]

mod assertions;
mod async_work;
mod busy;
mod components;
mod delivery;
mod export;
mod groups;
mod guard;
mod live;
mod logs;
mod meters;
mod metrics_export;
mod n_plus_one;
mod nested;
mod outside;
mod pub_sub;
mod queries;
mod receiver;
mod requests;
mod sampling;
mod snapshots;
mod tls;
mod uploads;
mod views;
mod waiting;
mod whole;

use opentelemetry_sdk::trace::SpanData;

/// The first span of this name.
pub(crate) fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} in {names:?}"))
}
