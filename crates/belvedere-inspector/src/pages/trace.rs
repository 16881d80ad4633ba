//! `/inspector/trace/{id}`: one trace as a waterfall, its statements, and what it belongs to.

use std::time::Duration;

use axum::extract::Path;
use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_telemetry::store::{Direction, StoredSpan, Trace, TraceId, TraceLink, attribute};

use super::format;
use super::look::Look;
use super::ticker::{Tick, Ticker};
use super::traces::badges;
use super::waterfall::{Axis, Detail, legend, waterfall};

/// The page's state.
#[derive(Debug)]
pub(crate) struct InspectorTrace {
    look: Look,
    trace: Trace,
    version: u64,
    ticker: Option<Ticker>,
}

/// A statement of the trace and what it cost, however often it ran.
#[derive(Debug, PartialEq, Eq)]
struct Statement<'a> {
    text: &'a str,
    /// File and line that asked for it first.
    place: String,
    count: usize,
    rows: u64,
    total: Duration,
    slowest: Duration,
}

impl LiveView for InspectorTrace {
    type Extract = (Look, Path<String>);
    type Params = ();
    type Event = ();
    type Message = Tick;

    async fn mount(
        (look, Path(id)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let store = look.inspector.store();
        let version = *store.subscribe().borrow();
        let id = TraceId::from_hex(&id).map_err(|_| MountError::not_found())?;
        let trace = store.trace(id).filter(|trace| trace.summary.is_complete);
        let trace = trace.ok_or_else(MountError::not_found)?;
        socket.set_title(trace.summary.name.to_string());
        Ok(Self { look, trace, version, ticker: None })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        // Its join and later acts follow the page; they are links that arrive.
        let store = self.look.inspector.store();
        self.ticker = Some(Ticker::of_traces(store, self.version, socket.sender()));
        Ok(())
    }

    async fn handle_message(&mut self, Tick: Tick, _socket: &mut Socket<Self>) -> Result {
        // One that is no longer kept stays on the pages that show it.
        if let Some(trace) = self.look.inspector.store().trace(self.trace.summary.id) {
            self.trace = trace;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let summary = &self.trace.summary;
        live! {
            (flash())
            (self.look.navigation("/trace"))
            div.page-head {
                div {
                    p.crumb { a href=(self.look.inspector.path("")) { "Traces" } " / " (format::time_of_day(summary.started)) " UTC" }
                    h1 { (summary.name) (badges(summary)) }
                    p.note { "Trace " code id="trace-id" { (summary.id.to_string()) } }
                }
                (legend())
            }
            (self.stats())
            (waterfall(&self.trace, Axis::of([&self.trace]), Detail::Full, &summary.name))
            (self.statements())
            (self.links())
        }
    }
}

impl InspectorTrace {
    fn stats(&self) -> impl Render {
        let summary = &self.trace.summary;
        let cost = if summary.n_plus_one.is_some() { "bad" } else { "plain" };
        live! {
            dl.stats {
                div { dt { "Duration" } dd id="duration" { (format::duration(summary.duration)) } }
                div class=(cost) { dt { "Queries" } dd id="n-queries" { (summary.n_queries) } }
                div { dt { "In the database" } dd { (format::duration(summary.query_time)) } }
                div { dt { "Rendered" } dd { (format::bytes(summary.rendered_bytes)) } }
            }
        }
    }

    fn statements(&self) -> impl Render {
        let statements = statements(&self.trace);
        live! {
            @if !statements.is_empty() {
                section.stack aria-labelledby="statements-title" {
                    h2 id="statements-title" { "Statements" }
                    div.table-wrap {
                        table.statements {
                            caption.visually-hidden { "Statements, the most expensive first" }
                            thead {
                                tr {
                                    th scope="col" { "Statement" }
                                    th.number scope="col" { "Times" }
                                    th.number scope="col" { "Total" }
                                    th.number.wide scope="col" { "Slowest" }
                                    th.number.wide scope="col" { "Rows" }
                                }
                            }
                            tbody {
                                @for statement in &statements {
                                    tr key=(statement.text) {
                                        th scope="row" {
                                            code { (statement.text) }
                                            p.detail { (statement.place) }
                                        }
                                        td.number { (statement.count) }
                                        td.number { (format::duration(statement.total)) }
                                        td.number.wide { (format::duration(statement.slowest)) }
                                        td.number.wide { (statement.rows) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn links(&self) -> impl Render {
        live! {
            @if !self.trace.links.is_empty() {
                section.stack aria-labelledby="links-title" {
                    h2 id="links-title" { "Belongs together with" }
                    ul.links id="links" {
                        @for link in &self.trace.links {
                            li key=(link.trace_id.to_string()) { (linked(&self.look, link)) }
                        }
                    }
                }
            }
        }
    }
}

fn linked<'a>(look: &Look, link: &'a TraceLink) -> impl Render + 'a {
    let relation = match (link.direction, link.meaning.as_deref()) {
        (Direction::Outgoing, Some("page")) => "its page",
        (Direction::Outgoing, Some("publisher")) => "published by",
        (Direction::Outgoing, _) => "called by",
        (Direction::Incoming, Some("page")) => "later on this page",
        (Direction::Incoming, _) => "caused by this",
    };
    let path = look.trace_path(link.trace_id);
    live! {
        span.relation { (relation) }
        @match &link.summary {
            Some(summary) if summary.is_complete => {
                a href=(path) { (summary.name) }
                (badges(summary))
                span.note {
                    (format::duration(summary.duration)) " · "
                    (format::counted(summary.n_queries, "query", "queries")) " · "
                    (format::time_of_day(summary.started))
                }
            }
            _ => span.note { "trace " (link.trace_id.to_string()) ", not kept here" }
        }
    }
}

/// Each statement of a trace once, the most expensive first.
fn statements(trace: &Trace) -> Vec<Statement<'_>> {
    let mut statements: Vec<Statement<'_>> = Vec::new();
    for span in trace.spans.iter().map(|row| &row.span).filter(|span| span.is_query()) {
        let text = span.text(attribute::DB_QUERY_TEXT).unwrap_or_default();
        let rows = span.number(attribute::DB_RESPONSE_RETURNED_ROWS).unwrap_or_default();
        match statements.iter_mut().find(|statement| statement.text == text) {
            Some(statement) => {
                statement.count += 1;
                statement.rows += rows;
                statement.total += span.duration;
                statement.slowest = statement.slowest.max(span.duration);
            }
            None => statements.push(Statement {
                text,
                place: place(span),
                count: 1,
                rows,
                total: span.duration,
                slowest: span.duration,
            }),
        }
    }
    statements.sort_by_key(|statement| std::cmp::Reverse(statement.total));
    statements
}

fn place(span: &StoredSpan) -> String {
    match (span.text(attribute::CODE_FILE_PATH), span.number(attribute::CODE_LINE_NUMBER)) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => String::new(),
    }
}
