//! The first response of a page: mount, render to HTML, hold the view for the browser's join.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};
use maud::{Markup, PreEscaped, html};
use tracing::{Instrument, Span};

use crate::error::MountError;
use crate::flash::with_flash;
use crate::http::live_route::route_of;
use crate::http::page::Page;
use crate::http::security::add_security_headers;
use crate::http::session::{Session, flash_of, reload_status, session_cookie, used_cookies};
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::mailbox::Mailbox;
use crate::runtime::view_task::ViewState;
use crate::socket::{Identity, Socket};
use crate::telemetry::{self, PageTrace};
use crate::template::Renderer;
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::token::{CsrfToken, PageToken, SessionId, StaticToken};

/// Names of headers by which browsers mark a request that nobody may ever look at.
const PURPOSE_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("sec-purpose"), HeaderName::from_static("purpose")];

/// Answers the `GET` of a page.
pub(super) async fn answer<V, S>(runtime: &Arc<Runtime>, parts: &mut Parts, state: &S) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    S: Send + Sync,
{
    let session = Session::of(&parts.headers, &runtime.keys);
    let session_id = session.or_new();
    let rendered = match reload_status(&parts.headers, &runtime.keys) {
        // The join of this page was just refused: show why instead of trying again.
        Some(status) => Err(error_page(runtime, status)),
        None => render_page::<V, S>(runtime, parts, state, session_id).await,
    };
    let mut response = match rendered {
        Ok(page) => Html(page.0).into_response(),
        Err(refusal) => refusal,
    };
    let headers = response.headers_mut();
    for used in used_cookies(&parts.headers) {
        headers.append(header::SET_COOKIE, used);
    }
    if !matches!(session, Session::Known(_)) {
        let cookie = session_cookie(session_id, &runtime.keys, is_secure(runtime, parts));
        headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    // The page embeds tokens of one visitor.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    add_security_headers(headers);
    response
}

async fn render_page<V, S>(
    runtime: &Arc<Runtime>,
    parts: &mut Parts,
    state: &S,
    session: SessionId,
) -> Result<Markup, Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    S: Send + Sync,
{
    let extracted = V::Extract::from_request_parts(parts, state).await;
    let extract = extracted.map_err(IntoResponse::into_response)?;
    let mount_span = telemetry::mount_span(V::name());
    let page = PageTrace::of(&mount_span);
    let state = mount::<V>(runtime, parts, session, extract, &mount_span, page).await?;
    drop(mount_span);
    let view = render(runtime, &state).map_err(|_| error_page(runtime, 500))?;
    let socket = &state.socket;
    let document = (runtime.config.layout)(&Page {
        title: socket.title.as_deref(),
        csrf_token: &CsrfToken::issue(&socket.identity.session, &runtime.keys),
        view: PreEscaped(&view),
        path: parts.uri.path(),
    });
    if is_looked_at(parts) {
        let topic = state.socket.identity.topic.clone();
        let config = &runtime.config;
        let (ttl, limits) = (config.page_hold, config.page_hold_limits);
        runtime.views.hold_page(topic, state.claim(), Box::new(state), ttl, limits);
    }
    Ok(document)
}

async fn mount<V: LiveView>(
    runtime: &Arc<Runtime>,
    parts: &Parts,
    session: SessionId,
    extract: V::Extract,
    span: &Span,
    page: PageTrace,
) -> Result<ViewState<V>, Response> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = LocalPath::new(path).map_err(|_| error_page(runtime, 400))?;
    let topic = format!("{}{}", keys::TOPIC_VIEW_PREFIX, random_id()).into();
    let identity = Identity { topic, session, route: route_of(parts), url, page };
    let mailbox = Mailbox::new(runtime.config.mailbox_capacity, Arc::clone(&runtime.in_flight));
    let flash = flash_of(&parts.headers, &runtime.keys);
    let mut socket = Socket::<V>::new(Arc::new(mailbox), identity, flash);
    let mounting = V::mount(extract, &mut socket).instrument(span.clone());
    match AssertUnwindSafe(mounting).catch_unwind().await {
        Ok(Ok(view)) => Ok(ViewState { view, socket }),
        Ok(Err(error)) => Err(refusal::<V>(runtime, error, span)),
        Err(_) => {
            tracing::error!(view = V::name(), "mount panicked");
            telemetry::fail(span, "panic", "mount panicked");
            Err(error_page(runtime, 500))
        }
    }
}

/// The view as HTML in its container; `Err` when rendering panicked.
fn render<V: LiveView>(runtime: &Runtime, state: &ViewState<V>) -> Result<String, ()> {
    let container = container(runtime, state);
    let span = telemetry::render_span(V::name());
    let rendered = span.in_scope(|| {
        let flash = &state.socket.flash;
        let render =
            || Renderer::html(&state.view.render(), |html| (filled(&container, html), html.len()));
        std::panic::catch_unwind(AssertUnwindSafe(|| with_flash(flash, render)))
    });
    match rendered {
        Ok((view, html_bytes)) => {
            telemetry::record_render(&span, html_bytes, 0);
            Ok(view)
        }
        Err(_) => {
            tracing::error!(view = V::name(), "render panicked");
            telemetry::fail(&span, "panic", "render panicked");
            Err(())
        }
    }
}

/// The element that holds the view, empty.
fn container<V: LiveView>(runtime: &Runtime, state: &ViewState<V>) -> Markup {
    let identity = &state.socket.identity;
    let view_id = identity.topic.strip_prefix(keys::TOPIC_VIEW_PREFIX).unwrap_or_default();
    let now = SystemTime::now();
    let session = PageToken {
        view_id: view_id.to_owned(),
        view_name: V::name().to_owned(),
        session_id: identity.session,
        trace: identity.page.to_bytes(),
        issued_at: now,
    };
    let flash = state.socket.flash.clone().into_pairs();
    let statics = StaticToken { view_id: view_id.to_owned(), flash };
    html! {
        div id=(view_id) data-phx-main data-phx-session=(session.sign(&runtime.keys))
            data-phx-static=(statics.sign(&runtime.keys, now)) {}
    }
}

/// `container` around `html`. Whole pages are large: this copies theirs once, where nested
/// templates would copy it as it grows.
fn filled(container: &Markup, html: &str) -> String {
    const END: &str = "</div>";
    let start = container.0.strip_suffix(END).unwrap_or(&container.0);
    [start, html, END].concat()
}

fn refusal<V: LiveView>(runtime: &Runtime, error: MountError, span: &Span) -> Response {
    match error {
        MountError::Status(status) => error_page(runtime, status.as_u16()),
        MountError::Redirect(to) => match location(&to) {
            Some(location) => {
                let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
                (StatusCode::FOUND, headers).into_response()
            }
            None => {
                tracing::error!(view = V::name(), %to, "mount redirects to no local path");
                error_page(runtime, 500)
            }
        },
        MountError::Failed(error) => {
            tracing::error!(view = V::name(), %error, "mount failed");
            telemetry::fail(span, "mount", &error.to_string());
            error_page(runtime, 500)
        }
    }
}

/// The `Location` of a redirect to a path of this application.
pub(super) fn location(to: &str) -> Option<HeaderValue> {
    let path = LocalPath::new(to).ok()?;
    HeaderValue::try_from(path.as_str()).ok()
}

fn error_page(runtime: &Runtime, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html((runtime.config.error_page)(status).0)).into_response()
}

/// Whether a browser is likely to join this page; others hold no view.
fn is_looked_at(parts: &Parts) -> bool {
    let prefetch = |name: &HeaderName| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    };
    parts.method == Method::GET && !PURPOSE_HEADERS.iter().any(prefetch)
}

/// Whether the browser reached the page over https.
fn is_secure(runtime: &Runtime, parts: &Parts) -> bool {
    match &runtime.config.public_url {
        Some(url) => url.starts_with("https://"),
        None => parts.headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https"),
    }
}

/// A container's id: `phx-` and 96 random bits, in characters that CSS ids may hold.
fn random_id() -> String {
    format!("phx-{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()))
}
