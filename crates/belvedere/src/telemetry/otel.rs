//! What telemetry asks of OpenTelemetry; `plain` answers the same questions without it.

use opentelemetry::trace::{
    SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, InstrumentationScope, global};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub(super) use opentelemetry::KeyValue;
pub(super) use opentelemetry::metrics::{
    BoundCounter, BoundHistogram, Counter, Histogram, Meter, UpDownCounter,
};

use super::attribute;
use super::page_trace::PageTrace;

/// The identity of a span that is not disabled.
pub(super) fn trace_of(span: &Span) -> PageTrace {
    trace(span.context().span().span_context())
}

/// The identity of the work in progress.
pub(super) fn current_trace() -> PageTrace {
    Context::map_current(|context| trace(context.span().span_context()))
}

fn trace(context: &SpanContext) -> PageTrace {
    let (trace_id, span_id) = (context.trace_id().to_bytes(), context.span_id().to_bytes());
    PageTrace::new(trace_id, span_id, context.is_sampled())
}

/// Where a span runs, or has run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In this process.
    Here,
    /// In another, perhaps.
    Anywhere,
}

fn context_of(trace: PageTrace, place: Place) -> SpanContext {
    let (trace_id, span_id, sampled) = trace.parts();
    SpanContext::new(
        TraceId::from_bytes(trace_id),
        SpanId::from_bytes(span_id),
        TraceFlags::default().with_sampled(sampled),
        place == Place::Anywhere,
        TraceState::default(),
    )
}

/// Links `span` to the span `target`; `what` says what that is.
pub(super) fn link(span: &Span, target: PageTrace, what: &'static str) {
    let attributes = vec![KeyValue::new(attribute::LINK, what)];
    span.add_link_with_attributes(context_of(target, Place::Anywhere), attributes);
}

/// Makes `span`, which was not entered yet, a child of `parent`, which may run in another process.
pub(super) fn set_parent(span: &Span, parent: PageTrace) {
    set_parent_in(span, parent, Place::Anywhere);
}

/// Makes `span`, which was not entered yet, a child of `parent`, which runs in this process.
pub(super) fn set_local_parent(span: &Span, parent: PageTrace) {
    set_parent_in(span, parent, Place::Here);
}

fn set_parent_in(span: &Span, parent: PageTrace, place: Place) {
    let parent = Context::new().with_remote_span_context(context_of(parent, place));
    // Fails only where no OpenTelemetry layer sees the span, and then there is no trace.
    let _ = span.set_parent(parent);
}

/// Gives a span an error status with `message`, and `error.type`.
pub(super) fn fail(span: &Span, error_type: &str, message: &str) {
    span.set_attribute(attribute::ERROR_TYPE, error_type.to_owned());
    span.set_status(Status::error(message.to_owned()));
}

/// The maker of all instruments, from the process's meter provider.
pub(super) fn meter() -> Meter {
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.37.0");
    global::meter_with_scope(scope.build())
}
