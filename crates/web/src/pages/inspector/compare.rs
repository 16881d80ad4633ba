//! `/inspector/compare`: the newest `/users-fast` beside the newest `/users-slow`, on one axis of
//! time.

use belvedere::{LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_telemetry::store::Trace;

use super::format;
use super::frame::Look;
use super::ticker::{Tick, Ticker};
use super::traces::badges;
use super::waterfall::{Axis, Detail, legend, waterfall};

/// The page's state.
#[derive(Debug)]
pub struct InspectorCompare {
    look: Look,
    fast: Option<Trace>,
    slow: Option<Trace>,
    version: u64,
    ticker: Option<Ticker>,
}

/// One of the two pages.
#[derive(Debug, Clone, Copy)]
struct Side {
    id: &'static str,
    route: &'static str,
    title: &'static str,
}

const FAST: Side = Side { id: "fast", route: "/users-fast", title: "Users, fast" };
const SLOW: Side = Side { id: "slow", route: "/users-slow", title: "Users, slow" };

impl LiveView for InspectorCompare {
    type Extract = Look;
    type Event = ();
    type Message = Tick;

    async fn mount(look: Look, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.set_title("Fast beside slow");
        let mut view = Self { look, fast: None, slow: None, version: 0, ticker: None };
        view.look_again();
        Ok(view)
    }

    async fn connected(&mut self, socket: &mut Socket<Self>) -> Result {
        let store = self.look.inspector.store();
        self.ticker = Some(Ticker::of_traces(store, self.version, socket.sender()));
        Ok(())
    }

    async fn handle_event(&mut self, (): (), _socket: &mut Socket<Self>) -> Result {
        Ok(())
    }

    async fn handle_message(&mut self, Tick: Tick, _socket: &mut Socket<Self>) -> Result {
        self.look_again();
        Ok(())
    }

    fn render(&self) -> impl Render {
        let axis = Axis::of(self.fast.iter().chain(&self.slow));
        live! {
            (flash())
            (self.look.navigation("/inspector/compare"))
            div.page-head {
                div {
                    h1 { "Fast beside slow" }
                    p.lead id="verdict" { (self.verdict()) }
                }
                (legend())
            }
            div.compare {
                (side(FAST, self.fast.as_ref(), axis))
                (side(SLOW, self.slow.as_ref(), axis))
            }
        }
    }
}

impl InspectorCompare {
    fn look_again(&mut self) {
        let store = self.look.inspector.store();
        self.version = *store.subscribe().borrow();
        // One that is no longer kept is still the newest that this page has seen.
        self.fast = store.newest_page(FAST.route).or(self.fast.take());
        self.slow = store.newest_page(SLOW.route).or(self.slow.take());
    }

    fn verdict(&self) -> String {
        let (Some(fast), Some(slow)) = (&self.fast, &self.slow) else {
            return "Open both pages, and their newest traces stand here side by side.".to_owned();
        };
        let (fast, slow) = (&fast.summary, &slow.summary);
        let factor = slow.duration.as_secs_f64() / fast.duration.as_secs_f64().max(1e-9);
        let (queries, instead) = (slow.n_queries, fast.n_queries);
        let time = if factor > 1.05 {
            format!("and {factor:.1} times the time")
        } else {
            // A file beside the server answers in microseconds, and a first query may cost more.
            "this time no slower, since a query costs little here; over a network each is a \
             round trip"
                .to_owned()
        };
        format!(
            "The same table: {queries} queries instead of {instead}, {time}. Both drawings share \
             one axis."
        )
    }
}

fn side<'a>(side: Side, trace: Option<&'a Trace>, axis: Axis) -> impl Render + 'a {
    live! {
        section id=(side.id) aria-labelledby={ (side.id) "-title" } {
            div.side-head {
                h2 id={ (side.id) "-title" } { (side.title) }
                a href=(side.route) target="_blank" { "Open the page" span.visually-hidden { " in a new tab" } }
            }
            @if let Some(trace) = trace {
                (figures(trace))
                (waterfall(trace, axis, Detail::Brief, side.title))
            } @else {
                p.card.empty { "No trace of " code { (side.route) } " yet." }
            }
        }
    }
}

fn figures(trace: &Trace) -> impl Render {
    let summary = &trace.summary;
    let cost = if summary.n_queries > 3 { "bad" } else { "good" };
    live! {
        p.figures {
            b { (format::duration(summary.duration)) }
            b class={ "queries " (cost) } { (format::counted(summary.n_queries, "query", "queries")) }
            (badges(summary))
            a href={ "/inspector/trace/" (summary.id.to_string()) } {
                "Details" span.visually-hidden { " of this trace" }
            }
        }
    }
}
