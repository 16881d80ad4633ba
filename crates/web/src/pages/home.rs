//! `/`: what this is, where the pages are, how to read their traces. Not live.

use axum::extract::State;
use maud::{Markup, PreEscaped, html};

use crate::layout::{Menu, Page, layout};

/// Path, name, tag and description of each live page.
const LIVE_PAGES: [(&str, &str, &str, &str); 3] = [
    (
        "/counter",
        "Counter",
        "1 number",
        "The smallest live view: one number, two buttons, no script.",
    ),
    (
        "/users-fast",
        "Users, fast",
        "1 query",
        "Users with their number of todo items, counted by the database in one query.",
    ),
    (
        "/users-slow",
        "Users, slow",
        "N+1 queries",
        "The same table, loaded with one query for the users and one more for each of them.",
    ),
];

/// The newest traces of the two users pages side by side.
const COMPARISON: &str = "/inspector/compare?left=GET+/users-fast&right=GET+/users-slow";

/// The trace of the fast page, as any viewer draws it.
const FAST_TRACE: &str = "\
GET /users-fast
├─ UsersFast mount
│  └─ SELECT users todo_list_items
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

/// Answers `GET /`.
pub async fn home(State(menu): State<Menu>) -> Markup {
    let body = body(menu);
    layout(&Page {
        title: Some("Home"),
        path: "/",
        menu,
        csrf_token: None,
        body: PreEscaped(&body.0),
    })
}

fn body(menu: Menu) -> Markup {
    html! {
        div .stack {
            h1 { "Live pages in Rust, and what they cost" }
            p .lead {
                "The state of each page lives in one task on the server. The first response is \
                 complete HTML; after that a WebSocket carries only what changed. Every page below \
                 can be watched in a trace, down to its queries."
            }
            ul .cards {
                @for (path, name, tag, description) in LIVE_PAGES {
                    li {
                        a .card href=(path) {
                            h2 { (name) }
                            span .tag { (tag) }
                            p { (description) }
                        }
                    }
                }
            }
            @if menu == Menu::WithInspector { (inspector()) }
            (traces())
        }
    }
}

fn inspector() -> Markup {
    html! {
        section .stack #inspector aria-labelledby="inspector-title" {
            h2 #inspector-title { "See why the slow page is slow" }
            p {
                "This server keeps its last traces. Open both users pages, then look at the two \
                 side by side, on one axis of time."
            }
            p.actions {
                a.button href=(COMPARISON) { "Compare fast and slow" }
                a.button.quiet href="/inspector" { "All traces" }
                a.button.quiet href="/inspector/live" { "Live views" }
            }
        }
    }
}

fn traces() -> Markup {
    html! {
        section .stack #traces aria-labelledby="traces-title" {
            h2 #traces-title { "Or in a back end of your own" }
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
