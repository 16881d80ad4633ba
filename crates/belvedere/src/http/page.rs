//! The page around a live view: rendered once, never patched by the client but for its title.

use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::http::assets::{bootstrap_tag, client_tags};

/// What a layout is given for one response.
#[derive(Debug)]
pub struct Page<'a> {
    /// The title that the view has set.
    pub title: Option<&'a str>,
    /// Belongs into `<meta name="csrf-token" content=…>`, where the bootstrap script finds it.
    pub csrf_token: &'a str,
    /// The view in its container; belongs into the body.
    pub view: PreEscaped<&'a str>,
    /// Path of the page, without its query.
    pub path: &'a str,
}

/// A bare page: the client's scripts, the default bootstrap, the view.
#[must_use]
pub fn default_layout(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="csrf-token" content=(page.csrf_token);
                title { (page.title.unwrap_or_default()) }
                (no_icon())
                (client_tags())
                (bootstrap_tag())
            }
            body { (page.view) }
        }
    }
}

/// Says that a page has no icon: a browser would ask for `/favicon.ico` and be answered with 404.
fn no_icon() -> Markup {
    html! { link rel="icon" href="data:,"; }
}

/// The status in words, and nothing about its cause.
#[must_use]
pub fn default_error_page(status: StatusCode) -> Markup {
    let words = status.canonical_reason().unwrap_or("Error");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (status.as_u16()) " " (words) }
                (no_icon())
            }
            body { h1 { (status.as_u16()) " " (words) } }
        }
    }
}
