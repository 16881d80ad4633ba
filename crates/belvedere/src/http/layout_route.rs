//! The live handler's answer to the join of a view in its layout: what the layout places there now, as
//! the page has mounted it, as a lost socket has left it, or mounted anew.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::http::group::visit_of;
use crate::http::join_route::{marked, response_of};
use crate::http::layout_views::{Content, draw, identity};
use crate::http::requested::{group_of, route_of};
use crate::nested::in_layout::{LayoutView, LayoutViews, parts_of};
use crate::runtime::Runtime;
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::{Blank, JoinAsk, RouteAsk};
use crate::runtime::seats::Seats;
use crate::runtime::seed;
use crate::runtime::views::{Claim, Rejoin};
use crate::socket::{Identity, PageAddress};
use crate::telemetry::PageTrace;
use crate::view::LiveView;
use crate::visit::Visit;
use crate::wire::keys;

/// Answers a join that the application's layers have let through. The route's view is extracted for its
/// refusal, as for a patch, and for what a layout finds of it on the request.
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
    let token = &join.page;
    if token.group != group_of(parts) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let topic = format!("{}{}", keys::TOPIC_VIEW_PREFIX, token.instance);
    let is_ours = |own: &Claim| own.session == token.session_id;
    let earlier = runtime.views.visit(&topic, Rejoin::OfPage(join.count), is_ours);
    let visit = match visit_of(parts, runtime, earlier.as_ref()).await {
        Ok(visit) => visit,
        Err(refusal) => return refusal,
    };
    if let Err(refusal) = V::Extract::from_request_parts(parts, state).await {
        return refusal.into_response();
    }
    if let Err(refusal) = V::Params::from_request_parts(parts, state).await {
        return refusal.into_response();
    }
    in_drawn(runtime, ask, join, parts, &topic, visit).await
}

/// The view as the layout places it. One that it places no more, or that does not mount, shows nothing: it
/// must not take the page along.
async fn in_drawn(
    runtime: &Arc<Runtime>,
    ask: &RouteAsk,
    join: &JoinAsk,
    parts: &mut Parts,
    topic: &str,
    visit: Visit,
) -> Response {
    let not_this_view = || StatusCode::NO_CONTENT.into_response();
    let token = &join.page;
    let Some((root, part)) = parts_of(topic) else { return not_this_view() };
    let views = LayoutViews::default();
    parts.extensions.insert(views.clone());
    let content = Content { title: None, session: token.session_id, view: "" };
    if draw(runtime, parts, &views, &content).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let Some(view) = views.find(part) else {
        ask.accept_nothing();
        return marked();
    };
    let seed = seed::of(&view.seed);
    if seed.type_name() != token.view_name {
        return not_this_view();
    }
    let route = route_of(parts);
    let page = Identity {
        topic: root.into(),
        chosen_id: None,
        session: token.session_id,
        group: token.group,
        url: ask.url().clone(),
        address: Arc::new(PageAddress::new(root, ask.url(), &route, &visit)),
        route,
        visit,
        page: PageTrace::from_bytes(token.trace),
        depth: 0,
        seats: Seats::new(1, None),
    };
    let chosen_id = Some(&*token.view_id).filter(|id| **id != *token.instance);
    let own = identity(page, &view, chosen_id);
    match seed.join_in_layout(runtime, own, join.flash.clone(), join.count).await {
        Ok(view) => ask.accept(view),
        Err(refusal) if refusal.may_pass() => return response_of(refusal, &runtime.keys),
        Err(refusal) => {
            not_shown(runtime, &view, &refusal);
            ask.accept(Box::new(Blank));
        }
    }
    marked()
}

fn not_shown(runtime: &Runtime, view: &LayoutView, refusal: &Refusal) {
    let Some(times) = runtime.told.not_shown.again() else { return };
    let (view, status) = (view.name, refusal.status().as_u16());
    tracing::warn!(
        view,
        status,
        times,
        "a view in a layout is not shown, since its mount has refused"
    );
}
