//! `/inspector`: the last traces, as they arrive.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use belvedere::{Joined, LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_telemetry::store::{Facets, TraceFilter, TraceSummary};
use serde::Deserialize;

use super::format;
use super::look::Look;
use super::ticker::{Tick, Ticker};

/// Rows of the list.
const MAX_ROWS: usize = 100;

/// The page's state.
#[derive(Debug)]
pub(crate) struct InspectorTraces {
    look: Look,
    form: FilterForm,
    traces: Vec<Arc<TraceSummary>>,
    facets: Facets,
    /// Traces and bytes that the store holds.
    usage: (usize, usize),
    /// What the store had when it was looked at.
    version: u64,
    ticker: Option<Ticker>,
}

/// What its form asks for.
#[derive(Debug, LiveEvent)]
pub(crate) enum Event {
    /// Show the traces that this lets pass.
    Filter(FilterForm),
}

/// The filter as its form, or the page's address, has it. A choice that means nothing is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FilterForm {
    route: String,
    view: String,
    /// Milliseconds.
    min: String,
    errors: Option<String>,
    n_plus_one: Option<String>,
}

impl LiveView for InspectorTraces {
    type Extract = (Look, Query<FilterForm>);
    type Params = ();
    type Event = Event;
    type Message = Tick;

    async fn mount(
        (look, Query(form)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Traces");
        let mut view = Self {
            look,
            form,
            traces: Vec::new(),
            facets: Facets::default(),
            usage: (0, 0),
            version: 0,
            ticker: None,
        };
        view.look_again();
        Ok(view)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        let store = self.look.inspector.store();
        self.ticker = Some(Ticker::of_traces(store, self.version, socket.sender()));
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, _socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Filter(form) => self.form = form,
        }
        self.look_again();
        Ok(())
    }

    async fn handle_message(&mut self, Tick: Tick, _socket: &mut Socket<Self>) -> Result {
        self.look_again();
        Ok(())
    }

    fn render(&self) -> impl Render {
        let longest = self.traces.iter().map(|trace| trace.duration).max().unwrap_or_default();
        live! {
            (flash())
            (self.look.navigation(""))
            div.page-head {
                div {
                    h1 { "Traces" }
                    p.lead { "What this server did last, newest first." }
                }
                p.note role="status" {
                    (self.traces.len()) " shown of " (self.usage.0) " kept · "
                    (format::bytes(self.usage.1 as u64))
                }
            }
            (self.filter())
            @if self.traces.is_empty() {
                p.card.empty { "No traces yet. Open a page in another tab, and its trace appears here." }
            } @else {
                div.table-wrap {
                    table.traces id="traces" {
                        caption.visually-hidden { "The last traces, newest first" }
                        thead {
                            tr {
                                th scope="col" { "Trace" }
                                th.wide scope="col" { "View" }
                                th scope="col" { "Duration" }
                                th.number scope="col" { "Queries" }
                                th.number.wide scope="col" { "Rendered" }
                                th.number.wide scope="col" { "Time, UTC" }
                            }
                        }
                        tbody {
                            @for trace in &self.traces {
                                tr key=(trace.id.to_string()) { (row(&self.look, trace, longest)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl InspectorTraces {
    fn look_again(&mut self) {
        let store = self.look.inspector.store();
        self.version = *store.subscribe().borrow();
        self.traces = store.list(&self.form.filter(), MAX_ROWS);
        self.facets = store.facets();
        self.usage = store.usage();
    }

    /// A form that works without a script as well: then it asks for the page anew.
    fn filter(&self) -> impl Render {
        let form = &self.form;
        live! {
            form.filter id="filter" method="get" action=(self.look.inspector.path(""))
                phx-change=(Event::FILTER) phx-submit=(Event::FILTER) {
                (choice("route", "Route", &form.route, &self.facets.routes))
                (choice("view", "View", &form.view, &self.facets.views))
                label {
                    span { "At least, in ms" }
                    input type="number" name="min" min="0" step="any" inputmode="decimal"
                        value=(form.min) phx-debounce="300";
                }
                label.check {
                    input type="checkbox" name="n_plus_one" value="on" checked[form.n_plus_one.is_some()];
                    span { "N+1 only" }
                }
                label.check {
                    input type="checkbox" name="errors" value="on" checked[form.errors.is_some()];
                    span { "Errors only" }
                }
                noscript { button type="submit" { "Filter" } }
            }
        }
    }
}

impl FilterForm {
    fn filter(&self) -> TraceFilter {
        let chosen = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let ms = self.min.trim().parse::<f64>().unwrap_or(0.0).max(0.0);
        TraceFilter {
            route: chosen(&self.route),
            view: chosen(&self.view),
            min_duration: Duration::try_from_secs_f64(ms / 1000.0).unwrap_or(Duration::MAX),
            only_errors: self.errors.is_some(),
            only_n_plus_one: self.n_plus_one.is_some(),
        }
    }
}

fn choice<'a>(
    name: &'static str,
    label: &'static str,
    chosen: &'a str,
    choices: &'a [Box<str>],
) -> impl Render + 'a {
    // A choice whose traces have gone stays to be seen, and to be taken back.
    let gone = !chosen.is_empty() && !choices.iter().any(|choice| **choice == *chosen);
    live! {
        label {
            span { (label) }
            select name=(name) {
                option value="" { "All" }
                @if gone { option value=(chosen) selected { (chosen) } }
                @for choice in choices, key=(choice) {
                    option value=(choice) selected[**choice == *chosen] { (choice) }
                }
            }
        }
    }
}

fn row<'a>(look: &Look, trace: &'a TraceSummary, longest: Duration) -> impl Render + 'a {
    let path = look.trace_path(trace.id);
    let share = trace.duration.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE);
    live! {
        th scope="row" {
            a href=(path) { (trace.name) }
            (badges(trace))
        }
        td.wide { (trace.view.as_deref().unwrap_or_default()) }
        td.timeline {
            div.measure {
                svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    rect class={ "bar " (if trace.is_request { "request" } else { "callback" }) }
                        x="0" y="4" width=(format!("{:.1}", (share * 1000.0).max(4.0))) height="12" {}
                }
                span.value { (format::duration(trace.duration)) }
            }
        }
        td.number { (trace.n_queries) }
        td.number.wide { (format::bytes(trace.rendered_bytes)) }
        td.number.wide { (format::time_of_day(trace.started)) }
    }
}

/// What is wrong with a trace, in two words each.
pub(super) fn badges(trace: &TraceSummary) -> impl Render {
    live! {
        @if let Some(worst) = &trace.n_plus_one {
            " " span.badge.bad title=(worst.statement) { "N+1 ×" (worst.count) }
        }
        @if trace.is_error { " " span.badge.bad { "error" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_means_nothing_lets_all_pass() {
        let form = |min: &str| FilterForm { min: min.to_owned(), ..FilterForm::default() };
        for nonsense in ["", "x", "-5", "NaN"] {
            assert_eq!(form(nonsense).filter(), TraceFilter::default(), "{nonsense}");
        }
        assert_eq!(form(" 2.5 ").filter().min_duration, Duration::from_micros(2500));
        assert_eq!(form("1e300").filter().min_duration, Duration::MAX);
    }
}
