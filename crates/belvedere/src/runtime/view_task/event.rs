//! An event of the view, handled and answered.

use tokio::time::Instant;
use tracing::Instrument;

use crate::event::{Declared, LiveEvent};
use crate::runtime::inspect::Handling;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry::{self, Act, EventOutcome};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    pub(super) async fn event(
        &mut self,
        event: V::Event,
        message_ref: Option<Box<str>>,
        queued: Instant,
    ) -> Flow {
        self.socket.flash.begin_act();
        let handling = Handling::begin(None, event.name());
        let span = telemetry::act_span(&self.identity(), Act::Event(handling.name));
        self.callback_starts(&span, handling.since(queued));
        let (flow, outcome) = async {
            let _panic = telemetry::FailOnPanic::new(&span, "handle_event");
            let handled = match self.passes(None, Declared::of(&event)).await {
                Ok(true) => self.view.handle_event(event, &mut self.socket).await.map(|()| true),
                refused => refused,
            };
            let outcome = EventOutcome::of(&handled);
            if outcome != EventOutcome::Handled {
                self.not_handled();
            }
            self.settle_result(handled.map(|_| ()), &span);
            (self.reply_rendered(message_ref.as_deref()).await, outcome)
        }
        .instrument(span.clone())
        .await;
        self.event_ends(handling, outcome);
        flow
    }
}
