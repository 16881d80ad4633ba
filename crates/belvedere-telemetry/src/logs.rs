//! Log lines on stderr, each with the ids of the trace it was written in.
//!
//! Only events become lines, never spans: with no OpenTelemetry layer a span is then disabled and
//! costs nothing, and with one its formatting is not paid twice. What the enclosing spans say is
//! found in the trace that the line names.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::fmt::format::{DefaultFields, Format, JsonFields, Writer};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::settings::LogFormat;

/// Lets events through and no spans.
pub(crate) fn only_events() -> FilterFn {
    filter_fn(|metadata| metadata.is_event())
}

/// The layer that writes lines, of all that reaches it.
pub(crate) fn layer<S>(
    format: LogFormat,
    writer: BoxMakeWriter,
    ansi: bool,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    match format {
        LogFormat::Text => tracing_subscriber::fmt::layer()
            .fmt_fields(DefaultFields::new())
            .event_format(TextWithTrace(Format::default().with_ansi(ansi)))
            .with_ansi(ansi)
            .with_writer(writer)
            .boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonWithTrace(
                Format::default()
                    .json()
                    .flatten_event(true)
                    .with_current_span(false)
                    .with_span_list(false),
            ))
            .with_ansi(false)
            .with_writer(writer)
            .boxed(),
    }
}

/// The usual line, followed by the trace's ids.
struct TextWithTrace(Format);

impl<S, N> FormatEvent<S, N> for TextWithTrace
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = current_trace() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let (trace_id, span_id) = (trace.trace_id(), trace.span_id());
        writeln!(writer, "{} trace_id={trace_id} span_id={span_id}", line.trim_end())
    }
}

/// The usual object, with the trace's ids as two more members.
struct JsonWithTrace(Format<tracing_subscriber::fmt::format::Json>);

impl<S, N> FormatEvent<S, N> for JsonWithTrace
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = current_trace() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        // The formatter has no way to add a member, but its output always ends with the object's
        // brace; ids are hexadecimal and need no escaping.
        let Some(open_object) = line.trim_end().strip_suffix('}') else {
            return writer.write_str(&line);
        };
        let (trace_id, span_id) = (trace.trace_id(), trace.span_id());
        writeln!(writer, r#"{open_object},"trace_id":"{trace_id}","span_id":"{span_id}"}}"#)
    }
}

/// The span in progress, if anyone will be able to look it up.
fn current_trace() -> Option<SpanContext> {
    Context::map_current(|context| {
        let span = context.span();
        Some(span.span_context()).filter(|span| span.is_valid() && span.is_sampled()).cloned()
    })
}
