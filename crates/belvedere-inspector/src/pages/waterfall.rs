//! A trace drawn as a waterfall: a table with one row for each span, whose middle column is a bar
//! on an axis of time. Who cannot see the bars reads start and duration from the table.

use std::time::{Duration, SystemTime};

use belvedere::{Render, live};
use belvedere_telemetry::store::{SpanKind, SpanRow, StoredSpan, Trace, attribute};

use super::format;

/// Units of the drawing's width; the drawing is stretched to its column.
const WIDTH: f64 = 1000.0;

/// The narrowest bar, so that the shortest span is seen.
const MIN_WIDTH: f64 = 8.0;

/// Deepest indentation drawn.
const MAX_INDENT: usize = 6;

/// A wait for a connection that is worth a word.
const NOTICEABLE_WAIT: Duration = Duration::from_millis(1);

/// The axis of time of one drawing, or of several that are to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    end: Duration,
}

/// How much a drawing says of each span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Its name, bar and duration.
    Brief,
    /// Also its statement, rows, bytes and error.
    Full,
}

/// What a span is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Request,
    Callback,
    Render,
    Query,
}

impl Axis {
    /// From the start of each trace to the end of the longest.
    pub(super) fn of<'a>(traces: impl IntoIterator<Item = &'a Trace>) -> Self {
        let ends = traces.into_iter().flat_map(|trace| {
            let start = start_of(trace);
            trace.spans.iter().map(move |row| offset(start, row.span.started) + row.span.duration)
        });
        Self { end: ends.max().unwrap_or_default().max(Duration::from_micros(1)) }
    }

    fn position(self, at: Duration) -> f64 {
        WIDTH * at.as_secs_f64() / self.end.as_secs_f64()
    }

    /// Where a bar begins and how wide it is.
    fn bar(self, start: Duration, length: Duration) -> (String, String) {
        let width = self.position(length).clamp(MIN_WIDTH, WIDTH);
        let x = self.position(start).clamp(0.0, WIDTH - width);
        (format!("{x:.1}"), format!("{width:.1}"))
    }

    fn label(self, quarter: u32) -> String {
        format::duration(self.end * quarter / 4)
    }
}

impl Kind {
    const ALL: [Self; 4] = [Self::Request, Self::Callback, Self::Render, Self::Query];

    fn of(span: &StoredSpan) -> Self {
        if span.is_query() || span.kind == SpanKind::Client {
            Self::Query
        } else if span.kind == SpanKind::Server {
            Self::Request
        } else if span.number(attribute::DIFF_BYTES).is_some() {
            Self::Render
        } else {
            Self::Callback
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Callback => "callback",
            Self::Render => "render",
            Self::Query => "query",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Request => "Request",
            Self::Callback => "Callback",
            Self::Render => "Render",
            Self::Query => "Query",
        }
    }
}

/// What the colours mean.
pub(super) fn legend() -> impl Render {
    live! {
        ul.legend aria-label="Colours" {
            @for kind in Kind::ALL {
                li { i class={ "dot " (kind.class()) } {} (kind.name()) }
            }
        }
    }
}

/// The waterfall of `trace` on `axis`; `caption` names the table.
pub(super) fn waterfall<'a>(
    trace: &'a Trace,
    axis: Axis,
    detail: Detail,
    caption: &'a str,
) -> impl Render + 'a {
    let start = start_of(trace);
    live! {
        div.table-wrap {
            table.waterfall {
                caption.visually-hidden { (caption) }
                thead {
                    tr {
                        th scope="col" { "Span" }
                        th.axis scope="col" {
                            span.visually-hidden { "Time" }
                            div aria-hidden="true" {
                                @for quarter in 1..=4 { span { (axis.label(quarter)) } }
                            }
                        }
                        th.number scope="col" { "Duration" }
                    }
                }
                tbody {
                    @for (index, row) in trace.spans.iter().enumerate() {
                        tr key=(row.span.id.to_string()) class=(Kind::of(&row.span).class()) {
                            th scope="row" { (label(row, detail, is_repeated(trace, index))) }
                            td.timeline { (bar(row, start, axis)) }
                            td.number { (format::duration(row.span.duration)) }
                        }
                    }
                }
            }
            @if trace.summary.n_spans_dropped > 0 {
                p.note { (trace.summary.n_spans_dropped) " more spans are not kept." }
            }
        }
    }
}

/// Whether a statement is the one just above it: then its text need not be read again.
fn is_repeated(trace: &Trace, index: usize) -> bool {
    let statement = |row: &SpanRow| row.span.text(attribute::DB_QUERY_TEXT).map(str::to_owned);
    let above = index.checked_sub(1).and_then(|above| trace.spans.get(above)).and_then(statement);
    above.is_some() && trace.spans.get(index).and_then(statement) == above
}

fn label(row: &SpanRow, detail: Detail, repeated: bool) -> impl Render {
    let span = &row.span;
    let statement = span.text(attribute::DB_QUERY_TEXT);
    let facts = if detail == Detail::Full { facts(span) } else { String::new() };
    live! {
        div class={ "span-name indent-" (row.depth.min(MAX_INDENT)) } {
            i class={ "dot " (Kind::of(span).class()) } aria-hidden="true" {}
            div {
                span.name title=[statement] { (span.name) }
                (n_plus_one(span))
                @if !facts.is_empty() { " " span.facts { (facts) } }
                @if let Some(error) = &span.error {
                    " " span.badge.bad { "error" }
                    @if !error.is_empty() { p.detail.bad { (error) } }
                }
                @if let Some(statement) = statement && detail == Detail::Full && !repeated {
                    code.detail { (statement) }
                }
            }
        }
    }
}

fn n_plus_one(span: &StoredSpan) -> impl Render {
    let count = span.number(attribute::N_PLUS_ONE_COUNT);
    let count = count.filter(|_| span.is(attribute::N_PLUS_ONE));
    live! {
        @if let Some(count) = count { " " span.badge.bad { "N+1 ×" (count) } }
    }
}

/// Rows, waiting, bytes: what is known beside the name, in words.
fn facts(span: &StoredSpan) -> String {
    let mut facts = Vec::new();
    if let Some(status) = span.number(attribute::HTTP_RESPONSE_STATUS_CODE) {
        facts.push(format!("status {status}"));
    }
    if let Some(rows) = span.number(attribute::DB_RESPONSE_RETURNED_ROWS) {
        facts.push(format!("{rows} {}", if rows == 1 { "row" } else { "rows" }));
    }
    let waited = span.number(attribute::QUEUE_TIME).map(Duration::from_micros);
    if let Some(waited) = waited.filter(|waited| *waited >= NOTICEABLE_WAIT) {
        let waited = format::duration(waited);
        facts.push(format!("waited {waited} for a connection"));
    }
    if let Some(simulated) = span.number(attribute::SIMULATED_TIME).map(Duration::from_micros) {
        facts.push(format!("{} of it simulated", format::duration(simulated)));
    }
    if let Some(bytes) = span.number(attribute::DIFF_BYTES) {
        facts.push(format::bytes(bytes));
    }
    let of_file = [attribute::UPLOAD_RECEIVED, attribute::UPLOAD_SIZE].map(|key| span.number(key));
    if let [Some(received), Some(size)] = of_file {
        facts.push(format!("{} of {}", format::bytes(received), format::bytes(size)));
    }
    if span.is(attribute::ADOPTED) {
        facts.push("took over the view of its page".to_owned());
    }
    if span.text(attribute::TRANSPORT) == Some("longpoll") {
        facts.push("by long polling".to_owned());
    }
    if let Some(outcome) = span.text(attribute::OUTCOME) {
        facts.push(outcome.to_owned());
    }
    facts.join(" · ")
}

fn bar(row: &SpanRow, start: SystemTime, axis: Axis) -> impl Render {
    let begins = offset(start, row.span.started);
    let (x, width) = axis.bar(begins, row.span.duration);
    live! {
        span.visually-hidden { "starts after " (format::duration(begins)) }
        svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            path.grid d="M250 0V20M500 0V20M750 0V20" {}
            rect class={ "bar " (Kind::of(&row.span).class()) } x=(x) y="4" width=(width) height="12" {}
        }
    }
}

/// The start of a trace's first span.
fn start_of(trace: &Trace) -> SystemTime {
    let starts = trace.spans.iter().map(|row| row.span.started);
    starts.min().unwrap_or(trace.summary.started)
}

fn offset(start: SystemTime, at: SystemTime) -> Duration {
    at.duration_since(start).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_on_the_axis_and_are_never_invisible() {
        let axis = Axis { end: Duration::from_millis(100) };
        let ms = Duration::from_millis;
        let bar = |start, length| axis.bar(start, length);
        assert_eq!(bar(ms(25), ms(50)), ("250.0".to_owned(), "500.0".to_owned()));
        assert_eq!(bar(ms(100), ms(0)), ("992.0".to_owned(), "8.0".to_owned()));
        assert_eq!(bar(ms(0), ms(500)), ("0.0".to_owned(), "1000.0".to_owned()));
        assert_eq!(axis.label(2), "50.0 ms");
    }
}
