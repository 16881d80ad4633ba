//! What pieces of work have come to, put where the template finds it: between two callbacks, or while the
//! first response waits for it.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tracing::Span;

use crate::load::AsyncError;
use crate::runtime::Runtime;
use crate::runtime::callback::component_socket;
use crate::runtime::components::addressed;
use crate::runtime::mailbox::{Arrival, Which};
use crate::socket::Socket;
use crate::socket::loading::Settle;
use crate::telemetry::{self, EventOutcome};
use crate::view::LiveView;

/// Settles one piece that has [arrived](crate::socket::pieces::Pieces::arrives). A failure marks the span that
/// `marks` gives.
pub(crate) fn settle<V: LiveView>(
    runtime: &Runtime,
    view: &mut V,
    socket: &mut Socket<V>,
    arrival: Arrival,
    marks: impl FnOnce() -> Span,
) {
    let Arrival { number, owner, component, name, outcome, took, settle } = arrival;
    let failed = match owner {
        None => settle.downcast::<Settle<V>>().ok().and_then(|settle| settle.0(view, socket)),
        Some(owner) => addressed(socket, owner).and_then(|mut addressed| {
            let component = component_socket(socket, addressed.kind);
            let failed = addressed.instance.settle(settle, component);
            addressed.put_back(socket);
            failed
        }),
    };
    // A component that is gone shows nothing: this one has another type or id.
    let is_stray = !socket.pieces.is_settled(number);
    let error = match &failed {
        _ if is_stray => Some(&AsyncError::NoComponent),
        Some(slot) => slot.error(),
        None => None,
    };
    let outcome = if error.is_some() { EventOutcome::Failed } else { outcome };
    runtime.metrics.loaded(V::name(), component, name, outcome, took);
    if let Some(error) = error {
        error.report(&marks(), V::name(), component, name, &runtime.returned);
    }
}

/// Settles one piece outside of any act: a failure has a span of its own. False when nobody waits for it any
/// more: it was cancelled, started again, or what showed it is gone.
fn settle_in_passing<V: LiveView>(
    runtime: &Runtime,
    view: &mut V,
    socket: &mut Socket<V>,
    arrival: Arrival,
) -> bool {
    if !socket.pieces.arrives(arrival.number) {
        return false;
    }
    let (component, name) = (arrival.component, arrival.name);
    let marks = || telemetry::settled_span(V::name(), component, name);
    let _panic = telemetry::FailOnPanic::part(component, name);
    settle(runtime, view, socket, arrival, marks);
    true
}

/// Settles the pieces that the first response waits for, each until its time is over. What is started
/// meanwhile is not waited for. Whether any came.
pub(crate) async fn within<V: LiveView>(
    runtime: &Arc<Runtime>,
    view: &mut V,
    socket: &mut Socket<V>,
) -> bool {
    let Some(last) = socket.pieces.last_awaited() else { return false };
    let begun = Instant::now();
    let mut has_settled = waiting(runtime, view, socket, Which::UpTo(last));
    while let Some(until) = socket.pieces.awaited_until(last) {
        if socket.pending.departs() {
            break;
        }
        let next = socket.mailbox.next_arrival(last);
        let Ok(arrival) = timeout_at(until, next).await else { break };
        has_settled |= settle_in_passing(runtime, view, socket, *arrival);
    }
    socket.pieces.waited(begun.elapsed());
    has_settled
}

/// Settles those pieces whose outcomes wait already.
pub(crate) fn waiting<V: LiveView>(
    runtime: &Runtime,
    view: &mut V,
    socket: &mut Socket<V>,
    which: Which,
) -> bool {
    let mut has_settled = false;
    while let Some(arrival) = socket.mailbox.take_arrival(which) {
        has_settled |= settle_in_passing(runtime, view, socket, *arrival);
    }
    has_settled
}
