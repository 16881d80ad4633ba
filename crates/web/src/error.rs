//! Errors in the user's words: the one place that turns a failure into a response.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::StatusCode;
use maud::{Markup, PreEscaped, html};

use crate::layout::{Menu, Page, layout};

/// What a person sees instead of the page they asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageError {
    /// No page at this address.
    NotFound,
    /// A page is here, but not for this method.
    MethodNotAllowed,
    /// Our own fault; the log says more.
    Internal,
}

impl PageError {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::MethodNotAllowed => "Not possible here",
            Self::Internal => "Something went wrong",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::NotFound => "Check the address, or start again from the home page.",
            Self::MethodNotAllowed => "Open the page from the navigation instead.",
            Self::Internal => "It has been noted. Try again in a moment.",
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        (self.status(), error_page(self.status(), self.title(), self.advice())).into_response()
    }
}

/// The page of a live view that refused to mount, as the runtime asks for it.
#[must_use]
pub fn live_page(status: StatusCode) -> Markup {
    match status {
        StatusCode::NOT_FOUND => {
            error_page(status, PageError::NotFound.title(), PageError::NotFound.advice())
        }
        status if status.is_server_error() => {
            error_page(status, PageError::Internal.title(), PageError::Internal.advice())
        }
        status => {
            let title = status.canonical_reason().unwrap_or("Not possible");
            error_page(status, title, "Start again from the home page.")
        }
    }
}

/// A page that says what went wrong and what to do.
pub(crate) fn error_page(status: StatusCode, title: &str, advice: &str) -> Markup {
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
        menu: Menu::Pages,
        csrf_token: None,
        body: PreEscaped(&body.0),
    })
}

/// Answers every address that no route has.
pub async fn not_found() -> PageError {
    PageError::NotFound
}

/// Answers a known address with an unknown method.
pub async fn method_not_allowed() -> PageError {
    PageError::MethodNotAllowed
}

/// Turns a panic of the routes below into the error page; without it the browser sees a closed
/// connection and no reason.
pub async fn catch_panic(request: Request, next: Next) -> Response {
    // The routes share nothing that a panic could leave half changed but the pools, which discard
    // what was in use.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request handler panicked; the panic's own message is above");
            PageError::Internal.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_page() {
        async fn broken() -> &'static str {
            panic!("on purpose")
        }
        let app: Router = Router::new().route("/", get(broken)).layer(from_fn(catch_panic));
        let request = Request::get("/").body(Body::empty()).expect("a valid request");
        let response = app.oneshot(request).await.expect("a router cannot fail");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_refused_view_says_what_its_status_means() {
        assert!(live_page(StatusCode::NOT_FOUND).0.contains("Page not found"));
        assert!(live_page(StatusCode::BAD_GATEWAY).0.contains("Something went wrong"));
        assert!(live_page(StatusCode::FORBIDDEN).0.contains("Forbidden"));
    }
}
