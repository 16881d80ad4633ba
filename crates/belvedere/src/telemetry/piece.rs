//! The spans of a piece of work that a callback starts beside its view.

use tracing::{Span, info_span};

use super::{PageTrace, attribute, bridge, within_recorded_work, words};

/// `Dashboard async totals`, `Dashboard Chart async days`: a child of the callback that starts the piece,
/// so that several lie side by side. It may go on when that has ended, and the trace with it.
#[must_use]
pub fn async_span(view: &'static str, component: Option<&'static str>, name: &'static str) -> Span {
    within_recorded_work(|| {
        // To `tracing` a child would keep its parents open, and they would be told of when it ends.
        let span = info_span!(
            parent: None,
            "async",
            otel.name = words([view, component.unwrap_or_default(), "async", name]),
            { attribute::VIEW } = view,
            { attribute::COMPONENT } = component,
            { attribute::ASYNC } = name,
        );
        let around = PageTrace::current();
        if !around.is_none() && !span.is_disabled() {
            bridge::set_local_parent(&span, around);
            // Begun here, while the callback goes on, it is known as a part of its trace.
            bridge::trace_of(&span);
        }
        span
    })
}

/// `Dashboard handle_async totals`: what was done with the outcome of a piece, and has failed while the first
/// response or a join shows it.
#[must_use]
pub fn settled_span(
    view: &'static str,
    component: Option<&'static str>,
    name: &'static str,
) -> Span {
    within_recorded_work(|| {
        info_span!(
            "handle_async",
            otel.name = words([view, component.unwrap_or_default(), "handle_async", name]),
            { attribute::VIEW } = view,
            { attribute::COMPONENT } = component,
            { attribute::ASYNC } = name,
        )
    })
}
