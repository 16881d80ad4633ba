//! [`PageTrace`]: the few bytes by which later work finds the page it belongs to.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::wire::token::TRACE_BYTES;

/// The mount span of a page and whether its trace is recorded.
///
/// It travels inside the signed session token, so an act on any node, or after a restart, links to
/// its page and inherits the page's sampling decision. 25 bytes, no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageTrace {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    sampled: bool,
}

impl PageTrace {
    /// Bytes of [`to_bytes`](Self::to_bytes).
    pub const LEN: usize = TRACE_BYTES;

    /// Tracing was off when the page was served.
    pub const NONE: Self = Self { trace_id: [0; 16], span_id: [0; 8], sampled: false };

    /// The identity of `span`; [`NONE`](Self::NONE) when no OpenTelemetry layer saw it.
    ///
    /// Fixes the span's sampling decision, so links and a parent must have been set before.
    #[must_use]
    pub fn of(span: &tracing::Span) -> Self {
        if span.is_disabled() {
            return Self::NONE;
        }
        Self::of_context(span.context().span().span_context())
    }

    /// The identity of the work in progress, for a message that others will handle.
    #[must_use]
    pub fn current() -> Self {
        Context::map_current(|context| Self::of_context(context.span().span_context()))
    }

    fn of_context(context: &SpanContext) -> Self {
        if !context.is_valid() {
            return Self::NONE;
        }
        Self {
            trace_id: context.trace_id().to_bytes(),
            span_id: context.span_id().to_bytes(),
            sampled: context.is_sampled(),
        }
    }

    /// Whether tracing was off when the page was served.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether the page's trace is known to be left out, so that its acts must build no span.
    #[must_use]
    pub fn is_unsampled(self) -> bool {
        !self.sampled && !self.is_none()
    }

    /// Trace id, span id, and one byte that is 1 when sampled.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..16].copy_from_slice(&self.trace_id);
        bytes[16..24].copy_from_slice(&self.span_id);
        bytes[24] = u8::from(self.sampled);
        bytes
    }

    /// The inverse of [`to_bytes`](Self::to_bytes). Ids that are no ids (all zero) give
    /// [`NONE`](Self::NONE).
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let mut trace = Self::NONE;
        trace.trace_id.copy_from_slice(&bytes[..16]);
        trace.span_id.copy_from_slice(&bytes[16..24]);
        if trace.trace_id == [0; 16] || trace.span_id == [0; 8] {
            return Self::NONE;
        }
        trace.sampled = bytes[24] & 1 == 1;
        trace
    }

    pub(crate) fn trace_id(self) -> TraceId {
        TraceId::from_bytes(self.trace_id)
    }

    pub(super) fn span_id(self) -> SpanId {
        SpanId::from_bytes(self.span_id)
    }

    /// The span, which may have run in another process.
    pub(super) fn span_context(self) -> SpanContext {
        self.context_of(Origin::Anywhere)
    }

    /// A context in which the span, one of this process, is the parent of what follows.
    pub(super) fn local_context(self) -> Context {
        Context::new().with_remote_span_context(self.context_of(Origin::ThisProcess))
    }

    fn context_of(self, origin: Origin) -> SpanContext {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let is_remote = origin == Origin::Anywhere;
        SpanContext::new(self.trace_id(), self.span_id(), flags, is_remote, TraceState::default())
    }
}

/// Where a span ran.
#[derive(PartialEq, Eq)]
enum Origin {
    ThisProcess,
    Anywhere,
}

#[cfg(test)]
mod tests {
    use super::PageTrace;

    #[test]
    fn bytes_survive_a_round_trip() {
        let mut bytes = [7; PageTrace::LEN];
        for flag in [0, 1] {
            bytes[24] = flag;
            let page = PageTrace::from_bytes(bytes);
            assert_eq!(page.to_bytes(), bytes);
            assert_eq!(page.is_unsampled(), flag == 0);
            assert!(!page.is_none());
        }
    }

    #[test]
    fn a_zero_id_is_no_page() {
        let mut no_trace = [7; PageTrace::LEN];
        no_trace[..16].fill(0);
        let mut no_span = [7; PageTrace::LEN];
        no_span[16..24].fill(0);
        assert!(PageTrace::from_bytes(no_trace).is_none());
        assert!(PageTrace::from_bytes(no_span).is_none());
        assert_eq!(PageTrace::from_bytes(PageTrace::NONE.to_bytes()), PageTrace::NONE);
    }

    #[test]
    fn tracing_off_is_not_the_same_as_unsampled() {
        assert!(!PageTrace::NONE.is_unsampled());
        assert!(PageTrace::of(&tracing::Span::none()).is_none());
        assert!(PageTrace::current().is_none());
    }

    #[test]
    fn a_page_trace_is_25_bytes() {
        assert_eq!(size_of::<PageTrace>(), PageTrace::LEN);
    }
}
