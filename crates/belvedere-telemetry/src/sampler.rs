//! Which traces are recorded.

use opentelemetry::trace::{Link, SpanContext, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::settings::Sampling;

/// Lets a page's later acts share its fate: all of a visit is recorded, or nothing of it.
///
/// A trace that begins with a link, and is no server span, is an act of a live view, and its first
/// link is its page's mount span: it is recorded if the page was, and so is all that happens in it. A server span decides for itself,
/// as its link, from an incoming `traceparent`, is a stranger's. Everything else is up to
/// [`Sampling`].
///
/// A sampler sees only links that were added before the span was first entered.
#[derive(Clone, Debug)]
pub struct PageSampler {
    other: Sampler,
}

impl PageSampler {
    /// A sampler that decides on pages as `sampling` says.
    #[must_use]
    pub fn new(sampling: Sampling) -> Self {
        let root = if sampling.ratio >= 1.0 {
            Sampler::AlwaysOn
        } else if sampling.ratio <= 0.0 {
            Sampler::AlwaysOff
        } else {
            Sampler::TraceIdRatioBased(sampling.ratio)
        };
        let other = if sampling.parent_based { Sampler::ParentBased(Box::new(root)) } else { root };
        Self { other }
    }
}

impl ShouldSample for PageSampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        span_kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let parent = parent_context.map(|context| context.span().span_context().clone());
        let parent = parent.filter(SpanContext::is_valid);
        if let Some(parent) = parent.as_ref().filter(|parent| !parent.is_remote()) {
            return decided(parent);
        }
        let is_root = parent.is_none();
        match links.first() {
            Some(page) if is_root && *span_kind != SpanKind::Server => decided(&page.span_context),
            _ => self.other.should_sample(
                parent_context,
                trace_id,
                name,
                span_kind,
                attributes,
                links,
            ),
        }
    }
}

/// As it was decided for `span`.
fn decided(span: &SpanContext) -> SamplingResult {
    let decision =
        if span.is_sampled() { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
    SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() }
}
