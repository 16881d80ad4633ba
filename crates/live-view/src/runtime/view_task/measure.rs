//! What a view task tells of its callbacks: how long they waited, how long they took.

use std::time::{Duration, Instant};

use tracing::Span;

use crate::runtime::view_task::ViewTask;
use crate::telemetry::{self, EventOutcome};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// The callback of a mail that has waited since `queued` starts in `span`.
    pub(super) fn callback_starts(&self, span: &Span, queued: Instant) {
        let waited = queued.elapsed();
        telemetry::record_queue_wait(span, waited);
        let depth = self.socket.mailbox.len();
        self.runtime.metrics.callback_starts(V::name(), waited, depth);
    }

    /// An event was answered.
    pub(super) fn event_ends(&self, event: &'static str, outcome: EventOutcome, took: Duration) {
        self.runtime.metrics.event(V::name(), event, outcome, took);
    }
}
