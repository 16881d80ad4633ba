//! What became of the spans, as metrics: an operator sees that traces are missing, and since when.
//!
//! The first two are OpenTelemetry's own for an SDK that watches itself.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::DeliveryState;
use crate::scope;

/// Spans that the queue took or, with [`ERROR_TYPE`], dropped, `{span}`.
pub const SPANS_PROCESSED: &str = "otel.sdk.processor.span.processed";
/// Spans that the collector took or, with [`ERROR_TYPE`], did not, `{span}`.
pub const SPANS_EXPORTED: &str = "otel.sdk.exporter.span.exported";
/// Traces that were dropped, each as a whole, `{trace}`.
pub const TRACES_DROPPED: &str = "live_view.traces.dropped";
/// `queue_full` where there was no room, `_OTHER` where a batch was lost.
pub const ERROR_TYPE: &str = "error.type";

/// Tells `meters` what `traces` counts.
pub(crate) fn watch(meters: &SdkMeterProvider, traces: &Arc<DeliveryState>) {
    let meter = meters.meter_with_scope(scope());
    let counter = |name, unit, what, observe: fn(&DeliveryState, &dyn AsyncInstrument<u64>)| {
        let traces = Arc::clone(traces);
        meter
            .u64_observable_counter(name)
            .with_unit(unit)
            .with_description(what)
            .with_callback(move |observer| observe(&traces, observer))
            .build();
    };
    counter(
        SPANS_PROCESSED,
        "{span}",
        "Spans that the queue took or dropped.",
        |traces, observer| {
            let now = traces.snapshot();
            observer.observe(now.delivered + now.lost, &[]);
            observer.observe(now.overflowed, &[KeyValue::new(ERROR_TYPE, "queue_full")]);
        },
    );
    counter(
        SPANS_EXPORTED,
        "{span}",
        "Spans that the collector took or not.",
        |traces, observer| {
            let now = traces.snapshot();
            observer.observe(now.delivered, &[]);
            observer.observe(now.lost, &[KeyValue::new(ERROR_TYPE, "_OTHER")]);
        },
    );
    counter(TRACES_DROPPED, "{trace}", "Traces dropped, each as a whole.", |traces, observer| {
        observer.observe(traces.snapshot().dropped_traces, &[]);
    });
}
