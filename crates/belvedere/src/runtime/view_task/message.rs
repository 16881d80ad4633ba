//! What the server side sends to a view and to its components.

use std::time::Instant;

use tracing::{Instrument, Span};

use crate::runtime::components;
use crate::runtime::mailbox::{ComponentMessage, Envelope, Message};
use crate::runtime::view_task::answer::Scope;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry::{self, Act, PageTrace};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// Handles a message and those that waited behind it when it came; the next free frame slot
    /// renders once for all of them. Later ones wait for that, so a busy publisher delays no render.
    pub(super) async fn messages(&mut self, first: Envelope<V::Message>) -> Flow {
        let mut next = Some(first);
        let mut waiting = self.socket.mailbox.len();
        while let Some(envelope) = next {
            self.message(envelope).await;
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            next = self.socket.mailbox.next_message().map(|(envelope, ticket)| {
                self.busy = ticket;
                envelope
            });
        }
        Flow::Continue
    }

    async fn message(&mut self, envelope: Envelope<V::Message>) {
        let Envelope { message, publisher, queued } = envelope;
        match message {
            Message::View(message) => {
                let span = self.message_span(Act::Message, publisher, queued);
                self.view_message(message, &span).instrument(span.clone()).await;
                self.dirtied(Scope::View, span);
            }
            Message::Component(message) => {
                let ComponentMessage { name, message } = *message;
                // A component that is gone is an ordinary race.
                let Some(addressed) = components::addressed(&mut self.socket, name) else { return };
                let act = Act::ComponentMessage(addressed.kind.name);
                let span = self.message_span(act, publisher, queued);
                let flash = self.socket.flash.clone();
                let Self { view, socket, .. } = self;
                let handling = components::handle_message(view, socket, addressed, message, &span);
                Box::pin(handling.instrument(span.clone())).await;
                self.dirtied(Scope::of_component(&flash, &self.socket.flash), span);
            }
        }
    }

    async fn view_message(&mut self, message: V::Message, span: &Span) {
        let _panic = telemetry::FailOnPanic::new(span);
        let result = self.view.handle_message(message, &mut self.socket).await;
        self.settle_result(result, span);
        // Now, though no frame may follow: other messages to the same components wait behind.
        components::deliver(&mut self.view, &mut self.socket).await;
    }

    fn message_span(&self, act: Act, publisher: PageTrace, queued: Instant) -> Span {
        let span = telemetry::act_span(&self.identity(), act);
        telemetry::link_publisher(&span, publisher);
        self.callback_starts(&span, queued);
        span
    }
}
