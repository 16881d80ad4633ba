//! A list whose search, order and page stand in its URL: the back button, a reload, a link sent to
//! somebody and a lost connection all lead to what was shown. Served on http://localhost:4000/search.
//!
//! Run it with `cargo run -p belvedere --example search`; another port is an argument.

use axum::Router;
use belvedere::{History, LiveConfig, LiveEvent, LivePath, LiveRouter, LiveRuntime, LiveView};
use belvedere::{MountError, Render, Result, SecretKeyBase, Socket, live};
use serde::{Deserialize, Serialize};

const MOUNTAINS: [(&str, u32); 12] = [
    ("Aconcagua", 6961),
    ("Ararat", 5137),
    ("Cook", 3724),
    ("Denali", 6190),
    ("Elbrus", 5642),
    ("Etna", 3357),
    ("Everest", 8849),
    ("Fuji", 3776),
    ("Kilimanjaro", 5895),
    ("Mont Blanc", 4806),
    ("Triglav", 2864),
    ("Zugspitze", 2962),
];
const PAGE_ROWS: usize = 5;

/// Most letters of a search: no name is longer, and a page's URL has a bound.
const MAX_CHARS: usize = 50;

/// What the URL says: `/search?q=e&by_height=true&page=1`.
#[derive(Clone, Default, Serialize, Deserialize, LivePath)]
#[live_path("/search")]
#[serde(default)]
pub(crate) struct Search {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_height: bool,
    page: usize,
}

/// The page; its rows are those that the URL asks for.
#[derive(Default)]
pub(crate) struct Mountains {
    at: Search,
    rows: Vec<(&'static str, u32)>,
    n_pages: usize,
}

#[derive(Deserialize)]
pub(crate) struct Find {
    q: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Find(Find),
}

impl LiveView for Mountains {
    type Extract = ();
    type Params = Search;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_params(
        &mut self,
        at: Search,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        let wanted = at.q.to_lowercase();
        let is_found = |(name, _): &(&str, u32)| name.to_lowercase().contains(&wanted);
        let mut found: Vec<_> = MOUNTAINS.into_iter().filter(is_found).collect();
        if at.by_height {
            found.sort_by_key(|(_, metres)| std::cmp::Reverse(*metres));
        }
        self.n_pages = found.len().div_ceil(PAGE_ROWS).max(1);
        if at.page >= self.n_pages {
            return Ok(
                socket.patch_with(Search { page: self.n_pages - 1, ..at }, History::Replace)?
            );
        }
        self.rows = found.into_iter().skip(at.page * PAGE_ROWS).take(PAGE_ROWS).collect();
        socket.set_title(if at.q.is_empty() { "Mountains" } else { &at.q });
        self.at = at;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        let Event::Find(Find { q }) = event;
        let q = q.chars().take(MAX_CHARS).collect();
        Ok(socket.patch_with(Search { q, page: 0, ..self.at.clone() }, History::Replace)?)
    }

    fn render(&self) -> impl Render {
        let at = |by_height, page| Search { by_height, page, ..self.at.clone() };
        let Search { by_height, page, .. } = self.at;
        live! {
            h1 { "Mountains" }
            // Without JavaScript the form is an ordinary search. The URL brings the text back by itself.
            form #search role="search" action=(Search::ROUTE) phx-change=(Event::FIND)
                phx-submit=(Event::FIND) phx-auto-recover="ignore" {
                input type="search" name="q" value=(self.at.q) aria-label="Name"
                    maxlength=(MAX_CHARS) phx-debounce="150";
            }
            p { a #order patch=(at(!by_height, 0)) {
                @if by_height { "By name" } @else { "By height" }
            } }
            ol { @for (name, metres) in &self.rows, key=(name) { li { (name) ", " (metres) " m" } } }
            nav aria-label="Pages" {
                @if page > 0 { a #back patch=(at(by_height, page - 1)) { "Back" } " " }
                "Page " (page + 1) " of " (self.n_pages) " "
                @if page + 1 < self.n_pages { a #next patch=(at(by_height, page + 1)) { "Next" } }
            }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Mountains>(Search::ROUTE));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}
