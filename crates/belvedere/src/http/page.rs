//! The page around a live view: rendered once, never patched by the client but for its title.

use std::fmt;
use std::sync::Arc;

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

/// The page around some routes' live views, in place of the application's
/// [`layout`](crate::LiveConfig::layout).
///
/// It goes on these routes as a layer, for a part of an application with a look of its own:
///
/// ```
/// use axum::{Extension, Router};
/// use belvedere::http::page::{Layout, Page};
/// use maud::{Markup, html};
///
/// fn plain(page: &Page<'_>) -> Markup {
///     html! { html { head { meta name="csrf-token" content=(page.csrf_token); } body { (page.view) } } }
/// }
///
/// let part: Router = Router::new().layer(Extension(Layout::new(plain)));
/// ```
#[derive(Clone)]
pub struct Layout(Arc<dyn Fn(&Page<'_>) -> Markup + Send + Sync>);

impl Layout {
    /// Puts this page around the views.
    pub fn new(layout: impl Fn(&Page<'_>) -> Markup + Send + Sync + 'static) -> Self {
        Self(Arc::new(layout))
    }

    pub(super) fn around(&self, page: &Page<'_>) -> Markup {
        (self.0)(page)
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Layout").finish_non_exhaustive()
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
