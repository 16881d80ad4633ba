//! `/inspector/live`: the views that run now, and what the runtime keeps for each.

use belvedere::{
    Joined, LiveView, MountError, RecentEvent, Render, Result, Socket, ViewMemory, ViewSnapshot,
    flash, live,
};

use super::format;
use super::look::Look;
use super::ticker::{Tick, Ticker};

/// Rows of the list.
const MAX_ROWS: usize = 200;

/// The page's state.
#[derive(Debug)]
pub(crate) struct InspectorViews {
    look: Look,
    views: Vec<ViewSnapshot>,
    n_views: usize,
    ticker: Option<Ticker>,
}

impl LiveView for InspectorViews {
    type Extract = Look;
    type Params = ();
    type Event = ();
    type Message = Tick;

    async fn mount(look: Look, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.set_title("Live views");
        let mut view = Self { look, views: Vec::new(), n_views: 0, ticker: None };
        view.look_again();
        Ok(view)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.look_again();
        self.ticker = Some(Ticker::of_views(socket.sender()));
        Ok(())
    }

    async fn handle_message(&mut self, Tick: Tick, _socket: &mut Socket<Self>) -> Result {
        self.look_again();
        Ok(())
    }

    fn render(&self) -> impl Render {
        let most = self.views.iter().map(|view| view.memory.total_bytes()).max().unwrap_or(1);
        live! {
            (flash())
            (self.look.navigation("/live"))
            div.page-head {
                div {
                    h1 { "Live views" }
                    p.lead { "One task for each open page, and what the runtime remembers for it beside its own state." }
                }
                p.note role="status" {
                    (self.views.len()) " shown of " (self.n_views)
                }
            }
            ul.legend aria-label="Colours" {
                li { i.dot.render {} "Last render, as hashes" }
                li { i.dot.request {} "Frame on its way" }
                li { i.dot.query {} "Mailbox" }
            }
            div.table-wrap {
                table.views id="views" {
                    caption.visually-hidden { "Views that run now: with a browser first, then newest first" }
                    thead {
                        tr {
                            th scope="col" { "View" }
                            th scope="col" { "Memory" }
                            th.number scope="col" { "Mailbox" }
                            th.wide scope="col" { "Last events" }
                        }
                    }
                    tbody {
                        @for view in &self.views {
                            tr key=(view.topic) { (row(view, most)) }
                        }
                    }
                }
            }
        }
    }
}

impl InspectorViews {
    fn look_again(&mut self) {
        let live = self.look.inspector.live();
        let (all, own) = (live.views(MAX_ROWS), self.look.inspector.path(""));
        let n_shown = all.len();
        // As its traces, the inspector's own views are no part of what is looked into.
        self.views = all.into_iter().filter(|view| !is_below(&view.route, &own)).collect();
        self.n_views = live.n_views().saturating_sub(n_shown - self.views.len());
        self.views.sort_by_key(|view| !view.is_connected);
    }
}

/// Whether a route is this path or lies below.
fn is_below(route: &str, path: &str) -> bool {
    route.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn row(view: &ViewSnapshot, most: usize) -> impl Render {
    live! {
        th scope="row" {
            span.name { (view.name) }
            @if !view.is_connected { span.badge title="It waits for its browser to come back" { "no browser" } }
            p.detail {
                (view.route)
                @if view.n_components > 0 { " · components: " (view.n_components) }
            }
        }
        td.timeline {
            div.measure {
                (memory(view.memory, most))
                span.value { (format::bytes(view.memory.total_bytes() as u64)) }
            }
        }
        td.number { (view.mailbox_depth) }
        td.wide {
            ul.events {
                @for event in &view.events { li { (recent(event)) } }
            }
        }
    }
}

/// The three parts of a view's memory as one bar, beside that of the largest view.
fn memory(memory: ViewMemory, most: usize) -> impl Render {
    let scale = |bytes: usize| bytes as f64 / most.max(1) as f64 * 1000.0;
    let number = |x: f64| format!("{x:.1}");
    let (diff, buffer) = (scale(memory.diff_bytes), scale(memory.buffer_bytes));
    let mailbox = scale(memory.mailbox_bytes);
    let text = format!(
        "last render {}, frame on its way {}, mailbox {}",
        format::bytes(memory.diff_bytes as u64),
        format::bytes(memory.buffer_bytes as u64),
        format::bytes(memory.mailbox_bytes as u64),
    );
    live! {
        svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label=(text) {
            rect.bar.render x="0" y="4" width=(number(diff)) height="12" {}
            rect.bar.request x=(number(diff)) y="4" width=(number(buffer)) height="12" {}
            rect.bar.query x=(number(diff + buffer)) y="4" width=(number(mailbox)) height="12" {}
        }
    }
}

fn recent(event: &RecentEvent) -> impl Render {
    live! {
        code {
            @if let Some(component) = event.component { (component) ": " }
            (event.name)
        }
        span.note {
            (format::duration(event.took)) " · " (format::time_of_day(event.at))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use belvedere::template::to_html;

    use super::*;

    #[test]
    fn a_row_tells_components_and_their_events() {
        let event = RecentEvent {
            component: Some("Card"),
            name: "click",
            at: SystemTime::UNIX_EPOCH,
            took: Duration::from_millis(2),
        };
        let view = ViewSnapshot {
            name: "Board",
            route: "/board".into(),
            topic: "lv:phx-1".into(),
            is_connected: true,
            memory: ViewMemory::default(),
            mailbox_depth: 0,
            n_components: 4,
            events: vec![event],
        };
        let html = to_html(&row(&view, 1));
        assert!(html.contains("/board · components: 4</p>"), "{html}");
        assert!(html.contains("<code>Card: click</code>"), "{html}");
        let html = to_html(&row(&ViewSnapshot { n_components: 0, ..view }, 1));
        assert!(html.contains("/board</p>"), "{html}");
    }
}
