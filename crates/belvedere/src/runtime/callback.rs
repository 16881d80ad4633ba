//! What callbacks of components are given, and what becomes of an error.

use std::sync::Arc;

use tracing::Span;

use crate::component::ComponentSocket;
use crate::component::instance::{Instance, Kind};
use crate::error::{CallbackError, Meaning};
use crate::runtime::mailbox::Inbox;
use crate::socket::Socket;
use crate::telemetry;
use crate::view::LiveView;

/// A stream's items are lost, and whose it is cannot tell them: the view must be mounted anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemsLost;

/// Tells the log of a callback's error, marks its span, and lets the view show it.
pub(crate) fn report<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
    result: Result<(), CallbackError>,
    span: &Span,
) {
    if let Err(mut error) = result {
        let returned = &socket.pieces.returned;
        returned.look(V::name(), &mut error);
        if error.meaning() == Meaning::Other {
            returned.callback_failed(V::name(), &error, span);
        }
        telemetry::fail(span, error.kind(), &error.to_string());
        let _panic = telemetry::FailOnPanic::part(None, "handle_error");
        view.handle_error(&error, socket);
    }
}

/// A component taken out of the registry for a callback.
pub(crate) struct Addressed {
    number: u64,
    pub(crate) kind: Kind,
    pub(crate) instance: Box<dyn Instance>,
}

impl Addressed {
    /// The component of this number, if the view has it.
    pub(crate) fn taken<V: LiveView>(socket: &mut Socket<V>, number: u64) -> Option<Self> {
        let kind = socket.components.kind(number)?;
        Some(Self { number, kind, instance: socket.components.take(number)? })
    }

    /// Puts it back, changed perhaps.
    pub(crate) fn put_back<V: LiveView>(self, socket: &mut Socket<V>) {
        socket.components.put_changed(self.number, self.instance);
    }
}

/// What a callback of a component of this kind is given.
pub(crate) fn component_socket<V: LiveView>(
    socket: &mut Socket<V>,
    kind: Kind,
) -> ComponentSocket<'_> {
    let Socket { pending, flash, provided, tasks, pieces, mailbox, identity, .. } = socket;
    ComponentSocket {
        pending,
        flash,
        provided,
        visit: &identity.visit,
        tasks,
        pieces,
        inbox: Arc::clone(mailbox) as Arc<dyn Inbox>,
        identity: identity.for_spans::<V>(),
        view_dom_id: identity.dom_id(),
        component: kind.name,
    }
}
