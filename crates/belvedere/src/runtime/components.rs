//! Running the callbacks of live components: what a render asks for is loaded before the next one.

use std::any::Any;

use tracing::{Instrument, Span};

use crate::component::id::Name;
use crate::component::registry::Attempt;
use crate::component::render;
use crate::error::CallbackError;
use crate::event::EventValue;
use crate::flash::with_flash;
use crate::runtime::callback::{Addressed, ItemsLost, component_socket, report};
use crate::runtime::restream;
use crate::socket::Socket;
use crate::telemetry;
use crate::view::LiveView;

/// How often a page may ask for more components in one frame: far deeper than pages nest them, and
/// an end for one that asks for new ones at each render.
const MAX_ROUNDS: u32 = 32;

/// Counts the attempts at one frame, and the loads in between.
#[derive(Debug, Default)]
pub(crate) struct Rounds(u32);

impl Rounds {
    /// What the next attempt may do.
    pub(crate) fn next(&mut self) -> Attempt {
        self.0 += 1;
        if self.0 < MAX_ROUNDS { Attempt::First } else { Attempt::Final }
    }
}

/// Delivers messages to components and loads what the view and its components ask for, as far as
/// `rounds` go.
pub(crate) async fn prepare<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
    rounds: &mut Rounds,
) -> Result<(), ItemsLost> {
    deliver(view, socket).await;
    if socket.components.are_none() {
        return Ok(());
    }
    loop {
        let Socket { flash, identity, components, .. } = &mut *socket;
        with_flash(flash, identity.nested_id(), || render::collect(components));
        if !socket.components.has_wanted_components() {
            return Ok(());
        }
        if rounds.next() == Attempt::Final {
            break;
        }
        // Boxed: a view's task, which mostly waits, has room for the largest of what it does in place.
        Box::pin(load(view, socket)).await?;
    }
    tracing::error!(view = V::name(), "components place new components without end");
    socket.components.want_nothing();
    Ok(())
}

/// Updates all components that are wanted, those of one type together, after streams whose items
/// are lost were told again.
async fn load<V: LiveView>(view: &mut V, socket: &mut Socket<V>) -> Result<(), ItemsLost> {
    restream::lost(view, socket).await?;
    for (kind, batch) in socket.components.take_wanted() {
        let span = telemetry::component_span(V::name(), kind.name, "update", batch.len());
        let _panic = telemetry::FailOnPanic::of_component(&span, kind.name, "update");
        let updating = (kind.update)(batch, component_socket(socket, kind));
        let (batch, updated) = updating.instrument(span.clone()).await;
        for (number, mut instance) in batch {
            socket.components.give_restored(number, &mut *instance);
            socket.components.put_changed(number, instance);
        }
        report(view, socket, updated, &span);
    }
    Ok(())
}

/// Hands the messages that the view has for its components to them.
pub(crate) async fn deliver<V: LiveView>(view: &mut V, socket: &mut Socket<V>) {
    if !socket.pending.to_components.is_empty() {
        Box::pin(deliver_waiting(view, socket)).await;
    }
}

async fn deliver_waiting<V: LiveView>(view: &mut V, socket: &mut Socket<V>) {
    for (name, message) in std::mem::take(&mut socket.pending.to_components) {
        let Some(addressed) = addressed(socket, name) else { continue };
        let kind = addressed.kind;
        let span = telemetry::component_span(V::name(), kind.name, "handle_message", 1);
        let handling = handle_message(view, socket, addressed, message, &span);
        handling.instrument(span.clone()).await;
    }
}

/// The component of this type and id, if the view has it.
pub(crate) fn addressed<V: LiveView>(socket: &mut Socket<V>, name: Name) -> Option<Addressed> {
    let number = socket.components.number(name)?;
    Addressed::taken(socket, number)
}

/// Runs the callback of a message within `span`, and puts the component back.
pub(crate) async fn handle_message<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
    mut addressed: Addressed,
    message: Box<dyn Any + Send>,
    span: &Span,
) {
    let kind = addressed.kind;
    let _panic = telemetry::FailOnPanic::of_component(span, kind.name, "handle_message");
    let component = component_socket(socket, kind);
    let handled = match addressed.instance.message(message, component) {
        Some(handling) => handling.await,
        None => Ok(()),
    };
    addressed.put_back(socket);
    report(view, socket, handled, span);
}

/// Runs the callback of an event that is known to be declared.
pub(crate) async fn handle_event<V: LiveView>(
    addressed: &mut Addressed,
    name: &str,
    value: &EventValue,
    socket: &mut Socket<V>,
) -> Result<(), CallbackError> {
    match addressed.instance.event(name, value, component_socket(socket, addressed.kind)) {
        Some(handling) => handling.await,
        None => Ok(()),
    }
}
