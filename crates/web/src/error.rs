//! Errors in the user's words: the one place that turns a failure into a page.

use axum::response::Response;
use belvedere::http::page::PageError;
use http::{HeaderValue, StatusCode, header};
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
            "Something in the form is missing, too long, taken already or cannot be shown, or the list is full. \
             Go back, change it and send it again.",
        ),
        StatusCode::FORBIDDEN => {
            ("Not allowed", "Either this server takes no changes, or the form is another site's.")
        }
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many pages",
            "So many were opened at your address that there is no room for one more. Try again in a moment.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "Busy just now",
            "Others are saving or exporting as much as this server can do at a time, and nothing was changed. \
             Try again in a moment.",
        ),
        StatusCode::INSUFFICIENT_STORAGE => (
            "No room",
            "The server has no room to save anything now, and nothing was changed. Try again in a moment.",
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

/// How many seconds whoever finds the server busy should wait.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Says when to come again, on each response that says that the server is busy.
pub async fn retry_after(mut response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().entry(header::RETRY_AFTER).or_insert(RETRY_AFTER);
    }
    response
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
        assert!(said(StatusCode::SERVICE_UNAVAILABLE).contains("Busy just now"));
        assert!(said(StatusCode::INSUFFICIENT_STORAGE).contains("no room to save"));
        assert!(said(StatusCode::TOO_MANY_REQUESTS).contains("Try again in a moment"));
        assert!(said(StatusCode::CONFLICT).contains("Conflict"));
    }
}
