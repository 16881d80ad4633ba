//! Spans as they would be exported, told apart by trace, since tests run side by side.

use std::sync::LazyLock;

use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanId, TraceContextExt, TraceId, Tracer, TracerProvider,
};
use opentelemetry::{Context, Value, global};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

static PROVIDER: LazyLock<(SdkTracerProvider, InMemorySpanExporter)> = LazyLock::new(|| {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    global::set_tracer_provider(provider.clone());
    (provider, exporter)
});

/// The provider that all tests share.
pub(crate) fn provider() -> &'static SdkTracerProvider {
    &PROVIDER.0
}

/// One trace: the span `mount`, and what happened below it.
pub(crate) struct Recorded {
    pub(crate) mount: SpanData,
    pub(crate) children: Vec<SpanData>,
}

/// Runs a future below a new span `mount` and tells its value with the finished trace.
pub(crate) async fn mount<T>(future: impl Future<Output = T>) -> (T, Recorded) {
    let span = provider().tracer("test").start("mount");
    let span_context = span.span_context().clone();
    let context = Context::new().with_span(span);
    let value = future.with_context(context.clone()).await;
    context.span().end();
    (value, recorded(span_context.trace_id(), span_context.span_id()))
}

fn recorded(trace_id: TraceId, span_id: SpanId) -> Recorded {
    let (mut mounts, children): (Vec<_>, Vec<_>) =
        spans_of(trace_id).into_iter().partition(|span| span.span_context.span_id() == span_id);
    Recorded { mount: mounts.pop().expect("the mount has ended"), children }
}

/// All finished spans of one trace.
pub(crate) fn spans_of(trace_id: TraceId) -> Vec<SpanData> {
    let mut spans = PROVIDER.1.get_finished_spans().expect("the exporter works");
    spans.retain(|span| span.span_context.trace_id() == trace_id);
    spans
}

/// The names of some spans, in the order they ended.
pub(crate) fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_ref()).collect()
}

/// One attribute as text.
pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key)?;
    Some(match &found.value {
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    })
}
