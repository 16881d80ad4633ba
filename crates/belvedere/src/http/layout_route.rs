//! The live handler's answer to the join of a view in its layout: what the layout places there now, as
//! the page has mounted it, as a lost socket has left it, or mounted anew.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::http::group::visit_of;
use crate::http::join_route::{marked, response_of};
use crate::http::layout_views::{Content, draw, identity};
use crate::http::requested::{group_of, route_of};
use crate::nested::in_layout::{LayoutViews, parts_of};
use crate::runtime::Runtime;
use crate::runtime::routes::{JoinAsk, RouteAsk};
use crate::runtime::seats::Seats;
use crate::runtime::seed;
use crate::runtime::views::Claim;
use crate::socket::{Identity, PageAddress};
use crate::telemetry::PageTrace;
use crate::wire::keys;

/// Answers a join that the application's layers have let through. A layout that places no such view any
/// more is another page's: the browser loads that.
pub(super) async fn answer(
    runtime: &Arc<Runtime>,
    ask: &RouteAsk,
    join: &JoinAsk,
    parts: &mut Parts,
) -> Response {
    let not_this_view = || StatusCode::NO_CONTENT.into_response();
    let token = &join.page;
    let topic = format!("{}{}", keys::TOPIC_VIEW_PREFIX, token.instance);
    let Some((root, part)) = parts_of(&topic) else { return not_this_view() };
    if token.group != group_of(parts) {
        return not_this_view();
    }
    let is_ours = |own: &Claim| own.session == token.session_id;
    let earlier = runtime.views.visit(&topic, join.mounts > 0, is_ours);
    let visit = match visit_of(parts, runtime, earlier.as_ref()).await {
        Ok(visit) => visit,
        Err(refusal) => return refusal,
    };
    let views = LayoutViews::default();
    parts.extensions.insert(views.clone());
    let content = Content { title: None, session: token.session_id, view: "" };
    if draw(runtime, parts, &views, &content).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let view = views.find(part);
    let view = view.filter(|view| seed::of(&view.seed).type_name() == token.view_name);
    let Some(view) = view else { return not_this_view() };
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
    let seed = seed::of(&view.seed);
    match seed.join_in_layout(runtime, own, join.flash.clone(), join.mounts).await {
        Ok(view) => {
            ask.accept(view);
            marked()
        }
        Err(refusal) => response_of(refusal, &runtime.keys),
    }
}
