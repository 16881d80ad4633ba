//! The live handler's answer to a join: the held view, the running one, or a view mounted anew.

use std::any::{TypeId, type_name};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use tracing::{Instrument, Span};

use crate::error::MountError;
use crate::http::live_route::route_of;
use crate::http::refusal::{Refusal, redirect};
use crate::runtime::Runtime;
use crate::runtime::join::{JoinAsk, PreparedView};
use crate::runtime::mailbox::{Inbox, Mailbox};
use crate::runtime::view_task::{IdleView, RunningView, ViewState};
use crate::runtime::views::Claim;
use crate::socket::{Identity, Socket};
use crate::telemetry::{self, FailOnPanic, Hold, HoldOutcome, PageTrace};
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
    let identity = Identity {
        topic: format!("{}{}", keys::TOPIC_VIEW_PREFIX, ask.page().view_id).into(),
        session: ask.page().session_id,
        route: route_of(parts),
        url: ask.url().clone(),
        page: PageTrace::from_bytes(ask.page().trace),
    };
    let join_span = telemetry::join_span(&identity.for_spans::<V>());
    let joined = join::<V, S>(runtime, ask, parts, state, identity, join_span.clone());
    match joined.instrument(join_span.clone()).await {
        Ok(view) => {
            ask.accept(view);
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(LiveMark);
            response
        }
        Err(refusal) => {
            telemetry::fail(&join_span, "refused", refusal.status().as_str());
            refusal
        }
    }
}

async fn join<V, S>(
    runtime: &Arc<Runtime>,
    ask: &JoinAsk,
    parts: &mut Parts,
    state: &S,
    identity: Identity,
    join_span: Span,
) -> Result<Box<dyn PreparedView>, Response>
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    S: Send + Sync,
{
    let extracted = V::Extract::from_request_parts(parts, state).await;
    let extract = extracted.map_err(IntoResponse::into_response)?;
    if let Some(view) = adopt::<V>(runtime, ask, &identity, &join_span) {
        telemetry::record_adopted(&join_span, true);
        return Ok(view);
    }
    telemetry::record_adopted(&join_span, false);
    let mailbox = Mailbox::new(runtime.config.mailbox_capacity, Arc::clone(&runtime.in_flight));
    let mut socket = Socket::<V>::new(Arc::new(mailbox), identity, ask.flash().clone());
    let mount_span = telemetry::remount_span(V::name());
    let mounted = async {
        let _panic = (FailOnPanic::new(&join_span), FailOnPanic::new(&mount_span));
        V::mount(extract, &mut socket).await
    };
    let mounted = mounted.instrument(mount_span.clone()).await;
    runtime.metrics.mounted(V::name(), true, mounted.as_ref().err().map(MountError::kind));
    let view = mounted.map_err(|error| {
        let refusal = Refusal::of::<V>(error, std::mem::take(&mut socket.flash), &mount_span);
        response_of(refusal, &runtime.keys)
    })?;
    let state = ViewState { view, socket };
    Ok(Box::new(IdleView { state, runtime: Arc::clone(runtime), join_span }))
}

/// The view that the page mounted or that a lost socket left, if all agrees.
fn adopt<V: LiveView>(
    runtime: &Arc<Runtime>,
    ask: &JoinAsk,
    identity: &Identity,
    join_span: &Span,
) -> Option<Box<dyn PreparedView>> {
    let claim =
        Claim { session: identity.session, view: TypeId::of::<V>(), url: identity.url.clone() };
    let join_span = join_span.clone();
    if let Some(held) = runtime.views.claim_page(&identity.topic, &claim) {
        let state = *held.downcast::<ViewState<V>>().ok()?;
        if state.socket.mailbox.has_overflowed() {
            // A message may have been lost while the view waited: its state cannot be trusted.
            runtime.metrics.mailbox_overflowed(V::name());
            return None;
        }
        runtime.metrics.holds_ended(Hold::Page, HoldOutcome::Adopted, 1);
        return Some(Box::new(IdleView { state, runtime: Arc::clone(runtime), join_span }));
    }
    let reconnect = ask.mounts() > 0;
    let inbox = runtime.views.claim_running(&identity.topic, &claim, reconnect)?;
    runtime.metrics.holds_ended(Hold::Reconnect, HoldOutcome::Adopted, 1);
    Some(Box::new(RunningView { inbox, join_span }))
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
