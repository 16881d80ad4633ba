//! The span of what guards do with an event.

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{attribute, within_recorded_work};

/// `UsersSlow guard` within an event's act: what its guards do. [`record_guarded`] completes it.
#[must_use]
pub fn guard_span(view: &'static str) -> Span {
    within_recorded_work(|| {
        info_span!(
            "guard",
            otel.name = format_args!("{view} guard"),
            { attribute::VIEW } = view,
            { attribute::OUTCOME } = Empty,
        )
    })
}

/// Says on a [`guard_span`] what the guards have said: one of [`attribute::OUTCOME_PASSED`],
/// [`attribute::OUTCOME_REFUSED`] and [`attribute::OUTCOME_FAILED`].
pub fn record_guarded(span: &Span, outcome: &'static str) {
    span.record(attribute::OUTCOME, outcome);
}
