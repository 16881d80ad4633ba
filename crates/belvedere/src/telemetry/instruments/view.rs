//! What is recorded of one view at each of its acts.
//!
//! An act records four figures and counts itself. Looking up the series that one belongs to costs
//! more than all else that is recorded, so they are looked up once and kept.

use std::fmt;
use std::ptr;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::{EventOutcome, Instruments, series};
use crate::telemetry::attribute;
use crate::telemetry::bridge::{BoundCounter, BoundHistogram, KeyValue};

/// The series of one view.
pub(crate) struct ViewMetrics {
    instruments: Instruments,
    view: &'static str,
    queue_wait: BoundHistogram<f64>,
    mailbox_depth: BoundHistogram<u64>,
    browser_wait: BoundHistogram<f64>,
    diff_size: BoundHistogram<u64>,
    /// As many as the view and its components declare events, by what can become of one: few, which are
    /// sooner looked through than a name is hashed.
    events: RwLock<Vec<(EventKey, EventSeries)>>,
}

/// The component that an event is of, its name, and what became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct EventKey {
    component: Option<&'static str>,
    event: &'static str,
    outcome: EventOutcome,
}

struct EventSeries {
    count: BoundCounter<u64>,
    duration: BoundHistogram<f64>,
}

impl ViewMetrics {
    pub(super) fn new(instruments: Instruments, view: &'static str) -> Self {
        let series = [KeyValue::new(attribute::VIEW, view)];
        Self {
            view,
            queue_wait: instruments.queue_wait.bind(&series),
            mailbox_depth: instruments.mailbox_depth.bind(&series),
            browser_wait: instruments.browser_wait.bind(&series),
            diff_size: instruments.diff_size.bind(&series),
            events: RwLock::default(),
            instruments,
        }
    }

    /// A declared event of the view, or of one of its components, was answered.
    pub(crate) fn event(
        &self,
        component: Option<&'static str>,
        event: &'static str,
        outcome: EventOutcome,
        took: Duration,
    ) {
        let key = EventKey { component, event, outcome };
        let known = self.events.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(known, _)| known.is_the_same_as(&key));
        if let Some((_, series)) = found.or_else(|| known.iter().find(|(known, _)| *known == key)) {
            return series.record(took);
        }
        drop(known);
        let series = self.series(key);
        series.record(took);
        // Another thread may have done so meanwhile: then two lead to one series.
        self.events.write().unwrap_or_else(PoisonError::into_inner).push((key, series));
    }

    fn series(&self, EventKey { component, event, outcome }: EventKey) -> EventSeries {
        // The last is of no use for the duration; where there is no component, the first is left out.
        let series = series(self.view, component, attribute::EVENT, event, outcome);
        let series = &series[usize::from(component.is_none())..];
        EventSeries {
            count: self.instruments.events.bind(series),
            duration: self.instruments.event_duration.bind(&series[..series.len() - 1]),
        }
    }

    /// A callback starts, after its event or message has waited; `depth` more wait behind it.
    pub(crate) fn callback_starts(&self, waited: Duration, depth: usize) {
        self.queue_wait.record(waited.as_secs_f64());
        self.mailbox_depth.record(depth as u64);
    }

    /// A frame or an event has waited for the browser to take the frame before.
    pub(crate) fn browser_waited(&self, waited: Duration) {
        self.browser_wait.record(waited.as_secs_f64());
    }

    /// A browser, or a store, was given a snapshot of this many bytes to keep.
    pub(crate) fn snapshot_sent(&self, bytes: usize) {
        let series = [KeyValue::new(attribute::VIEW, self.view)];
        self.instruments.snapshot_size.record(bytes as u64, &series);
    }

    /// The view's state could not be kept.
    pub(crate) fn snapshot_not_kept(&self, reason: &'static str) {
        let series =
            [KeyValue::new(attribute::VIEW, self.view), KeyValue::new(attribute::REASON, reason)];
        self.instruments.snapshots_not_kept.add(1, &series);
    }

    /// The store has not taken the view's state.
    pub(crate) fn snapshot_not_stored(&self, reason: &'static str) {
        let series =
            [KeyValue::new(attribute::VIEW, self.view), KeyValue::new(attribute::REASON, reason)];
        self.instruments.snapshots_not_stored.add(1, &series);
    }

    /// A browser has brought a snapshot, which the view has taken over or not, for this reason.
    pub(crate) fn snapshot_returned(&self, refused: Option<&'static str>) {
        let view = KeyValue::new(attribute::VIEW, self.view);
        let outcome = |outcome: &'static str| KeyValue::new(attribute::OUTCOME, outcome);
        let returned = &self.instruments.snapshots_returned;
        match refused {
            None => returned.add(1, &[view, outcome(attribute::OUTCOME_RESTORED)]),
            Some(reason) => {
                let reason = KeyValue::new(attribute::REASON, reason);
                returned.add(1, &[view, outcome(attribute::OUTCOME_REFUSED), reason]);
            }
        }
    }

    /// A diff was written.
    pub(crate) fn diff(&self, bytes: usize) {
        self.diff_size.record(bytes as u64);
    }
}

impl EventKey {
    /// Whether its names stand where those of the other stand in the program. Equal ones nearly always do,
    /// and no letter is looked at.
    fn is_the_same_as(&self, other: &Self) -> bool {
        ptr::eq(self.event, other.event)
            && self.component.map(ptr::from_ref) == other.component.map(ptr::from_ref)
            && self.outcome == other.outcome
    }
}

impl EventSeries {
    fn record(&self, took: Duration) {
        self.count.add(1);
        self.duration.record(took.as_secs_f64());
    }
}

impl fmt::Debug for ViewMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewMetrics").field("view", &self.view).finish_non_exhaustive()
    }
}
