//! How much of a batch the collector refused although it took the batch.
//!
//! The OTLP exporter calls such a batch delivered and tells the rest to its log alone, over HTTP as
//! over gRPC. So it runs under a subscriber that listens for that line, and otherwise passes all to
//! the one it would have had. The alternative, a client of our own for each protocol, would have to do
//! without the exporter's retries.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::dispatcher::{WeakDispatch, get_default};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::DeliveryState;
use crate::text::beginning;

/// End of the names of the exporter's events, and the beginning of the field that says how much.
const EVENT: &str = ".PartialSuccess";
const FIELD_REFUSED: &str = "rejected_";
const FIELD_REASON: &str = "error_message";
/// Longest that is kept of the collector's reason.
const MAX_REASON_BYTES: usize = 500;

/// A part that the collector did not take, in spans or data points.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) count: u64,
    /// In the collector's words.
    pub(super) reason: String,
}

/// What was heard of the exports of one exporter, which exports one batch at a time.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    heard: Arc<Mutex<Refused>>,
    listener: OnceLock<Dispatch>,
}

impl Refusals {
    /// What an export is to run under. Made once, as each subscriber that comes or goes costs all
    /// others their caches.
    pub(super) fn listener(&self, state: &DeliveryState) -> Dispatch {
        let listener = self.listener.get_or_init(|| {
            let around = state.subscriber.get().cloned();
            Dispatch::new(Listener {
                around: around.unwrap_or_else(|| get_default(Dispatch::downgrade)),
                heard: Arc::clone(&self.heard),
            })
        });
        listener.clone()
    }

    /// What was refused since the last call.
    pub(super) fn take(&self) -> Option<Refused> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        Some(std::mem::take(&mut *heard)).filter(|refused| refused.count > 0)
    }
}

struct Listener {
    /// Weak, because the subscriber owns the exporter.
    around: WeakDispatch,
    heard: Arc<Mutex<Refused>>,
}

impl Listener {
    fn around(&self) -> Dispatch {
        self.around.upgrade().unwrap_or_else(Dispatch::none)
    }
}

fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && metadata.name().ends_with(EVENT)
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let interest = self.around().register_callsite(metadata);
        if is_heard(metadata) { Interest::always() } else { interest }
    }

    /// As far as others look, and at least to the exporter's warnings.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::current().max(LevelFilter::WARN))
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_heard(metadata) || self.around().enabled(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        let around = self.around();
        if is_heard(event.metadata()) {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            event.record(&mut *heard);
            drop(heard);
            if !around.enabled(event.metadata()) {
                return;
            }
        }
        around.event(event);
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.around().new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.around().record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.around().record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.around().enter(span);
    }

    fn exit(&self, span: &Id) {
        self.around().exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.around().clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        self.around().try_close(span)
    }
}

impl Visit for Refused {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name().starts_with(FIELD_REFUSED) {
            self.count += u64::try_from(value).unwrap_or(0);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == FIELD_REASON {
            self.reason = beginning(value, MAX_REASON_BYTES).to_owned();
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
