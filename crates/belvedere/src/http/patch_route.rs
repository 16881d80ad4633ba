//! The live handler's answer to a patch: what the URL says, as the view's own extractors read it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::http::group::visit_of;
use crate::http::join_route::marked;
use crate::http::requested::route_of;
use crate::runtime::Runtime;
use crate::runtime::attachment::RouteParams;
use crate::runtime::routes::RouteAsk;
use crate::view::LiveView;
use crate::visit::Visit;

/// Answers a patch that the application's layers have let through; `earlier` is what the view that asks
/// has from its routes, if this is one of its own. `Extract` is extracted for its refusal: it may guard the page.
pub(super) async fn answer<V, S>(
    earlier: Option<&Visit>,
    runtime: &Arc<Runtime>,
    ask: &RouteAsk,
    parts: &mut Parts,
    state: &S,
) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Send + Sync,
{
    let Some(earlier) = earlier else { return StatusCode::NO_CONTENT.into_response() };
    let visit = match visit_of(parts, runtime, Some(earlier)).await {
        Ok(visit) => visit,
        Err(refusal) => return refusal,
    };
    if let Err(refusal) = V::Extract::from_request_parts(parts, state).await {
        return refusal.into_response();
    }
    match V::Params::from_request_parts(parts, state).await {
        Ok(params) => {
            let (params, route) = (Box::new(params), route_of(parts));
            ask.accept_patch(RouteParams { params, route, visit });
            marked()
        }
        Err(refusal) => refusal.into_response(),
    }
}
