//! Running the callbacks of live components: what a render asks for is loaded before the next one.

use tracing::{Instrument, Span};

use crate::component::ComponentSocket;
use crate::component::instance::Instance;
use crate::diff::Attempt;
use crate::error::CallbackError;
use crate::event::EventValue;
use crate::flash::with_flash;
use crate::socket::Socket;
use crate::telemetry;
use crate::template::Renderer;
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
) {
    deliver(view, socket).await;
    loop {
        with_flash(&socket.flash, || Renderer::collect(&mut socket.components));
        if !socket.components.has_wanted_components() {
            return;
        }
        if rounds.next() == Attempt::Final {
            break;
        }
        load(view, socket).await;
    }
    tracing::error!(view = V::name(), "components place new components without end");
    socket.components.want_nothing();
}

/// Updates all components that are wanted, those of one type together.
async fn load<V: LiveView>(view: &mut V, socket: &mut Socket<V>) {
    for (kind, batch) in socket.components.take_wanted() {
        let span = telemetry::component_span(V::name(), kind.name, "update", batch.len());
        let updating = (kind.update)(batch, component_socket(socket));
        let (batch, updated) = updating.instrument(span.clone()).await;
        for (number, instance) in batch {
            socket.components.put_changed(number, instance);
        }
        report(view, socket, updated, &span);
    }
}

async fn deliver<V: LiveView>(view: &mut V, socket: &mut Socket<V>) {
    for (name, message) in std::mem::take(&mut socket.pending.to_components) {
        let Some(number) = socket.components.number(name) else { continue };
        let Some(kind) = socket.components.kind(number) else { continue };
        let Some(mut instance) = socket.components.take(number) else { continue };
        let span = telemetry::component_span(V::name(), kind.name, "handle_message", 1);
        let handled = match instance.message(message, component_socket(socket)) {
            Some(handling) => handling.instrument(span.clone()).await,
            None => Ok(()),
        };
        socket.components.put_changed(number, instance);
        report(view, socket, handled, &span);
    }
}

/// Runs the callback of an event that is known to be declared.
pub(crate) async fn handle_event<V: LiveView>(
    instance: &mut dyn Instance,
    name: &str,
    value: &EventValue,
    socket: &mut Socket<V>,
) -> Result<(), CallbackError> {
    match instance.event(name, value, component_socket(socket)) {
        Some(handling) => handling.await,
        None => Ok(()),
    }
}

/// Logs the error of a callback once, marks its span, and lets the view show it.
pub(crate) fn report<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
    result: Result<(), CallbackError>,
    span: &Span,
) {
    if let Err(error) = result {
        tracing::error!(view = V::name(), %error, "a callback failed");
        telemetry::fail(span, "callback", &error.to_string());
        view.handle_error(&error, socket);
    }
}

fn component_socket<V: LiveView>(socket: &mut Socket<V>) -> ComponentSocket<'_> {
    let Socket { pending, flash, provided, .. } = socket;
    ComponentSocket { pending, flash, provided }
}
