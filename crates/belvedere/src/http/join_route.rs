//! The live handler's answer to a join: the held view, the running one, or a view mounted anew.

use std::any::type_name;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use tracing::Instrument;

use crate::http::group::visit_of;
use crate::http::layout_views::seats_in_document;
use crate::http::refusal::{redirect, redirect_to_site};
use crate::http::requested::{group_of, route_of};
use crate::http::session::caller_of_request;
use crate::runtime::Runtime;
use crate::runtime::adoption::Joining;
use crate::runtime::mounting;
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::{JoinAsk, PreparedView, RouteAsk};
use crate::socket::{Identity, PageAddress};
use crate::telemetry::{self, PageTrace};
use crate::view::LiveView;
use crate::visit::Visit;
use crate::wire::keys;
use crate::wire::token::Keys;

/// On a response's extensions: it comes from the live handler, and no layer has replaced it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveMark;

/// Answers a join that the application's layers have let through.
pub(super) async fn answer<V, S>(
    runtime: &Arc<Runtime>,
    ask: &RouteAsk,
    join: &JoinAsk,
    parts: &mut Parts,
    state: &S,
) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let page = &join.page;
    // A navigation leads to any view of the group, everything else to the view that its page shows.
    let is_its = join.navigates || page.view_name == type_name::<V>();
    // Only a page brings the cookie by which a session goes on.
    let is_half_over = join.navigates && caller_of_request(parts, runtime).needs_cookie();
    if !is_its || is_half_over || page.group != group_of(parts) {
        // An unmarked response makes the browser load the page.
        return StatusCode::NO_CONTENT.into_response();
    }
    let chosen_id = Some(&*page.view_id).filter(|id| **id != *page.instance);
    let topic: Box<str> = format!("{}{}", keys::TOPIC_VIEW_PREFIX, page.instance).into();
    let route = route_of(parts);
    let identity = Identity {
        address: Arc::new(PageAddress::new(&topic, ask.url(), &route, &Visit::default())),
        page: shown_page(runtime, join, &topic),
        topic,
        chosen_id: chosen_id.map(Box::from),
        session: page.session_id,
        route,
        group: page.group,
        url: ask.url().clone(),
        depth: 0,
        seats: seats_in_document(runtime, parts, chosen_id),
        visit: Visit::default(),
    };
    let span = telemetry::join_span(&identity.for_spans::<V>());
    let joining = Joining {
        identity,
        flash: join.flash.clone(),
        count: join.count,
        navigates: join.navigates,
        led_by: join.led_by,
        on_end: None,
        span: span.clone(),
    };
    match find::<V, S>(runtime, joining, parts, state).instrument(span.clone()).await {
        Ok(view) => {
            ask.accept(view);
            marked()
        }
        Err(refusal) => {
            telemetry::fail(&span, "refused", refusal.status().as_str());
            refusal
        }
    }
}

/// The mount that the browser's page comes from: a live navigation is led by the one before, and what
/// joins again after one is not of the document that was loaded.
fn shown_page(runtime: &Runtime, join: &JoinAsk, topic: &str) -> PageTrace {
    let of_document = PageTrace::from_bytes(join.page.trace);
    if !join.navigates {
        return of_document;
    }
    let running = || runtime.views.page_trace(topic, join.page.session_id);
    let led_by = Some(join.led_by).filter(|led_by| !led_by.is_none());
    led_by.or_else(running).unwrap_or(of_document)
}

/// The view that the page mounted or that a lost socket left, if all agrees; else one mounted anew.
async fn find<V, S>(
    runtime: &Arc<Runtime>,
    mut joining: Joining,
    parts: &mut Parts,
    state: &S,
) -> Result<Box<dyn PreparedView>, Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let earlier = joining.earlier::<V>(runtime);
    joining.identity.visits(visit_of(parts, runtime, earlier.as_ref()).await?);
    let extracted = V::Extract::from_request_parts(parts, state).await;
    let extract = extracted.map_err(IntoResponse::into_response)?;
    let extracted = V::Params::from_request_parts(parts, state).await;
    let params = extracted.map_err(IntoResponse::into_response)?;
    let from = mounting::Parts { extract, params: Some(params), is_seen: true };
    let from = match joining.adopt::<V>(runtime, from) {
        Ok(view) => return Ok(view),
        Err(from) => from,
    };
    let mounted = joining.mount::<V>(runtime, from).await;
    Ok(Box::new(mounted.map_err(|refusal| response_of(refusal, &runtime.keys))?))
}

/// What a refused mount answers to the join; the runtime translates it for the client.
pub(super) fn response_of(refusal: Refusal, keys: &Keys) -> Response {
    match refusal {
        Refusal::Status(status) => status.into_response(),
        Refusal::Redirect { to, flash } => redirect(StatusCode::SEE_OTHER, &to, flash, keys),
        Refusal::Site(url) => redirect_to_site(StatusCode::SEE_OTHER, &url),
    }
}

/// A response of the live handler that has accepted.
pub(super) fn marked() -> Response {
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(LiveMark);
    response
}

/// Whether a response carries the live handler's mark.
pub(super) fn is_marked(response: &Response) -> bool {
    response.extensions().get::<LiveMark>().is_some()
}
