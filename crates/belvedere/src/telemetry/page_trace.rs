//! [`PageTrace`]: the few bytes by which later work finds the page it belongs to.

use tracing::field::{DisplayValue, display};

use super::bridge;
use crate::wire::hex::{Hex, bytes_of_hex};
use crate::wire::token::TRACE_BYTES;

/// The mount span of a page and whether its trace is recorded.
///
/// It travels inside the signed session token, so an act on any node, or after a restart, links to
/// its page and inherits the page's sampling decision. 25 bytes, no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
        if span.is_disabled() { Self::NONE } else { bridge::trace_of(span) }
    }

    /// The identity of a page whose [`mount_span`](super::mount_span) is `span`: where that is none, of the
    /// request around it, which is not sampled.
    ///
    /// Fixes the span's sampling decision, as [`of`](Self::of) does.
    #[must_use]
    pub fn of_mount(span: &tracing::Span) -> Self {
        if span.is_disabled() { Self::current() } else { Self::of(span) }
    }

    /// The identity of the work in progress, for a message that others will handle.
    #[must_use]
    pub fn current() -> Self {
        bridge::current_trace()
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
        let (mut trace_id, mut span_id) = ([0; 16], [0; 8]);
        trace_id.copy_from_slice(&bytes[..16]);
        span_id.copy_from_slice(&bytes[16..24]);
        Self::new(trace_id, span_id, bytes[24] & 1 == 1)
    }

    /// [`to_bytes`](Self::to_bytes) in hexadecimal, for a message to another process; nothing where there
    /// is no trace.
    pub(crate) fn to_text(self) -> String {
        if self.is_none() { String::new() } else { Hex(&self.to_bytes()).to_string() }
    }

    /// The inverse of [`to_text`](Self::to_text); [`NONE`](Self::NONE) for any other text.
    pub(crate) fn from_text(text: &str) -> Self {
        bytes_of_hex(text).map_or(Self::NONE, Self::from_bytes)
    }

    /// The identity of a span; [`NONE`](Self::NONE) for ids that are no ids (all zero).
    pub(crate) fn new(trace_id: [u8; 16], span_id: [u8; 8], sampled: bool) -> Self {
        if trace_id == [0; 16] || span_id == [0; 8] {
            return Self::NONE;
        }
        Self { trace_id, span_id, sampled }
    }

    /// Reads a W3C `traceparent`; anything but its exact form is `None`.
    ///
    /// The form is `version-trace id-span id-flags` in lower-case hexadecimal. Versions above `00`
    /// may carry more after another dash, which is ignored as the recommendation asks.
    pub(crate) fn from_traceparent(header: &str) -> Option<Self> {
        let (known, rest) = header.split_at_checked(55)?;
        let is_version_0 = known.starts_with("00-");
        if !(rest.is_empty() || !is_version_0 && rest.starts_with('-')) || known.starts_with("ff") {
            return None;
        }
        let mut parts = known.split('-');
        let [_version] = bytes_of_hex::<1>(parts.next()?)?;
        let (trace_id, span_id) = (bytes_of_hex(parts.next()?)?, bytes_of_hex(parts.next()?)?);
        let [flags] = bytes_of_hex(parts.next()?)?;
        Some(Self::new(trace_id, span_id, flags & 1 == 1)).filter(|trace| !trace.is_none())
    }

    #[cfg(feature = "otel")]
    pub(super) fn parts(self) -> ([u8; 16], [u8; 8], bool) {
        (self.trace_id, self.span_id, self.sampled)
    }

    /// The trace's id, for those who look for its spans.
    #[cfg(all(feature = "otel", feature = "testing"))]
    pub(crate) fn trace_id(self) -> opentelemetry::TraceId {
        opentelemetry::TraceId::from_bytes(self.trace_id)
    }

    /// The trace's id for an attribute; nothing where there is no trace.
    pub(super) fn shown_trace_id(&self) -> Option<DisplayValue<Hex<'_>>> {
        (!self.is_none()).then(|| display(Hex(&self.trace_id)))
    }

    /// The span's id for an attribute; nothing where there is no trace.
    pub(super) fn shown_span_id(&self) -> Option<DisplayValue<Hex<'_>>> {
        (!self.is_none()).then(|| display(Hex(&self.span_id)))
    }
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
            assert_eq!(PageTrace::from_text(&page.to_text()), page);
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
        assert!(PageTrace::from_text(&PageTrace::NONE.to_text()).is_none());
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

    const IDS: &str = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

    #[test]
    fn a_traceparent_is_read() {
        let context = PageTrace::from_traceparent(&format!("00-{IDS}-01")).unwrap();
        assert_eq!(context.shown_trace_id().unwrap().to_string(), &IDS[..32]);
        assert_eq!(context.shown_span_id().unwrap().to_string(), &IDS[33..]);
        assert!(!context.is_unsampled());
        assert!(PageTrace::from_traceparent(&format!("00-{IDS}-02")).unwrap().is_unsampled());
        assert!(PageTrace::from_traceparent(&format!("cc-{IDS}-01-more")).is_some());
    }

    #[test]
    fn a_malformed_traceparent_is_none() {
        let upper = IDS.to_uppercase();
        let zero_trace = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let zero_span = format!("00-{}-{}-01", &IDS[..32], "0".repeat(16));
        for header in [
            "",
            "00",
            "garbage",
            &format!("00-{IDS}-01-more"),
            &format!("00-{IDS}-0"),
            &format!("00-{IDS}-0g"),
            &format!("00-{IDS}-01x"),
            &format!("ff-{IDS}-01"),
            &format!("+0-{IDS}-01"),
            &format!("00-{upper}-01"),
            &format!("00-{}é-b7ad6b7169203331-01", &IDS[..30]),
            &zero_trace,
            &zero_span,
        ] {
            assert!(PageTrace::from_traceparent(header).is_none(), "{header}");
        }
    }
}
