//! What a view task tells of its callbacks: how long they waited, how long they took.

use std::time::Duration;

use tracing::Span;

use crate::runtime::inspect::Handling;
use crate::runtime::view_task::ViewTask;
use crate::telemetry::{self, Act, EventOutcome};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// The callback of a mail that has waited so long starts in this span.
    pub(super) fn begin_act(&self, act: Act, waited: Duration) -> Span {
        let depth = self.socket.mailbox.len();
        self.metrics.callback_starts(waited, depth);
        telemetry::queued_act_span(&self.identity(), act, waited)
    }

    /// An event was answered.
    pub(super) fn event_ends(&self, handling: Handling, outcome: EventOutcome) {
        let Handling { component, name, .. } = handling;
        let took = self.socket.mailbox.figures.handled(handling);
        self.metrics.event(component, name, outcome, took);
    }

    /// The page was rendered, or components have gone.
    pub(super) fn components_known(&self) {
        let components = &self.socket.components;
        let bytes = components.memory_bytes();
        self.socket.mailbox.figures.components(components.len(), bytes);
    }
}
