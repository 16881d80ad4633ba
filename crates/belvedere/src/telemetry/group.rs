//! The spans of what a group of routes does for its pages: guards of events, values that pages share.

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{attribute, within_recorded_work, words};

/// `UsersSlow guard` within an event's act: what its guards do. [`record_guarded`] completes it.
#[must_use]
pub fn guard_span(view: &'static str) -> Span {
    within_recorded_work(|| {
        info_span!(
            "guard",
            otel.name = words([view, "guard"]),
            { attribute::VIEW } = view,
            { attribute::OUTCOME } = Empty,
        )
    })
}

/// `Chrome load` within a page's request, or a join: what pages share is loaded, as its type is called.
#[must_use]
pub fn load_span(shared: &'static str) -> Span {
    within_recorded_work(|| info_span!("load", otel.name = words([shared, "load"])))
}

/// Says on a [`guard_span`] what the guards have said: one of [`attribute::OUTCOME_PASSED`],
/// [`attribute::OUTCOME_REFUSED`], [`attribute::OUTCOME_REDIRECTED`] and [`attribute::OUTCOME_FAILED`].
pub fn record_guarded(span: &Span, outcome: &'static str) {
    span.record(attribute::OUTCOME, outcome);
}
