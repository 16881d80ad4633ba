//! The events of a browser: read, handled by the view, answered.

use std::ops::ControlFlow;
use std::time::Instant;

use tracing::Instrument;

use crate::event::{EventError, EventValue, LiveEvent};
use crate::runtime::inspect::Handling;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry::{self, Act, EventOutcome};
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::message::EventPayload;

impl<V: LiveView> ViewTask<V> {
    pub(super) fn read_event(
        &mut self,
        payload: &EventPayload<'_>,
        message_ref: Option<&str>,
    ) -> ControlFlow<Flow, V::Event> {
        if payload.cid.is_some() {
            // A component that is gone is an ordinary race; this view has none.
            return ControlFlow::Break(self.acknowledge(message_ref));
        }
        if payload.event.starts_with(keys::RESERVED_EVENT_PREFIX) {
            return ControlFlow::Break(self.reserved_event(payload, message_ref));
        }
        let decoded = EventValue::from_payload(payload, &self.runtime.config.form_limits)
            .map_err(EventError::from)
            .and_then(|value| V::Event::decode(&payload.event, &value));
        match decoded {
            Ok(event) => ControlFlow::Continue(event),
            Err(error) => {
                tracing::debug!(view = V::name(), %error, "event ignored");
                self.runtime.metrics.event_ignored(V::name());
                ControlFlow::Break(self.protocol_error(error.reason(), message_ref))
            }
        }
    }

    pub(super) async fn event(
        &mut self,
        event: V::Event,
        message_ref: Option<Box<str>>,
        queued: Instant,
    ) -> Flow {
        let handling = Handling::begin(event.name());
        let name = handling.name;
        let span = telemetry::act_span(&self.identity(), Act::Event(name));
        self.callback_starts(&span, queued);
        let (flow, outcome) = async {
            let _panic = telemetry::FailOnPanic::new(&span);
            let result = self.view.handle_event(event, &mut self.socket).await;
            let outcome = EventOutcome::of(&result);
            self.settle_result(result, &span);
            (self.reply_rendered(message_ref.as_deref()), outcome)
        }
        .instrument(span.clone())
        .await;
        let took = self.socket.mailbox.figures.handled(handling);
        self.event_ends(name, outcome, took);
        flow
    }

    /// An event of the client itself.
    pub(super) fn reserved_event(
        &mut self,
        payload: &EventPayload<'_>,
        message_ref: Option<&str>,
    ) -> Flow {
        if &*payload.event != keys::CLEAR_FLASH {
            return self.protocol_error("unknown reserved event", message_ref);
        }
        let value: serde_json::Value =
            serde_json::from_str(payload.value.get()).unwrap_or_default();
        match value.get("key").and_then(serde_json::Value::as_str) {
            Some(kind) => self.socket.flash.clear(kind),
            None => self.socket.flash.clear_all(),
        }
        self.reply_rendered(message_ref)
    }
}
