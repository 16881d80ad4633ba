//! An event of the view, handled and answered.

use tokio::time::Instant;
use tracing::Instrument;

use crate::event::{Declared, LiveEvent};
use crate::runtime::client_frame::Request;
use crate::runtime::inspect::Handling;
use crate::runtime::view_task::{Step, ViewTask};
use crate::telemetry::{self, Act, EventOutcome};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    pub(super) fn event(&mut self, event: V::Event, request: Request, queued: Instant) -> Step<'_> {
        self.socket.flash.begin_act();
        let handling = Handling::begin(None, event.name());
        let span = self.begin_act(Act::Event(handling.name), handling.since(queued));
        let act = span.clone();
        let handled = async move {
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
            let flow = self.reply_rendered(request.message_ref()).await;
            self.event_ends(handling, outcome);
            flow
        };
        Box::pin(handled.instrument(act))
    }
}
