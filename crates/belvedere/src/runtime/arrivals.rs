//! What pieces of work have come to, put where the template finds it: between two callbacks, or while the
//! first response waits for it.

use std::sync::Arc;

use tokio::time::timeout_at;
use tracing::Span;

use crate::load::AnySlot;
use crate::runtime::Runtime;
use crate::runtime::callback::component_socket;
use crate::runtime::components::addressed;
use crate::runtime::mailbox::Arrival;
use crate::socket::Socket;
use crate::socket::loading::Settle;
use crate::telemetry;
use crate::view::LiveView;

/// Settles one piece, in the span of whatever goes on. False when nobody waits for it any more: it was
/// cancelled, started again, or what showed it is gone.
pub(crate) fn settle<V: LiveView>(
    runtime: &Runtime,
    view: &mut V,
    socket: &mut Socket<V>,
    arrival: Arrival,
) -> bool {
    if !socket.pieces.arrives(arrival.number) {
        return false;
    }
    let Arrival { owner, component, name, outcome, took, settle, .. } = arrival;
    runtime.metrics.loaded(V::name(), component, name, outcome, took);
    let failed = match owner {
        None => settle.downcast::<Settle<V>>().ok().and_then(|settle| settle.0(view, socket)),
        Some(owner) => {
            // A component that is gone is an ordinary race.
            let Some(mut addressed) = addressed(socket, owner) else { return false };
            let component = component_socket(socket, addressed.kind);
            let failed = addressed.instance.settle(settle, component);
            addressed.put_back(socket);
            failed
        }
    };
    if let Some(slot) = failed {
        report::<V>(&*slot, component, name);
    }
    true
}

/// Settles the pieces that the first response waits for, each until its time is over. Whether any came.
pub(crate) async fn within<V: LiveView>(
    runtime: &Arc<Runtime>,
    view: &mut V,
    socket: &mut Socket<V>,
) -> bool {
    let mut has_settled = waiting(runtime, view, socket);
    while let Some(until) = socket.pieces.awaited_until() {
        let Ok(arrival) = timeout_at(until, socket.mailbox.next_arrival()).await else { break };
        has_settled |= settle(runtime, view, socket, *arrival);
    }
    has_settled
}

/// Settles the pieces whose outcomes wait already.
pub(crate) fn waiting<V: LiveView>(
    runtime: &Runtime,
    view: &mut V,
    socket: &mut Socket<V>,
) -> bool {
    let mut has_settled = false;
    while let Some(arrival) = socket.mailbox.take_arrival() {
        has_settled |= settle(runtime, view, socket, *arrival);
    }
    has_settled
}

/// Logs once what was done with the value of a piece and has failed, and marks the span.
fn report<V: LiveView>(slot: &dyn AnySlot, component: Option<&'static str>, name: &'static str) {
    if let Some(error) = slot.error() {
        let span = Span::current();
        tracing::error!(view = V::name(), component, work = name, %error, "async work failed");
        telemetry::fail(&span, error.kind(), &error.to_string());
    }
}
