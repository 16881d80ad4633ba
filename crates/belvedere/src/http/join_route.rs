//! The live handler's answer to a join: the held view, the running one, or a view mounted anew.

use std::any::type_name;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use tracing::Instrument;

use crate::http::refusal::redirect;
use crate::http::requested::route_of;
use crate::runtime::Runtime;
use crate::runtime::adoption::Joining;
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::{JoinAsk, PreparedView};
use crate::runtime::seats::Seats;
use crate::socket::Identity;
use crate::telemetry::{self, PageTrace};
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::token::Keys;

/// On a response's extensions: it comes from the live handler, and no layer has replaced it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveMark;

/// Answers a join that the application's layers have let through.
pub(super) async fn answer<V, S>(
    runtime: &Arc<Runtime>,
    ask: &JoinAsk,
    parts: &mut Parts,
    state: &S,
) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    S: Send + Sync,
{
    if ask.page().view_name != type_name::<V>() {
        // The route now leads to another view than the page shows: an unmarked response makes the
        // browser load it.
        return StatusCode::NO_CONTENT.into_response();
    }
    let page = ask.page();
    let chosen_id = Some(&*page.view_id).filter(|id| **id != *page.instance);
    let identity = Identity {
        topic: format!("{}{}", keys::TOPIC_VIEW_PREFIX, ask.page().instance).into(),
        chosen_id: chosen_id.map(Box::from),
        session: ask.page().session_id,
        route: route_of(parts),
        url: ask.url().clone(),
        page: PageTrace::from_bytes(ask.page().trace),
        depth: 0,
        seats: Seats::new(runtime.config.max_joins_per_socket, chosen_id),
    };
    let span = telemetry::join_span(&identity.for_spans::<V>());
    let (flash, mounts) = (ask.flash().clone(), ask.mounts());
    let joining = Joining { identity, flash, mounts, on_end: None, span: span.clone() };
    match find::<V, S>(runtime, joining, parts, state).instrument(span.clone()).await {
        Ok(view) => {
            ask.accept(view);
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(LiveMark);
            response
        }
        Err(refusal) => {
            telemetry::fail(&span, "refused", refusal.status().as_str());
            refusal
        }
    }
}

/// The view that the page mounted or that a lost socket left, if all agrees; else one mounted anew.
async fn find<V, S>(
    runtime: &Arc<Runtime>,
    joining: Joining,
    parts: &mut Parts,
    state: &S,
) -> Result<Box<dyn PreparedView>, Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    S: Send + Sync,
{
    let extracted = V::Extract::from_request_parts(parts, state).await;
    let extract = extracted.map_err(IntoResponse::into_response)?;
    let held = runtime.views.claim_page(&joining.identity.topic, &joining.claim::<V>());
    let adopted: Option<Box<dyn PreparedView>> = match held {
        Some(held) => joining.held::<V>(runtime, held).map(|view| Box::new(view) as _),
        None => joining.running::<V>(runtime, |_| true).map(|view| Box::new(view) as _),
    };
    if let Some(view) = adopted {
        return Ok(view);
    }
    let mounted = joining.mount::<V>(runtime, extract).await;
    Ok(Box::new(mounted.map_err(|refusal| response_of(refusal, &runtime.keys))?))
}

/// What a refused mount answers to the join; the runtime translates it for the client.
fn response_of(refusal: Refusal, keys: &Keys) -> Response {
    match refusal {
        Refusal::Status(status) => status.into_response(),
        Refusal::Redirect { to, flash } => redirect(StatusCode::SEE_OTHER, &to, flash, keys),
    }
}

/// Whether a response carries the live handler's mark.
pub(super) fn is_marked(response: &Response) -> bool {
    response.extensions().get::<LiveMark>().is_some()
}
