//! How long queries take, as OpenTelemetry's conventions measure it: every query, traced or not.

use std::net::SocketAddr;
use std::time::Duration;

use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, global};

use crate::repo::metrics::OPERATION_DURATION;
use crate::trace::shape::Shape;
use crate::trace::{Target, recorder};

/// Bounds of the buckets that the conventions ask for, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// What a pool's queries are recorded on.
pub(crate) fn histogram() -> Histogram<f64> {
    global::meter_with_scope(recorder::scope())
        .f64_histogram(OPERATION_DURATION)
        .with_description("Duration of database client operations.")
        .with_unit("s")
        .with_boundaries(SECONDS.into())
        .build()
}

/// A query is over.
pub(super) fn record(
    target: &Target,
    peer: Option<SocketAddr>,
    shape: &Shape,
    failed: impl Iterator<Item = KeyValue>,
    took: Duration,
) {
    let mut series: Vec<_> = recorder::described(target, peer, shape).collect();
    series.extend(failed);
    target.duration.record(took.as_secs_f64(), &series);
}
