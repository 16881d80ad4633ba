//! `/inspector/compare`: the newest traces of two pages side by side, on one axis of time.

use axum::extract::Query;
use belvedere::{Joined, LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_telemetry::store::Trace;
use serde::Deserialize;

use super::format;
use super::look::Look;
use super::pair::Newest;
use super::ticker::{Tick, Ticker};
use super::traces::badges;
use super::waterfall::{Axis, Detail, legend, waterfall};

/// Queries of a page that are still a constant number, as far as anybody can tell from one.
const FEW_QUERIES: usize = 3;

/// The page's state.
#[derive(Debug)]
pub(crate) struct InspectorCompare {
    look: Look,
    choice: Choice,
    names: Vec<Box<str>>,
    left: Option<Trace>,
    right: Option<Trace>,
    version: u64,
    ticker: Option<Ticker>,
}

/// What its form asks for.
#[derive(Debug, LiveEvent)]
pub(crate) enum Event {
    /// Show these two.
    Choose(Choice),
}

/// The names of two traces as the form, or the page's address, has them. An empty one is the page
/// that is compared best: the slowest with an N+1, and its neighbour.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    left: String,
    right: String,
}

impl LiveView for InspectorCompare {
    type Extract = (Look, Query<Choice>);
    type Params = ();
    type Event = Event;
    type Message = Tick;

    async fn mount(
        (look, Query(choice)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Two pages side by side");
        let (names, left, right) = (Vec::new(), None, None);
        let mut view = Self { look, choice, names, left, right, version: 0, ticker: None };
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
            Event::Choose(choice) => self.choice = choice,
        }
        self.look_again();
        Ok(())
    }

    async fn handle_message(&mut self, Tick: Tick, _socket: &mut Socket<Self>) -> Result {
        self.look_again();
        Ok(())
    }

    fn render(&self) -> impl Render {
        let axis = Axis::of(self.left.iter().chain(&self.right));
        live! {
            (flash())
            (self.look.navigation("/compare"))
            div.page-head {
                div {
                    h1 { "Two pages side by side" }
                    p.lead id="verdict" { (self.verdict()) }
                }
                (legend())
            }
            (self.form())
            div.compare {
                (self.side("left", &self.choice.left, self.left.as_ref(), axis))
                (self.side("right", &self.choice.right, self.right.as_ref(), axis))
            }
        }
    }
}

impl InspectorCompare {
    fn look_again(&mut self) {
        let store = self.look.inspector.store();
        self.version = *store.subscribe().borrow();
        let newest = Newest::of(store);
        self.names = newest.names();
        let (left, right) = newest.pair(&self.choice.left, &self.choice.right);
        // One that is no longer kept is still the newest that this page has seen.
        let still = |seen: Option<Trace>, chosen: &str| {
            seen.filter(|trace| chosen.is_empty() || *trace.summary.name == *chosen)
        };
        let (seen_left, seen_right) = (self.left.take(), self.right.take());
        self.left = left
            .and_then(|summary| store.trace(summary.id))
            .or_else(|| still(seen_left, &self.choice.left));
        self.right = right
            .and_then(|summary| store.trace(summary.id))
            .or_else(|| still(seen_right, &self.choice.right));
    }

    fn verdict(&self) -> String {
        let (Some(left), Some(right)) = (&self.left, &self.right) else {
            return "Open two pages, and their newest traces stand here side by side.".to_owned();
        };
        let (left, right) = (&left.summary, &right.summary);
        let factor = right.duration.as_secs_f64() / left.duration.as_secs_f64().max(1e-9);
        let time = if factor > 1.05 {
            format!("and {factor:.1} times the time")
        } else {
            // A file beside the server answers in microseconds, and a first query may cost more.
            "this time no slower, since a query costs little here; over a network each is a \
             round trip"
                .to_owned()
        };
        let queries = format::counted(right.n_queries, "query", "queries");
        format!(
            "{}: {queries} instead of {}, {time}. Both drawings share one axis.",
            right.name, left.n_queries
        )
    }

    /// A form that works without a script as well: then it asks for the page anew.
    fn form(&self) -> impl Render {
        live! {
            form.filter id="choice" method="get" action=(self.look.inspector.path("/compare"))
                phx-change=(Event::CHOOSE) phx-submit=(Event::CHOOSE) {
                (choice("left", "Left", "The page most like it", &self.choice.left, &self.names))
                (choice("right", "Right", "The slowest with an N+1", &self.choice.right, &self.names))
                noscript { button type="submit" { "Compare" } }
            }
        }
    }

    fn side<'a>(
        &'a self,
        id: &'static str,
        chosen: &'a str,
        trace: Option<&'a Trace>,
        axis: Axis,
    ) -> impl Render + 'a {
        let name = match trace {
            Some(trace) => &*trace.summary.name,
            None if chosen.is_empty() => "No page yet",
            None => chosen,
        };
        live! {
            section id=(id) aria-labelledby={ (id) "-title" } {
                div.side-head {
                    h2 id={ (id) "-title" } { (name) }
                    @if let Some(page) = trace.and_then(address) {
                        a href=(page) target="_blank" {
                            "Open the page" span.visually-hidden { " in a new tab" }
                        }
                    }
                }
                @if let Some(trace) = trace {
                    (self.figures(trace))
                    (waterfall(trace, axis, Detail::Brief, name))
                } @else {
                    p.card.empty { "Open a page in another tab, and its newest trace stands here." }
                }
            }
        }
    }

    fn figures(&self, trace: &Trace) -> impl Render {
        let summary = &trace.summary;
        let cost = if summary.n_queries > FEW_QUERIES { "bad" } else { "good" };
        live! {
            p.figures {
                b { (format::duration(summary.duration)) }
                b class={ "queries " (cost) } {
                    (format::counted(summary.n_queries, "query", "queries"))
                }
                (badges(summary))
                a href=(self.look.trace_path(summary.id)) {
                    "Details" span.visually-hidden { " of this trace" }
                }
            }
        }
    }
}

/// Where a page is, if its route is an address.
fn address(trace: &Trace) -> Option<&str> {
    let route = trace.summary.route.as_deref()?;
    (trace.summary.name.starts_with("GET ") && !route.contains('{')).then_some(route)
}

fn choice<'a>(
    side: &'static str,
    label: &'static str,
    open: &'static str,
    chosen: &'a str,
    names: &'a [Box<str>],
) -> impl Render + 'a {
    // A choice whose traces have gone, or are still to come, stays to be seen.
    let missing = !chosen.is_empty() && !names.iter().any(|name| **name == *chosen);
    live! {
        label {
            span { (label) }
            select name=(side) {
                option value="" { (open) }
                @if missing { option value=(chosen) selected { (chosen) } }
                @for name in names, key=(name) {
                    option value=(name) selected[**name == *chosen] { (name) }
                }
            }
        }
    }
}
