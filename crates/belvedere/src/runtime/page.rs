//! A view for the first response of its page: mounted, and rendered to HTML with its components
//! loaded and its nested views in their places.

use std::pin::pin;
use std::sync::Arc;

use tracing::{Instrument, Span};

use crate::component::registry::Attempt;
use crate::component::render;
use crate::ended::{Ended, OnEnd};
use crate::error::MountError;
use crate::flash::{Flash, with_flash};
use crate::http::content_security_policy::needs;
use crate::runtime::Runtime;
use crate::runtime::arrivals;
use crate::runtime::callback::ItemsLost;
use crate::runtime::components::{self, Rounds};
use crate::runtime::mailbox::Mailbox;
use crate::runtime::mounting::Parts;
use crate::runtime::nested;
use crate::runtime::refusal::Refusal;
use crate::runtime::view_task::ViewState;
use crate::socket::pending::Going;
use crate::socket::{Identity, Socket};
use crate::telemetry;
use crate::view::LiveView;

/// The page cannot be shown: a render, or a component's callback in between, has panicked, or a
/// stream has lost its items. It is logged.
#[derive(Debug)]
pub(crate) struct Unshown;

/// Mounts the view in `span`. Errors and panics are logged and marked there.
pub(crate) async fn mount<V: LiveView>(
    runtime: &Arc<Runtime>,
    identity: Identity,
    flash: Flash,
    parts: Parts<V>,
    on_end: Option<OnEnd>,
    span: &Span,
) -> Result<ViewState<V>, Refusal> {
    let mailbox = Mailbox::new(runtime.config.mailbox_capacity, Arc::clone(&runtime.in_flight));
    let mut socket =
        Socket::<V>::new(Arc::new(mailbox), identity, flash, Arc::clone(&runtime.returned));
    if let Some(on_end) = on_end {
        socket.on_end(move |why| on_end(why));
    }
    let mounting = async {
        let _panic = telemetry::FailOnPanic::new(span, "mount");
        parts.mount(runtime, &mut socket).await
    };
    let mounted = telemetry::caught(pin!(mounting.instrument(span.clone()))).await;
    let error_type = match &mounted {
        Ok(mounted) => mounted.as_ref().err().map(MountError::kind),
        Err(_) => Some("panic"),
    };
    runtime.metrics.mounted(V::name(), false, error_type);
    let going = socket.pending.going.take();
    match (mounted, going) {
        (Ok(Ok(view)), None) => Ok(ViewState { view, socket }),
        (Ok(Ok(view)), going @ Some(_)) if socket.identity.is_in_layout() => {
            // Its join moves the page, in which it stays.
            socket.pending.going = going;
            Ok(ViewState { view, socket })
        }
        (Ok(Ok(_)), Some(Going::Patch(to, _))) if to == socket.identity.url => {
            socket.endings.why = Ended::NotMounted;
            tracing::error!(view = V::name(), %to, "a view patches to the URL that it was mounted for");
            telemetry::fail(span, "patch", "the view patches to the URL that it was mounted for");
            Err(Refusal::FAILED)
        }
        (Ok(Ok(_)), Some(going)) => {
            socket.endings.why = Ended::Navigated;
            Err(Refusal::of_going(going, std::mem::take(&mut socket.flash)))
        }
        (Ok(Err(error)), _) => {
            socket.endings.why = Ended::NotMounted;
            Err(Refusal::of(V::name(), error, std::mem::take(&mut socket.flash), span))
        }
        (Err(panicked), _) => {
            socket.endings.why = Ended::NotMounted;
            panicked.log(V::name(), "its page is answered with 500");
            Err(Refusal::FAILED)
        }
    }
}

/// The view as HTML.
pub(crate) async fn render<V: LiveView>(
    runtime: &Arc<Runtime>,
    state: &mut ViewState<V>,
) -> Result<String, Unshown> {
    let mut rounds = Rounds::default();
    loop {
        let attempt = rounds.next();
        if let Some(html) = render_once(state, attempt)? {
            state.socket.components.end_render(attempt);
            state.socket.pieces.shown();
            return Ok(html);
        }
        let loaded = telemetry::caught(pin!(load(runtime, state, &mut rounds))).await;
        match loaded {
            Ok(Ok(())) => {}
            Ok(Err(ItemsLost)) => return Err(Unshown),
            Err(panicked) => {
                panicked.log(V::name(), "its page is answered with 500");
                state.socket.endings.why = Ended::Crashed;
                return Err(Unshown);
            }
        }
    }
}

/// Loads what the page asked for, with the pieces of work of its components that it waits for.
async fn load<V: LiveView>(
    runtime: &Arc<Runtime>,
    state: &mut ViewState<V>,
    rounds: &mut Rounds,
) -> Result<(), ItemsLost> {
    let ViewState { view, socket } = state;
    components::prepare(view, socket, rounds).await?;
    nested::show(runtime, socket).await;
    if arrivals::within(runtime, view, socket).await {
        components::deliver(view, socket).await;
    }
    Ok(())
}

/// `None` when components or nested views must be loaded first.
fn render_once<V: LiveView>(
    state: &mut ViewState<V>,
    attempt: Attempt,
) -> Result<Option<String>, Unshown> {
    let span = telemetry::render_span(V::name());
    let ViewState { view, socket } = state;
    let Socket { flash, identity, components, .. } = &mut *socket;
    let (rendered, noted) = needs::during(|| {
        span.in_scope(|| {
            let html = || {
                let _panic = telemetry::FailOnPanic::new(&span, "render");
                render::html(&view.render(), components, attempt)
            };
            telemetry::caught_now(|| with_flash(flash, identity.nested_id(), html))
        })
    });
    needs::add(&mut socket.noted, noted);
    match rendered {
        Ok(html) => {
            if let Some(html) = &html {
                telemetry::record_render(&span, html.len(), 0);
            }
            Ok(html)
        }
        Err(panicked) => {
            panicked.log(V::name(), "its page is answered with 500");
            socket.endings.why = Ended::Crashed;
            Err(Unshown)
        }
    }
}
