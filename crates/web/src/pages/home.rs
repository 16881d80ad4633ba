//! `/`: what this is, with a running piece of it beside its code, and where the pages are.

use axum::extract::State;
use belvedere::{Container, LiveView, MountError, Render, Socket, live, nested};

use crate::layout::Menu;
use crate::pages::counter::Counter;

/// The counter as its file has it.
const COUNTER: &str = include_str!("counter.rs");

/// The repository, which the application's manifest names.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Path, name, tag and description of each live page beside the comparison.
const PAGES: [(&str, &str, &str, &str); 4] = [
    (
        "/users",
        "Users and their lists",
        "URLs, forms, undo",
        "Search, sort, add and edit. Everyone has a list, kept by keyboard, by dragging, or without JavaScript.",
    ),
    (
        "/todos",
        "Todos",
        "components",
        "Rows that know by themselves whether they are being renamed, loaded by one query.",
    ),
    (
        "/chat",
        "Chat",
        "streams, messages",
        "Open it twice. What one browser says, the server sends to all and forgets.",
    ),
    (
        "/counter",
        "Counter",
        "1 number",
        "The page from above by itself: one number, two buttons, no script.",
    ),
];

/// The newest traces of the two users pages side by side.
const COMPARISON: &str = "/inspector/compare?left=GET+/users-fast&right=GET+/users-slow";

/// The trace of the fast page, as any viewer draws it.
const FAST_TRACE: &str = "\
GET /users-fast
├─ UsersFast mount
│  └─ SELECT users todo_list_items SELECT users
└─ UsersFast render";

/// The trace of the slow page.
const SLOW_TRACE: &str = "\
GET /users-slow
├─ UsersSlow mount
│  ├─ SELECT users
│  ├─ SELECT todo_list_items
│  ├─ SELECT todo_list_items
│  └─ … once more for every user
└─ UsersSlow render";

/// The page's state: nothing that changes. What lives is nested in it.
#[derive(Debug)]
pub struct Home {
    menu: Menu,
}

impl LiveView for Home {
    type Extract = State<Menu>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(
        State(menu): State<Menu>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Home");
        Ok(Self { menu })
    }

    fn render(&self) -> impl Render {
        live! {
            div .stack {
                h1 { "Live pages in Rust, and what they cost" }
                p .lead {
                    "Belvedere is a library for axum. The state of a page lives in one task on the server. \
                     The first response is complete HTML; after that a WebSocket carries only what \
                     changed. Every page can be watched in a trace, down to its queries."
                }
                (library())
                (comparison(self.menu))
                (pages())
                (traces())
            }
        }
    }
}

/// The counter's file beside the counter.
fn library() -> impl Render {
    live! {
        section .stack #library aria-labelledby="library-title" {
            h2 #library-title { "A page is a struct, an enum and a template" }
            div.side-by-side.code-and-page {
                pre tabindex="0" aria-label="Source of the counter" { code { (COUNTER) } }
                div .running {
                    p { "This counter runs in a task of its own on the server. Its code is on this page." }
                    (nested::<Counter>("counter", ()).container(Container::new().class("live-example")))
                    p.actions {
                        a.button href={ (REPOSITORY) "/tree/main/crates/guide" } { "Read the guide" }
                        a.button.quiet href={ (REPOSITORY) "/tree/main/starter" } { "Take the starter" }
                    }
                }
            }
        }
    }
}

/// The two users pages, and where to see them side by side.
fn comparison(menu: Menu) -> impl Render {
    live! {
        section .stack #comparison aria-labelledby="comparison-title" {
            h2 #comparison-title { "See why the slow page is slow" }
            ul .cards {
                li { (card("/users-fast?round_trip_ms=5", "Users, fast", "1 query",
                    "Users with their number of todo items, counted by the database in one query.")) }
                li { (card("/users-slow?round_trip_ms=5", "Users, slow", "N+1 queries",
                    "The same table, loaded with one query for the users and one more for each of them.")) }
            }
            p {
                "Both as if the database were 5 ms away, which the pages can change. With it in the same \
                 process, as it is here, an N+1 hides well."
            }
            @if menu == Menu::WithInspector {
                p { "This server keeps its last traces. Open both pages, then look at the two on one axis of time." }
                p.actions {
                    a.button href=(COMPARISON) { "Compare fast and slow" }
                    a.button.quiet href="/inspector" { "All traces" }
                    a.button.quiet href="/inspector/live" { "Live views" }
                }
            }
        }
    }
}

fn pages() -> impl Render {
    live! {
        section .stack #pages aria-labelledby="pages-title" {
            h2 #pages-title { "More pages" }
            ul .cards {
                @for (path, name, tag, description) in PAGES {
                    li { (card(path, name, tag, description)) }
                }
            }
        }
    }
}

fn card(
    path: &'static str,
    name: &'static str,
    tag: &'static str,
    description: &'static str,
) -> impl Render {
    live! {
        a .card href=(path) {
            h3 { (name) }
            span .tag { (tag) }
            p { (description) }
        }
    }
}

fn traces() -> impl Render {
    live! {
        section .stack #traces aria-labelledby="traces-title" {
            h2 #traces-title { "Traces in a back end of your own" }
            p {
                "Start the server with the address of anything that receives OpenTelemetry, such \
                 as Grafana Tempo or a collector:"
            }
            pre tabindex="0" { code { "OTLP_ENDPOINT=http://localhost:4318 cargo run" } }
            p {
                "Open both users pages and search for their traces by the name of the request. \
                 The mount of each view contains the queries it ran:"
            }
            div.side-by-side {
                pre tabindex="0" { code { (FAST_TRACE) } }
                pre tabindex="0" { code { (SLOW_TRACE) } }
            }
            p {
                "Refresh on a page is a short trace of its own, linked to the page's mount. \
                 In Tempo, " code { "{ name = \"UsersSlow mount\" }" } " finds the slow ones."
            }
        }
    }
}
