//! Error pages: in place of a live view, and for the rest of an application.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, OriginalUri, Request};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use http::{Extensions, StatusCode};
use http_body_util::BodyExt as _;
use tracing::Span;

use crate::http::page::{ErrorPage, PageError};
use crate::http::requested::is_join;
use crate::http::security::add_headers_of;
use crate::runtime::Runtime;

/// Most bytes of a failure's words that the log repeats.
const MAX_LOGGED_BYTES: usize = 1024;

/// On a response whose plain words tell an author what to change, in a debug build: no page hides them.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForAuthor;

/// Shows the application's [`ErrorPage`] for what has no page: unknown addresses and methods, refusals
/// in plain words, and handlers that panic, which end in a line of the log and status 500.
///
/// A middleware for [`axum::middleware::from_fn`], on a router before
/// [`LiveRuntime::serve`](crate::LiveRuntime::serve). Answers in HTML or JSON stay as they are, and so
/// does everything asked for by who does not accept `text/html`: a health check, a script. The page
/// knows what layers around this one have put into the request's extensions.
///
/// Of plain words with 5xx, but 503, the first 1,024 bytes are an error in the log, once a minute for each route and
/// status.
///
/// ```
/// use axum::{Router, middleware};
/// use belvedere::http::error_pages;
/// use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
///
/// let pages = Router::new().layer(middleware::from_fn(error_pages));
/// let app = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random())).serve(pages);
/// # let _: Router = app;
/// ```
pub async fn error_pages(request: Request, next: Next) -> Response {
    let Some(runtime) = request.extensions().get::<Arc<Runtime>>().cloned() else {
        return next.run(request).await;
    };
    if is_join(request.extensions()) {
        return next.run(request).await;
    }
    let accepts_html = accepts_html(request.headers());
    let original = request.extensions().get::<OriginalUri>();
    let path = original.map_or_else(|| request.uri().path(), |uri| uri.0.path()).to_owned();
    let extensions = request.extensions().clone();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answered.unwrap_or_else(|_| {
        tracing::error!(path, "a handler panicked; the panic's own words are above");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    match accepts_html {
        true => with_page(&runtime, &extensions, &path, response).await,
        false => with_words_heard(&runtime, &extensions, &path, response),
    }
}

/// The response, with a page in place of plain words about a failure.
pub(super) async fn with_page(
    runtime: &Arc<Runtime>,
    extensions: &Extensions,
    path: &str,
    response: Response,
) -> Response {
    let status = response.status();
    if !is_plain_failure(&response) {
        return response;
    }
    let (mut parts, mut body) = response.into_parts();
    let mut words = Words::new(runtime, extensions, path, status);
    while let Some(Ok(frame)) = body.frame().await {
        if words.hear(frame.data_ref()).is_break() {
            break;
        }
    }
    drop(words);
    for of_the_words in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
        parts.headers.remove(of_the_words);
    }
    let page = error_page(runtime, extensions, path, status);
    // What the refusal has set stands.
    for (name, value) in page.headers() {
        parts.headers.entry(name).or_insert_with(|| value.clone());
    }
    // It may say who is signed in.
    parts.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, page.into_body())
}

/// The response as it is; of plain words about a failure the log hears while they are sent.
fn with_words_heard(
    runtime: &Arc<Runtime>,
    extensions: &Extensions,
    path: &str,
    response: Response,
) -> Response {
    if !is_plain_failure(&response) {
        return response;
    }
    let mut words = Some(Words::new(runtime, extensions, path, response.status()));
    response.map(|body| {
        Body::new(body.inspect_frame(move |frame| {
            if words.as_mut().is_some_and(|words| words.hear(frame.data_ref()).is_break()) {
                words = None;
            }
        }))
    })
}

/// The words of a failure, which are told to the log when this is dropped.
struct Words {
    runtime: Arc<Runtime>,
    path: Box<str>,
    route: Box<str>,
    status: StatusCode,
    /// Of the request, which may be over by then.
    span: Span,
    /// What was heard; one byte more than the log repeats, where there are more.
    heard: Vec<u8>,
}

impl Words {
    fn new(
        runtime: &Arc<Runtime>,
        extensions: &Extensions,
        path: &str,
        status: StatusCode,
    ) -> Self {
        let route = extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Self {
            runtime: Arc::clone(runtime),
            path: path.into(),
            route: route.into(),
            status,
            span: Span::current(),
            heard: Vec::new(),
        }
    }

    /// Takes in the next piece; no more is needed when it breaks.
    fn hear(&mut self, piece: Option<&Bytes>) -> ControlFlow<()> {
        let piece = piece.map_or(&[][..], |piece| piece);
        let room = MAX_LOGGED_BYTES + 1 - self.heard.len();
        self.heard.extend_from_slice(&piece[..piece.len().min(room)]);
        if self.heard.len() > MAX_LOGGED_BYTES {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// As text, and that it goes on where it does.
    fn text(&self) -> Cow<'_, str> {
        match self.heard.split_at_checked(MAX_LOGGED_BYTES) {
            Some((first, [_, ..])) => {
                let first = String::from_utf8_lossy(first);
                // The last character may have been cut.
                format!("{}…", first.trim_end_matches(char::REPLACEMENT_CHARACTER)).into()
            }
            _ => String::from_utf8_lossy(&self.heard),
        }
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        let _within = self.span.enter();
        let (path, status, n_bytes) = (&*self.path, self.status, self.heard.len());
        // Strangers can make a server busy as often as they like.
        let is_fault = status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
        if is_fault
            && n_bytes > 0
            && let Some(times) = self.runtime.told.failures.again((self.route.clone(), status))
        {
            let words = self.text();
            tracing::error!(path, status = status.as_u16(), times, "refused: {words}");
        } else {
            // Without its words, which may repeat what the visitor has filled in.
            tracing::debug!(path, status = status.as_u16(), n_bytes, "refused in plain words");
        }
    }
}

/// The page that says this status.
pub(super) fn error_page(
    runtime: &Runtime,
    extensions: &Extensions,
    path: &str,
    status: StatusCode,
) -> Response {
    let page = extensions.get::<ErrorPage>().unwrap_or(&runtime.config.error_page);
    let error = PageError { status, path, base_path: &runtime.config.base_path, extensions };
    let mut response = (status, Html(page.of(&error).0)).into_response();
    add_headers_of(&runtime.config, response.headers_mut());
    response
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

/// Whether a response says in plain words, or none, that something failed.
fn is_plain_failure(response: &Response) -> bool {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    let is_for_author = response.extensions().get::<ForAuthor>().is_some();
    is_failure && !is_for_author && is_plain(response.headers())
}

/// Whether a body is plain text, or none.
fn is_plain(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    content_type.is_none_or(|value| value.starts_with(b"text/plain"))
}
