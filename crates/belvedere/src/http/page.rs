//! The page around a live view: rendered once, never patched by the client but for its title.

use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::base_path::BasePath;
use crate::http::assets::{LIVE_PATH, bootstrap_tag_at, client_tags_at};

/// What a layout is given for one response.
#[derive(Debug)]
pub struct Page<'a> {
    /// The title that the view has set.
    pub title: Option<&'a str>,
    /// Belongs into `<meta name="csrf-token" content=…>`, where the bootstrap script finds it.
    pub csrf_token: &'a str,
    /// The view in its container; belongs into the body.
    pub view: PreEscaped<&'a str>,
    /// Path of the page as the browser shows it, without its query.
    pub path: &'a str,
    /// Where the application stands under its host, for links and the application's own files.
    pub base_path: &'a BasePath,
}

impl Page<'_> {
    /// The `<script>` elements of the browser client; belong into the head.
    #[must_use]
    pub fn client_tags(&self) -> Markup {
        client_tags_at(self.base_path)
    }

    /// The `<script>` element that connects the page, for a layout without a script of its own;
    /// belongs behind [`client_tags`](Self::client_tags).
    #[must_use]
    pub fn bootstrap_tag(&self) -> Markup {
        bootstrap_tag_at(self.base_path)
    }

    /// What a script of the application's own gives to the client's `LiveSocket`: `/live`, below the
    /// base path.
    #[must_use]
    pub fn live_path(&self) -> String {
        self.base_path.path(LIVE_PATH)
    }
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
                (page.client_tags())
                (page.bootstrap_tag())
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
