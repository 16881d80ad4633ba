//! The root layout: everything around a page's own content. It is not live.
//!
//! A live page's container and CSRF token are handed in by the runtime; plain pages hand in their
//! markup and no token. The connection messages at the end are shown by the style sheet alone, from
//! the classes the client sets on the container beside them, or from their absence where its scripts
//! have not come.

use belvedere::http::assets::{client_tags, script_tag};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{APP_CSS, APP_JS};

/// What follows a page's own title, as the client repeats it when the title changes.
const TITLE_SUFFIX: &str = " · Belvedere";

/// The title of a page that has none of its own.
const DEFAULT_TITLE: &str = "Live pages";

/// Path and name of each page in the navigation.
const PAGES: [(&str, &str); 8] = [
    ("/", "Home"),
    ("/counter", "Counter"),
    ("/users", "Users"),
    ("/users-fast", "Users, fast"),
    ("/users-slow", "Users, slow"),
    ("/dashboard", "Dashboard"),
    ("/chat", "Chat"),
    ("/todos", "Todos"),
];

/// What follows these where the inspector is on.
const INSPECTOR: (&str, &str) = (belvedere_inspector::PATH, "Inspector");

/// Which pages the navigation offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// The application's own.
    Pages,
    /// Those, and the inspector.
    WithInspector,
}

/// What the layout is wrapped around.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The page's own title, without the suffix.
    pub title: Option<&'a str>,
    /// The path of the page, which is marked in the navigation.
    pub path: &'a str,
    /// The pages offered beside it.
    pub menu: Menu,
    /// The token a live page's socket must show; plain pages open no socket.
    pub csrf_token: Option<&'a str>,
    /// A live view's container, or a plain page's markup.
    pub body: PreEscaped<&'a str>,
}

/// The layout around a live view.
#[must_use]
pub fn live_page(page: &belvedere::http::page::Page<'_>, menu: Menu) -> Markup {
    layout(&Page {
        title: page.title,
        path: page.path,
        menu,
        csrf_token: Some(page.csrf_token),
        body: PreEscaped(page.view.0),
    })
}

/// The complete document.
#[must_use]
pub fn layout(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(page))
            body {
                a .skip-link href="#main" { "Skip to content" }
                (header(page))
                main #main tabindex="-1" {
                    (page.body)
                    (connection())
                }
                (footer())
            }
        }
    }
}

fn head(page: &Page<'_>) -> Markup {
    let title = page.title.unwrap_or(DEFAULT_TITLE);
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            @if let Some(token) = page.csrf_token {
                meta name="csrf-token" content=(token);
            }
            title data-default=(DEFAULT_TITLE) data-suffix=(TITLE_SUFFIX) {
                (title) (TITLE_SUFFIX)
            }
            // An empty icon, so that browsers do not ask for /favicon.ico.
            link rel="icon" href="data:,";
            link rel="stylesheet" phx-track-static href=(APP_CSS.path);
            (client_tags())
            (script_tag(APP_JS.path))
        }
    }
}

fn header(page: &Page<'_>) -> Markup {
    let inspector = (page.menu == Menu::WithInspector).then_some(INSPECTOR);
    html! {
        header .site-header {
            div {
                a .brand href="/" { (logo()) "Belvedere" }
                nav aria-label="Pages" {
                    ul {
                        @for (path, name) in PAGES {
                            li { (live_link(path, name, current(path, page.path))) }
                        }
                        @if let Some((path, name)) = inspector {
                            li { a href=(path) aria-current=[current(path, page.path)] { (name) } }
                        }
                    }
                }
            }
        }
    }
}

/// A link that the browser's client follows on the page's socket; without one, an ordinary link.
fn live_link(path: &str, name: &str, current: Option<&str>) -> Markup {
    html! {
        a href=(path) data-phx-link="redirect" data-phx-link-state="push" aria-current=[current] {
            (name)
        }
    }
}

/// `page` for the page itself, `true` for a page below that of the menu.
fn current(menu: &str, page: &str) -> Option<&'static str> {
    match page.strip_prefix(menu)? {
        "" => Some("page"),
        below if below.starts_with(['/', '?']) && menu != "/" => Some("true"),
        _ => None,
    }
}

/// A beating heart line: the page is alive.
fn logo() -> Markup {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" {
            path d="M2 13h4.5L9.5 5l5 14 3-6H22" {}
        }
    }
}

fn connection() -> Markup {
    html! {
        div .connection role="status" aria-live="polite" {
            p #connection-lost .lost { "Connection lost. Reconnecting…" }
            p #connection-failed .failed { "Something went wrong on the server. Trying again…" }
            p #connection-cookies .cookies {
                "This page needs cookies, and your browser keeps none. Allow them for this site. Trying again…"
            }
            p #connection-incomplete .incomplete {
                span { "This page has not loaded completely. " a href="" { "Load it again" } }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer .site-footer {
            div {
                "Rendered on the server by Rust, kept live over one WebSocket. "
                a href="/live/client/LICENSES.txt" { "Licences of the browser client" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: Option<&str>) -> String {
        let body = PreEscaped("<p>content</p>");
        let menu = Menu::Pages;
        let page = Page { title, path: "/counter", menu, csrf_token: Some("t\"k"), body };
        layout(&page).into_string()
    }

    #[test]
    fn title_has_the_suffix_the_client_repeats() {
        let title = "<title data-default=\"Live pages\" data-suffix=\" · Belvedere\">";
        assert!(page(Some("Users")).contains(&format!("{title}Users · Belvedere</title>")));
        assert!(page(None).contains(&format!("{title}Live pages · Belvedere</title>")));
    }

    #[test]
    fn token_is_escaped_in_the_head() {
        assert!(page(None).contains("<meta name=\"csrf-token\" content=\"t&quot;k\">"));
    }

    #[test]
    fn current_page_is_marked_once() {
        let page = page(None);
        assert_eq!(page.matches("aria-current").count(), 1);
        assert!(page.contains("<a href=\"/counter\" data-phx-link=\"redirect\" data-phx-link-state=\"push\" aria-current=\"page\">"));
    }

    #[test]
    fn pages_below_the_inspector_mark_it() {
        assert_eq!(current("/inspector", "/inspector"), Some("page"));
        assert_eq!(current("/inspector", "/inspector/trace/1"), Some("true"));
        assert_eq!(current("/inspector", "/inspectors"), None);
        assert_eq!(current("/", "/counter"), None);
    }

    #[test]
    fn nothing_is_inline() {
        let page = page(None);
        assert!(
            !page.contains("style=") && !page.contains("<script>") && !page.contains("onclick")
        );
    }
}
