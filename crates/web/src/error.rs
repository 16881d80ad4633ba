//! Errors in the user's words: the one place that turns a failure into a page.

use belvedere::http::page::PageError;
use http::StatusCode;
use maud::{Markup, PreEscaped, html};

use crate::layout::{Menu, Page, layout};

/// What a person sees instead of the page they asked for.
#[must_use]
pub fn page(error: &PageError<'_>, menu: Menu) -> Markup {
    let status = error.status;
    let (title, advice) = match status {
        StatusCode::NOT_FOUND => {
            ("Page not found", "Check the address, or start again from the home page.")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Not possible here", "Open the page from the navigation instead.")
        }
        StatusCode::UNPROCESSABLE_ENTITY => (
            "Not saved",
            "Something in the form is missing, too long or taken already. Go back, change it and send it again.",
        ),
        StatusCode::FORBIDDEN => {
            ("Not allowed", "Either this server takes no changes, or the form is another site's.")
        }
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many pages",
            "So many were opened at your address that there is no room for one more. Try again in a moment.",
        ),
        status if status.is_server_error() => {
            ("Something went wrong", "It has been noted. Try again in a moment.")
        }
        status => {
            let title = status.canonical_reason().unwrap_or("Not possible");
            (title, "Start again from the home page.")
        }
    };
    error_page(status, menu, title, advice)
}

/// A page that says what went wrong and what to do.
pub(crate) fn error_page(status: StatusCode, menu: Menu, title: &str, advice: &str) -> Markup {
    let body = html! {
        div.stack.error-page {
            p.status { (status.as_u16()) }
            h1 { (title) }
            p.lead { (advice) }
            p { a.button href="/" { "Go to the home page" } }
        }
    };
    layout(&Page {
        title: Some(title),
        path: "",
        menu,
        csrf_token: None,
        body: PreEscaped(&body.0),
    })
}

#[cfg(test)]
mod tests {
    use belvedere::BasePath;
    use http::Extensions;

    use super::*;

    #[test]
    fn a_failure_says_what_its_status_means() {
        let said = |status| {
            let (base_path, extensions) = (&BasePath::default(), &Extensions::new());
            page(&PageError { status, path: "/", base_path, extensions }, Menu::Pages).0
        };
        assert!(said(StatusCode::NOT_FOUND).contains("Page not found"));
        assert!(said(StatusCode::BAD_GATEWAY).contains("Something went wrong"));
        assert!(said(StatusCode::FORBIDDEN).contains("Not allowed"));
        assert!(said(StatusCode::TOO_MANY_REQUESTS).contains("Try again in a moment"));
        assert!(said(StatusCode::CONFLICT).contains("Conflict"));
    }
}
