//! The instruments behind the runtime's metrics, and the functions that record on them.
//!
//! They are made on first use from the process's meter provider, so the provider must be set before
//! the application serves. Without one they do nothing, which costs a few nanoseconds.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::bridge::{BoundCounter, Counter, Histogram, KeyValue, Meter, UpDownCounter, meter};
use super::{PollOutcome, UploadOutcome, attribute, metric};

mod view;

pub(crate) use view::ViewMetrics;

/// Bounds of the buckets for callbacks, in seconds: a click takes some hundred microseconds.
const CALLBACK_SECONDS: [f64; 15] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0,
];
const DIFF_BYTES: [f64; 9] =
    [16.0, 64.0, 256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0];
const MAILS: [f64; 9] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// The runtime's instruments, made on first use.
#[derive(Default)]
pub(crate) struct Metrics {
    instruments: OnceLock<Instruments>,
    /// Of each view that has run, by its name.
    views: Mutex<HashMap<&'static str, Arc<ViewMetrics>>>,
    /// The series of holds, by what was held for and how that ended.
    holds: [[OnceLock<BoundCounter<u64>>; 3]; 2],
}

#[derive(Clone)]
struct Instruments {
    views_connected: UpDownCounter<i64>,
    mounts: Counter<u64>,
    events: Counter<u64>,
    event_duration: Histogram<f64>,
    asyncs: Counter<u64>,
    async_duration: Histogram<f64>,
    queue_wait: Histogram<f64>,
    browser_wait: Histogram<f64>,
    mailbox_depth: Histogram<u64>,
    mailbox_overflows: Counter<u64>,
    components_forgotten: Counter<u64>,
    diff_size: Histogram<u64>,
    snapshot_size: Histogram<u64>,
    snapshots_not_kept: Counter<u64>,
    snapshots_not_stored: Counter<u64>,
    snapshots_returned: Counter<u64>,
    joins_refused: Counter<u64>,
    pages_refused: Counter<u64>,
    sockets_refused: Counter<u64>,
    long_polls: Counter<u64>,
    holds: Counter<u64>,
    protocol_errors: Counter<u64>,
    uploads: Counter<u64>,
    upload_bytes: Counter<u64>,
    uploads_refused: Counter<u64>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventOutcome {
    Handled,
    /// A guard did not let it pass.
    Refused,
    /// Its callback, or a guard, returned an error.
    Failed,
}

impl EventOutcome {
    /// The outcome of an event that guards let pass, or not, and whose callback ran if they did.
    pub(crate) fn of<E>(has_passed: &Result<bool, E>) -> Self {
        match has_passed {
            Ok(true) => Self::Handled,
            Ok(false) => Self::Refused,
            Err(_) => Self::Failed,
        }
    }
}

/// For whom a view was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// For the first join of its page.
    Page,
    /// For a browser that has lost its connection.
    Reconnect,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoldOutcome {
    /// A join took the view over.
    Adopted,
    /// Nobody came in time.
    Expired,
    /// Others needed the room.
    Evicted,
}

impl Metrics {
    /// What is recorded of `view` at each act.
    pub(crate) fn of_view(&self, view: &'static str) -> Arc<ViewMetrics> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(ViewMetrics::new(self.all().clone(), view));
        Arc::clone(views.entry(view).or_insert_with(new))
    }

    /// Counts a browser as joined to `view` for as long as the returned value lives.
    pub(crate) fn connected(self: &Arc<Self>, view: &'static str) -> ConnectedView {
        self.all().views_connected.add(1, &[KeyValue::new(attribute::VIEW, view)]);
        ConnectedView { metrics: Arc::clone(self), view }
    }

    /// A mount has ended; `error_type` says how it failed.
    pub(crate) fn mounted(
        &self,
        view: &'static str,
        connected: bool,
        error_type: Option<&'static str>,
    ) {
        let view = KeyValue::new(attribute::VIEW, view);
        let connected = KeyValue::new(attribute::CONNECTED, connected);
        match error_type {
            None => self.all().mounts.add(1, &[view, connected]),
            Some(error_type) => {
                let error_type = KeyValue::new(attribute::ERROR_TYPE, error_type);
                self.all().mounts.add(1, &[view, connected, error_type]);
            }
        }
    }

    /// A piece of work of a view, or of one of its components, has ended.
    pub(crate) fn loaded(
        &self,
        view: &'static str,
        component: Option<&'static str>,
        name: &'static str,
        outcome: EventOutcome,
        took: Duration,
    ) {
        let series = series(view, component, attribute::ASYNC, name, outcome);
        let series = &series[usize::from(component.is_none())..];
        self.all().asyncs.add(1, series);
        self.all().async_duration.record(took.as_secs_f64(), &series[..series.len() - 1]);
    }

    /// An event was ignored: not declared, or malformed. Its name stays out of the metric.
    pub(crate) fn event_ignored(&self, view: &'static str) {
        let outcome = KeyValue::new(attribute::OUTCOME, attribute::OUTCOME_IGNORED);
        self.all().events.add(1, &[KeyValue::new(attribute::VIEW, view), outcome]);
    }

    /// A view was given up because its mailbox did not take a message.
    pub(crate) fn mailbox_overflowed(&self, view: &'static str) {
        self.all().mailbox_overflows.add(1, &[KeyValue::new(attribute::VIEW, view)]);
    }

    /// Components that had left the page of a view were forgotten at their bound.
    pub(crate) fn components_forgotten(&self, view: &'static str, n_components: usize) {
        let series = [KeyValue::new(attribute::VIEW, view)];
        self.all().components_forgotten.add(n_components as u64, &series);
    }

    /// A join was refused.
    pub(crate) fn join_refused(&self, reason: &'static str) {
        self.all().joins_refused.add(1, &[KeyValue::new(attribute::REASON, reason)]);
    }

    /// A page was refused.
    pub(crate) fn page_refused(&self, reason: &'static str) {
        self.all().pages_refused.add(1, &[KeyValue::new(attribute::REASON, reason)]);
    }

    /// An upgrade was refused.
    pub(crate) fn socket_refused(&self, reason: &'static str) {
        self.all().sockets_refused.add(1, &[KeyValue::new(attribute::REASON, reason)]);
    }

    /// A browser that polls has opened a session, or asked for what is not the ordinary course.
    pub(crate) fn polled(&self, outcome: PollOutcome) {
        self.all().long_polls.add(1, &[KeyValue::new(attribute::OUTCOME, outcome.as_str())]);
    }

    /// Holds have ended.
    pub(crate) fn holds_ended(&self, hold: Hold, outcome: HoldOutcome, n_views: usize) {
        if n_views == 0 {
            return;
        }
        let series = &self.holds[hold as usize][outcome as usize];
        series.get_or_init(|| self.series_of_holds(hold, outcome)).add(n_views as u64);
    }

    fn series_of_holds(&self, hold: Hold, outcome: HoldOutcome) -> BoundCounter<u64> {
        let hold = match hold {
            Hold::Page => attribute::HOLD_PAGE,
            Hold::Reconnect => attribute::HOLD_RECONNECT,
        };
        let outcome = match outcome {
            HoldOutcome::Adopted => attribute::OUTCOME_ADOPTED,
            HoldOutcome::Expired => attribute::OUTCOME_EXPIRED,
            HoldOutcome::Evicted => attribute::OUTCOME_EVICTED,
        };
        let series =
            [KeyValue::new(attribute::HOLD, hold), KeyValue::new(attribute::OUTCOME, outcome)];
        self.all().holds.bind(&series)
    }

    /// A client broke the protocol.
    pub(crate) fn protocol_error(&self, kind: &'static str) {
        self.all().protocol_errors.add(1, &[KeyValue::new(attribute::REASON, kind)]);
    }

    /// The upload of a file has ended.
    pub(crate) fn upload(&self, view: &'static str, outcome: UploadOutcome, received: u64) {
        let outcome = KeyValue::new(attribute::OUTCOME, outcome.as_str());
        let series = [KeyValue::new(attribute::VIEW, view), outcome];
        self.all().uploads.add(1, &series);
        self.all().upload_bytes.add(received, &series);
    }

    /// A file was refused before it came, or a message about one.
    pub(crate) fn upload_refused(&self, reason: &'static str) {
        self.all().uploads_refused.add(1, &[KeyValue::new(attribute::REASON, reason)]);
    }

    fn all(&self) -> &Instruments {
        self.instruments.get_or_init(|| Instruments::new(&meter()))
    }
}

/// What an event or a piece of work is counted by, the component first, the outcome last.
fn series(
    view: &'static str,
    component: Option<&'static str>,
    key: &'static str,
    name: &'static str,
    outcome: EventOutcome,
) -> [KeyValue; 4] {
    let outcome = match outcome {
        EventOutcome::Handled => attribute::OUTCOME_HANDLED,
        EventOutcome::Refused => attribute::OUTCOME_REFUSED,
        EventOutcome::Failed => attribute::OUTCOME_FAILED,
    };
    [
        KeyValue::new(attribute::COMPONENT, component.unwrap_or_default()),
        KeyValue::new(attribute::VIEW, view),
        KeyValue::new(key, name),
        KeyValue::new(attribute::OUTCOME, outcome),
    ]
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let counter = |name, unit, what| {
            meter.u64_counter(name).with_unit(unit).with_description(what).build()
        };
        let seconds = |name, what| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(what);
            histogram.with_boundaries(CALLBACK_SECONDS.into()).build()
        };
        let sizes = |name, unit, bounds: [f64; 9], what| {
            let histogram = meter.u64_histogram(name).with_unit(unit).with_description(what);
            histogram.with_boundaries(bounds.into()).build()
        };
        let connected = meter
            .i64_up_down_counter(metric::VIEWS_CONNECTED)
            .with_unit("{view}")
            .with_description("Views that a browser is joined to now.");
        Self {
            views_connected: connected.build(),
            mounts: counter(metric::MOUNTS, "{mount}", "Mounts, for pages and for joins."),
            events: counter(metric::EVENTS, "{event}", "Events of browsers."),
            event_duration: seconds(metric::EVENT_DURATION, "From a callback to its reply."),
            asyncs: counter(metric::ASYNC, "{piece}", "Pieces of work beside views."),
            async_duration: seconds(metric::ASYNC_DURATION, "From a piece's start to its end."),
            queue_wait: seconds(metric::QUEUE_WAIT, "From an arrival to its callback."),
            browser_wait: seconds(metric::BROWSER_WAIT, "Waits for the frame before to be read."),
            mailbox_depth: sizes(metric::MAILBOX_DEPTH, "{mail}", MAILS, "Mails that still wait."),
            mailbox_overflows: counter(
                metric::MAILBOX_OVERFLOWS,
                "{view}",
                "Views given up because their mailbox was full.",
            ),
            components_forgotten: counter(
                metric::COMPONENTS_FORGOTTEN,
                "{component}",
                "Components forgotten without a farewell.",
            ),
            diff_size: sizes(metric::DIFF_SIZE, "By", DIFF_BYTES, "Size of a diff."),
            snapshot_size: sizes(metric::SNAPSHOT_SIZE, "By", DIFF_BYTES, "Kept."),
            snapshots_not_kept: counter(metric::SNAPSHOTS_NOT_KEPT, "{snapshot}", "Not kept."),
            snapshots_not_stored: counter(
                metric::SNAPSHOTS_NOT_STORED,
                "{snapshot}",
                "Not taken by their store.",
            ),
            snapshots_returned: counter(metric::SNAPSHOTS_RETURNED, "{snapshot}", "Brought back."),
            joins_refused: counter(metric::JOINS_REFUSED, "{join}", "Refused joins."),
            pages_refused: counter(metric::PAGES_REFUSED, "{page}", "Refused pages."),
            sockets_refused: counter(
                metric::SOCKETS_REFUSED,
                "{socket}",
                "Upgrades that opened no socket.",
            ),
            long_polls: counter(metric::LONG_POLLS, "{request}", "Requests of long polling."),
            holds: counter(metric::HOLDS, "{view}", "Views whose hold has ended."),
            protocol_errors: counter(metric::PROTOCOL_ERRORS, "{message}", "Broken protocol."),
            uploads: counter(metric::UPLOADS, "{file}", "Files whose upload has ended."),
            upload_bytes: counter(metric::UPLOAD_BYTES, "By", "What has come of uploads."),
            uploads_refused: counter(metric::UPLOADS_REFUSED, "{file}", "Refused uploads."),
        }
    }
}

/// A view that a browser is joined to; see [`Metrics::connected`].
#[derive(Debug)]
pub(crate) struct ConnectedView {
    metrics: Arc<Metrics>,
    view: &'static str,
}

impl Drop for ConnectedView {
    fn drop(&mut self) {
        self.metrics.all().views_connected.add(-1, &[KeyValue::new(attribute::VIEW, self.view)]);
    }
}
