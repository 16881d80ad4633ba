//! What a browser asks of components: events with a `cid`, and their end.

use tokio::time::Instant;
use tracing::Instrument;

use super::{Flow, ViewTask};
use crate::event::EventValue;
use crate::runtime::callback::Addressed;
use crate::runtime::client_frame::Request;
use crate::runtime::components;
use crate::runtime::inspect::Handling;
use crate::runtime::view_task::answer::Scope;
use crate::telemetry::{self, Act, EventOutcome, Told};
use crate::view::LiveView;
use crate::wire::response;

/// What a browser sends to a component.
pub(super) struct ComponentEvent {
    pub(super) number: u64,
    pub(super) name: Box<str>,
    pub(super) value: EventValue,
    pub(super) is_form: bool,
}

impl<V: LiveView> ViewTask<V> {
    /// Handles an event of a component; one that is gone is an ordinary race.
    pub(super) async fn component_event(
        &mut self,
        event: ComponentEvent,
        request: Request,
        queued: Instant,
    ) -> Flow {
        let ComponentEvent { number, name, value, is_form } = event;
        let message_ref = request.message_ref();
        let Some(number) = self.socket.components.current(number) else {
            return self.acknowledge(message_ref);
        };
        let Some(mut addressed) = Addressed::taken(&mut self.socket, number) else {
            return self.acknowledge(message_ref);
        };
        let kind = addressed.kind;
        let event = match addressed.instance.declared_event(&name, &value) {
            Ok(event) => event,
            Err(error) => {
                self.socket.components.put(number, addressed.instance);
                self.unread(Some(kind.name), &error);
                return self.reply_rendered(message_ref).await;
            }
        };
        self.socket.flash.begin_act();
        let flash = self.socket.flash.clone();
        self.socket.has_read(event.name, is_form);
        let handling = Handling::begin(Some(kind.name), event.name);
        let act = Act::ComponentEvent(kind.name, event.name);
        let span = self.begin_act(act, handling.since(queued));
        let (flow, outcome) = async {
            let _panic = telemetry::FailOnPanic::of_component(&span, kind.name, "handle_event");
            let passed = self.passes(Some(kind.name), event).await;
            let socket = &mut self.socket;
            let handled = match passed {
                Ok(true) => {
                    let handling = components::handle_event(&mut addressed, &name, &value, socket);
                    handling.await.map(|()| true)
                }
                refused => refused,
            };
            let outcome = EventOutcome::of(&handled);
            if outcome != EventOutcome::Handled {
                self.not_handled();
            }
            self.settle_result(handled.map(|_| ()), &span);
            addressed.put_back(&mut self.socket);
            let scope = Scope::of_component(&flash, &self.socket.flash);
            (self.reply_with(scope, message_ref).await, outcome)
        }
        .instrument(span.clone())
        .await;
        self.event_ends(handling, outcome);
        flow
    }

    /// A frame stands: what it leaves out has left the page, and only so much of that is kept.
    pub(super) fn components_depart(&mut self) {
        if self.socket.components.are_none() {
            return;
        }
        let (now, limits) = (Instant::now(), self.runtime.config.departed_limits);
        self.socket.components.depart(now);
        if self.joining {
            return;
        }
        let Some(forgotten) = self.socket.components.forget_departed(limits, now) else {
            return;
        };
        self.runtime.metrics.components_forgotten(V::name(), forgotten.n_components);
        // Once for a view: a browser that says no farewell makes every frame do it.
        if forgotten.is_first {
            log_forgotten(&self.runtime.told.departed, V::name(), forgotten.n_components);
        }
    }

    /// Asks again for nested views that found no seat, and shows what comes of it.
    pub(super) fn seat_freed(&mut self) -> Flow {
        if let Some(is_of_view) = self.socket.components.ask_again() {
            self.dirtied(if is_of_view { Scope::View } else { Scope::Components });
        }
        Flow::Continue
    }

    /// The browser has dropped components; says which of them are really gone.
    pub(super) fn components_destroyed(
        &mut self,
        numbers: &[u64],
        message_ref: Option<&str>,
    ) -> Flow {
        let gone = self.socket.components.destroy(numbers);
        self.components_known();
        let flow = self.reply(message_ref, |out| response::write_cids(out, &gone));
        self.follow_up();
        flow
    }
}

fn log_forgotten(told: &Told, view: &'static str, components: usize) {
    let Some(times) = told.again() else { return };
    tracing::warn!(
        view,
        components,
        times,
        "more components left the page than `departed_limits` keeps for their return, or longer ago; \
         those away longest were forgotten and are mounted anew if they return"
    );
}
