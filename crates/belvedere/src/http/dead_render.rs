//! The first response of a page: mount, render to HTML, hold the view for the browser's join.

use std::any::type_name;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts as RequestParts;
use http::{Extensions, Method, StatusCode};
use maud::Markup;

use crate::container::random_id;
use crate::ended::HeldView;
use crate::flash::Flash;
use crate::http::client::network_of;
use crate::http::content_security_policy::needs::{self, Noted};
use crate::http::error_pages::{error_page, with_page};
use crate::http::group::visit_of;
use crate::http::layout_views::{self, Content, Waiting, seats};
use crate::http::page::Panicked;
use crate::http::refusal::{RedirectFlash, redirect, redirect_to_site};
use crate::http::refused::Unchecked;
use crate::http::requested::{AlwaysAdmitted, OfView, group_of, original_uri, path_of, route_of};
use crate::http::security::add_headers_of;
use crate::http::session::{
    caller_of_request, flash_cookie, flash_of, give_session, is_secure, reload_status, used_cookies,
};
use crate::http::session_value::Caller;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::mounting::Parts;
use crate::runtime::page;
use crate::runtime::refusal::Refusal;
use crate::runtime::told::Bound;
use crate::runtime::view_task::ViewState;
use crate::runtime::views::Page;
use crate::socket::{Identity, PageAddress, Socket};
use crate::telemetry::{self, PageTrace};
use crate::view::LiveView;
use crate::visit::Visit;
use crate::wire::keys;
use crate::wire::token::{PageToken, SessionId};

/// Names of headers by which browsers mark a request that nobody may ever look at.
const PURPOSE_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("sec-purpose"), HeaderName::from_static("purpose")];

/// How many seconds whoever finds the server busy should wait.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Answers the `GET` of a page.
pub(super) async fn answer<V, S>(
    runtime: &Arc<Runtime>,
    parts: &mut RequestParts,
    state: &S,
) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let caller = caller_of_request(parts, runtime);
    let rendered = match reload_status(&parts.headers, path_of(parts), &runtime.keys) {
        // The join of this page was just refused: show why instead of trying again.
        Some(status) => Err(failed(runtime, parts, status)),
        None if has_no_room(runtime, parts) => Err(no_room(runtime, parts)),
        None => render_page::<V, S>(runtime, parts, state, caller.session()).await,
    };
    finish(runtime, parts, &caller, rendered)
}

/// The response with its cookies and headers.
fn finish(
    runtime: &Runtime,
    parts: &RequestParts,
    caller: &Caller,
    rendered: Result<(Markup, Extensions), Response>,
) -> Response {
    let mut response = match rendered {
        Ok((page, unchecked)) => {
            let mut response = Html(page.0).into_response();
            response.extensions_mut().extend(unchecked);
            response
        }
        Err(refusal) => refusal,
    };
    // What a redirect was given to show is shown by the page it leads to.
    let redirected = response.status().is_redirection();
    let flash = response.extensions_mut().remove::<RedirectFlash>();
    let headers = response.headers_mut();
    if !redirected {
        for used in used_cookies(&parts.headers, runtime) {
            headers.append(header::SET_COOKIE, used);
        }
    }
    let secure = is_secure(runtime.config.public_url.as_deref(), &parts.headers);
    let flash = flash.and_then(|flash| flash_cookie(&flash.0, runtime, secure));
    headers.extend(flash.map(|flash| (header::SET_COOKIE, flash)));
    give_session(caller, runtime, secure, headers);
    // The page embeds tokens of one visitor.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    add_headers_of(&runtime.config, headers);
    response
}

/// The page, and what its response carries along.
async fn render_page<V, S>(
    runtime: &Arc<Runtime>,
    parts: &mut RequestParts,
    state: &S,
    session: SessionId,
) -> Result<(Markup, Extensions), Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let url = page_url(runtime, parts).map_err(|status| failed(runtime, parts, status))?;
    parts.extensions.insert(OfView);
    let (visit, from) = match extract::<V, S>(runtime, parts, state).await {
        Ok(extracted) => extracted,
        Err(refusal) => {
            let path = original_uri(parts).path();
            return Err(with_page(runtime, &parts.extensions, path, refusal).await);
        }
    };
    let mount_span = telemetry::mount_span(V::name());
    let container = V::container();
    let chosen_id = container.usable_id(V::name());
    let trace = PageTrace::of_mount(&mount_span);
    let identity = identify(runtime, parts, (session, trace), url, visit, chosen_id);
    let flash = flash_of(&parts.headers, &runtime.keys);
    let mounted = page::mount::<V>(runtime, identity, flash, from, None, &mount_span).await;
    let mut state = mounted.map_err(|refusal| response_of(runtime, parts, refusal))?;
    drop(mount_span);
    let rendered = page::render(runtime, &mut state).await;
    let html = rendered.map_err(|_| failed(runtime, parts, 500))?;
    let view = contained(runtime, &state, &html);
    let noted = std::mem::take(&mut state.socket.noted);
    let (title, identity) = (state.socket.title.as_deref(), &state.socket.identity);
    let content = Content { title, session, view: &view };
    let (response, in_layout) = draw(runtime, parts, identity, &content, noted).await?;
    if is_looked_at(parts) {
        let Identity { topic, visit, .. } = &state.socket.identity;
        let (topic, visit) = (topic.clone(), visit.clone());
        let network = network_of(runtime, &parts.headers, &parts.extensions);
        let (claim, bytes) = (state.claim(), size_of_val(&state) + html.len());
        let page = Page { claim, visit, view: HeldView::new(state), network, bytes };
        hold(runtime, topic, page, session, in_layout);
    }
    Ok(response)
}

/// Who the view of a page is.
fn identify(
    runtime: &Runtime,
    parts: &RequestParts,
    (session, page): (SessionId, PageTrace),
    url: LocalPath,
    visit: Visit,
    chosen_id: Option<&str>,
) -> Identity {
    let topic = [keys::TOPIC_VIEW_PREFIX, &random_id()].concat().into_boxed_str();
    let route = route_of(parts);
    Identity {
        address: Arc::new(PageAddress::new(&topic, &url, &route, &visit)),
        topic,
        chosen_id: chosen_id.map(Box::from),
        session,
        route,
        group: group_of(parts),
        url,
        page,
        depth: 0,
        seats: seats(runtime, parts, chosen_id),
        visit,
    }
}

/// Draws the layout around a page, whose templates need what is `noted`.
async fn draw(
    runtime: &Arc<Runtime>,
    parts: &mut RequestParts,
    identity: &Identity,
    content: &Content<'_>,
    mut noted: Vec<Noted>,
) -> Result<((Markup, Extensions), Vec<Waiting>), Response> {
    let document = layout_views::document(runtime, parts, identity, content).await;
    let (document, in_layout) = document.map_err(|Panicked| failed(runtime, parts, 500))?;
    in_layout.iter().for_each(|waiting| needs::add(&mut noted, waiting.noted.clone()));
    let unchecked = Unchecked::of(identity, noted, &document);
    Ok(((document, unchecked), in_layout))
}

/// Holds the view of a page, and those of its layout, for the joins of its browser.
fn hold(
    runtime: &Runtime,
    topic: Box<str>,
    page: Page,
    session: SessionId,
    in_layout: Vec<Waiting>,
) {
    let (ttl, limits) = (runtime.config.page_hold, &runtime.config.page_hold_limits);
    let network = page.network;
    runtime.views.hold_page(topic, page, ttl, limits);
    for Waiting { own, view, state, html_bytes, .. } in in_layout {
        let (claim, bytes) = (view.claim(session), state.n_bytes() + html_bytes);
        let page = Page { claim, visit: own.visit, view: state, network, bytes };
        runtime.views.hold_page(own.topic, page, ttl, limits);
    }
    runtime.view_started(session);
}

/// What the page's routes give, and what its view is mounted from.
async fn extract<V, S>(
    runtime: &Runtime,
    parts: &mut RequestParts,
    state: &S,
) -> Result<(Visit, Parts<V>), Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let visit = visit_of(parts, runtime, None).await?;
    let extracted = V::Extract::from_request_parts(parts, state).await;
    let extract = extracted.map_err(IntoResponse::into_response)?;
    let params = V::Params::from_request_parts(parts, state).await;
    let params = params.map_err(IntoResponse::into_response)?;
    let is_seen = parts.method != Method::HEAD;
    Ok((visit, Parts { extract, params: Some(params), is_seen }))
}

/// What the view keeps as the URL of its page; the status of one that it cannot keep.
fn page_url(runtime: &Runtime, parts: &RequestParts) -> Result<LocalPath, u16> {
    let path = path_of(parts);
    let max_bytes = runtime.config.max_url_bytes;
    if path.len() > max_bytes {
        if let Some(times) = runtime.told.urls.again() {
            let bytes = path.len();
            tracing::warn!(times, bytes, max_bytes, "a page whose URL is too long was refused");
        }
        return Err(414);
    }
    LocalPath::new(path).map_err(|_| 400)
}

/// The view in its container.
fn contained<V: LiveView>(runtime: &Runtime, state: &ViewState<V>, rendered: &str) -> String {
    let Socket { identity, flash, .. } = &state.socket;
    let marks = marks(runtime, identity, flash, type_name::<V>());
    V::container().element(V::name(), identity.dom_id(), &marks, rendered)
}

/// What tells the browser of the view.
fn marks(runtime: &Runtime, identity: &Identity, flash: &Flash, type_name: &str) -> String {
    let now = SystemTime::now();
    let session = PageToken {
        view_id: identity.dom_id().to_owned(),
        instance: identity.instance().to_owned(),
        view_name: type_name.to_owned(),
        group: identity.group,
        session_id: identity.session,
        trace: identity.page.to_bytes(),
        issued_at: now,
    };
    let (keys, max_frame_bytes) = (&runtime.keys, runtime.config.max_frame_bytes);
    let statics = flash.clone().into_page_token(identity.dom_id(), max_frame_bytes, keys, now);
    format!(
        " data-phx-main data-phx-session=\"{}\" data-phx-static=\"{statics}\"",
        session.sign(keys),
    )
}

fn response_of(runtime: &Runtime, parts: &RequestParts, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Status(status) => failed(runtime, parts, status.as_u16()),
        Refusal::Redirect { to, flash } => redirect(StatusCode::FOUND, &to, flash, &runtime.keys),
        Refusal::Site(url) => redirect_to_site(StatusCode::FOUND, &url),
    }
}

fn failed(runtime: &Runtime, parts: &RequestParts, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut page = error_page(runtime, &parts.extensions, original_uri(parts).path(), status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        page.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    page
}

/// Whether the visitor's address has as many pages waiting for their browsers as it may, and the visitor is
/// nobody who is served all the same.
fn has_no_room(runtime: &Runtime, parts: &RequestParts) -> bool {
    let network = || network_of(runtime, &parts.headers, &parts.extensions);
    is_looked_at(parts)
        && parts.extensions.get::<AlwaysAdmitted>().is_none()
        && runtime.views.has_no_room(network(), &runtime.config.page_hold_limits)
}

/// Answers that so many pages of one address were opened and are not used, and counts it.
fn no_room(runtime: &Runtime, parts: &RequestParts) -> Response {
    let network = network_of(runtime, &parts.headers, &parts.extensions);
    runtime.told.refused(Bound::Pages, network);
    runtime.metrics.page_refused(Bound::Pages.reason());
    let mut response = failed(runtime, parts, StatusCode::TOO_MANY_REQUESTS.as_u16());
    let seconds = runtime.config.page_hold.as_secs().max(1);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Whether a browser is likely to join this page; others hold no view.
fn is_looked_at(parts: &RequestParts) -> bool {
    let prefetch = |name: &HeaderName| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    };
    parts.method == Method::GET && !PURPOSE_HEADERS.iter().any(prefetch)
}
