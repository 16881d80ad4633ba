//! What the server side sends to a view and to its components.

use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::runtime::components;
use crate::runtime::mailbox::{ComponentMessage, Envelope, Message};
use crate::runtime::view_task::answer::Scope;
use crate::runtime::view_task::{Flow, Step, ViewTask};
use crate::telemetry::{self, Act, PageTrace};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// Handles a message and those that waited behind it when it came, and renders once for all of
    /// them: as part of the last of these acts or, where the browser has still to take the frame
    /// before or that was sent a moment ago, later. Those that come meanwhile wait for no render, and a busy
    /// publisher delays none. One that sends the browser away is the last.
    pub(super) fn messages(&mut self, first: Envelope<V::Message>) -> Step<'_> {
        let mut next = Some(first);
        let mut waiting = self.socket.mailbox.len();
        Box::pin(async move {
            let mut last = Span::none();
            while let Some(envelope) = next {
                last = self.message(envelope).await.unwrap_or(last);
                if waiting == 0 || self.socket.pending.departs() {
                    break;
                }
                waiting -= 1;
                next = self.socket.mailbox.next_message().map(|(envelope, ticket)| {
                    self.busy = ticket;
                    envelope
                });
            }
            let may_push =
                !self.socket.mailbox.is_frame_waiting() && self.push_waits_until().is_none();
            if self.dirty.is_some() && may_push {
                return self.push_rendered().instrument(last).await;
            }
            // The acts end here: a span is work, and how long a browser takes to read is none.
            Flow::Continue
        })
    }

    /// The span of the act, unless the message is for nobody.
    async fn message(&mut self, envelope: Envelope<V::Message>) -> Option<Span> {
        let Envelope { message, publisher, queued, .. } = envelope;
        self.socket.flash.begin_act();
        match message {
            Message::View(message) => Some(self.view_message(|| message, publisher, queued).await),
            Message::Heard(wrap) => Some(self.view_message(wrap, publisher, queued).await),
            Message::Component(message) => {
                let ComponentMessage { name, message } = *message;
                // A component that is gone is an ordinary race.
                let addressed = components::addressed(&mut self.socket, name)?;
                let act = Act::ComponentMessage(addressed.kind.name);
                let span = self.message_span(act, publisher, queued);
                let flash = self.socket.flash.clone();
                let Self { view, socket, .. } = self;
                let handling = components::handle_message(view, socket, addressed, message, &span);
                Box::pin(handling.instrument(span.clone())).await;
                let scope = Scope::of_component(&flash, &self.socket.flash);
                span.in_scope(|| self.dirtied(scope));
                Some(span)
            }
            Message::Arrival(arrival) => Box::pin(self.arrival(*arrival, publisher, queued)).await,
        }
    }

    async fn view_message(
        &mut self,
        message: impl FnOnce() -> V::Message,
        publisher: PageTrace,
        queued: Instant,
    ) -> Span {
        let span = self.message_span(Act::Message, publisher, queued);
        async {
            let _panic = telemetry::FailOnPanic::new(&span, "handle_message");
            let result = self.view.handle_message(message(), &mut self.socket).await;
            self.settle_result(result, &span);
            // Now, though no frame may follow: other messages to the same components wait behind.
            components::deliver(&mut self.view, &mut self.socket).await;
            self.dirtied(Scope::View);
        }
        .instrument(span.clone())
        .await;
        span
    }

    pub(super) fn message_span(&self, act: Act, publisher: PageTrace, queued: Instant) -> Span {
        let span = self.begin_act(act, queued.elapsed());
        telemetry::link_publisher(&span, publisher);
        span
    }
}
