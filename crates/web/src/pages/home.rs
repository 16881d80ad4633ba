//! `/`: what this is, where the pages are, how to read their traces. Not live.

use maud::{Markup, PreEscaped, html};

use crate::layout::{Page, layout};

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

/// The trace of the fast page, as any viewer draws it.
const FAST_TRACE: &str = "\
GET /users-fast
├─ UsersFast mount
│  └─ SELECT users
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
pub async fn home() -> Markup {
    let body = body();
    layout(&Page { title: Some("Home"), path: "/", csrf_token: None, body: PreEscaped(&body.0) })
}

fn body() -> Markup {
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
            (traces())
        }
    }
}

fn traces() -> Markup {
    html! {
        section .stack #traces aria-labelledby="traces-title" {
            h2 #traces-title { "See why the slow page is slow" }
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
