//! The page around each of the inspector's, live or not. Nothing of the application's is used.

use belvedere::http::page::Page;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::inspector::Inspector;
use crate::styles;

/// What follows a page's own title, as the client repeats it when the title changes.
const TITLE_SUFFIX: &str = " · Inspector";

/// The layout around a live view.
pub(crate) fn live_page(inspector: &Inspector, page: &Page<'_>) -> Markup {
    let title = page.title.unwrap_or("Inspector");
    let scripts = html! {
        meta name="csrf-token" content=(page.csrf_token);
        (page.client_tags())
        (page.bootstrap_tag())
    };
    document(inspector, title, &scripts, page.view)
}

/// A page that is not live.
pub(crate) fn plain_page(inspector: &Inspector, title: &str, body: &Markup) -> Markup {
    document(inspector, title, &html! {}, PreEscaped(&body.0))
}

fn document(
    inspector: &Inspector,
    title: &str,
    scripts: &Markup,
    body: PreEscaped<&str>,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title data-suffix=(TITLE_SUFFIX) { (title) (TITLE_SUFFIX) }
                // An empty icon, so that browsers do not ask for /favicon.ico.
                link rel="icon" href="data:,";
                link rel="stylesheet" phx-track-static href=(inspector.place(styles::path()));
                (scripts)
            }
            body {
                a .skip-link href="#main" { "Skip to content" }
                header .inspector-top {
                    a .brand href=(inspector.path("")) { (mark()) "Inspector" }
                    a .home href=(inspector.place("/")) { "To the application" }
                }
                main #main tabindex="-1" {
                    (body)
                    (connection())
                }
            }
        }
    }
}

/// Three bars of a waterfall.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="3"
            stroke-linecap="round" aria-hidden="true" {
            path d="M3 6h12M7 12h10M11 18h10" {}
        }
    }
}

/// Shown by the style sheet alone, from the classes that the client sets on the container before it.
fn connection() -> Markup {
    html! {
        div .connection role="status" aria-live="polite" {
            p #connection-lost .lost { "Connection lost. Reconnecting…" }
            p #connection-failed .failed { "Something went wrong on the server. Trying again…" }
        }
    }
}
