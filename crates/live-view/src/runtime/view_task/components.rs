//! What a browser asks of components: events with a `cid`, and their end.

use tracing::Instrument;

use super::{Flow, ViewTask};
use crate::event::{EventError, EventValue};
use crate::runtime::components;
use crate::runtime::view_task::answer::Scope;
use crate::telemetry::{self, Act};
use crate::view::LiveView;
use crate::wire::message::EventPayload;
use crate::wire::response;

impl<V: LiveView> ViewTask<V> {
    /// Handles an event of a component; one that is gone is an ordinary race.
    pub(super) async fn component_event(
        &mut self,
        number: u64,
        payload: &EventPayload<'_>,
        message_ref: Option<&str>,
    ) -> Flow {
        self.socket.mailbox.frame_slot().await;
        let Some(kind) = self.socket.components.kind(number) else {
            return self.acknowledge(message_ref);
        };
        let Some(mut instance) = self.socket.components.take(number) else {
            return self.acknowledge(message_ref);
        };
        let flash = self.socket.flash.clone();
        let identity = self.socket.identity.for_spans::<V>();
        let span = |event| telemetry::act_span(&identity, Act::ComponentEvent(kind.name, event));
        let value = EventValue::from_payload(payload, &self.runtime.config.form_limits);
        let named = value.map_err(EventError::from).and_then(|value| {
            let event = instance.declared_event(&payload.event, &value)?;
            Ok((value, span(event)))
        });
        let (value, span) = match named {
            Ok(named) => named,
            Err(error) => {
                self.socket.components.put(number, instance);
                tracing::warn!(view = V::name(), component = kind.name, %error, "event ignored");
                return self.protocol_error(error.reason(), message_ref);
            }
        };
        let act = span.clone();
        async {
            let name = &payload.event;
            let handling = components::handle_event(&mut *instance, name, &value, &mut self.socket);
            let handled = handling.await;
            self.settle_result(handled, &act);
            self.socket.components.put_changed(number, instance);
            // What the view shows of a component's event is at most its flash.
            let scope = if self.socket.flash == flash { Scope::Components } else { Scope::View };
            self.reply_with(scope, message_ref).await
        }
        .instrument(span)
        .await
    }

    /// The browser has dropped components; says which of them are really gone.
    pub(super) fn components_destroyed(
        &mut self,
        numbers: &[u64],
        message_ref: Option<&str>,
    ) -> Flow {
        let gone = self.socket.components.destroy(numbers);
        self.reply(message_ref, |out| response::write_cids(out, &gone))
    }
}
