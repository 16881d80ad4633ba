//! Which traces are recorded, decided on real spans through the tracing layer.

use belvedere_telemetry::PageSampler;
use belvedere_telemetry::settings::Sampling;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};

const TRACE: [u8; 16] = [1; 16];

fn span_context(is_sampled: bool) -> SpanContext {
    let flags = if is_sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (trace_id, span_id) = (TraceId::from_bytes(TRACE), SpanId::from_bytes([2; 8]));
    SpanContext::new(trace_id, span_id, flags, true, TraceState::default())
}

/// The decision on a span with that parent and those links.
fn is_sampled(sampling: Sampling, parent: Option<bool>, kind: SpanKind, links: &[bool]) -> bool {
    let parent =
        parent.map(|sampled| Context::new().with_remote_span_context(span_context(sampled)));
    let links: Vec<_> = links
        .iter()
        .map(|sampled| {
            let attributes = vec![KeyValue::new("live_view.link", "page")];
            opentelemetry::trace::Link::new(span_context(*sampled), attributes, 0)
        })
        .collect();
    let parent = parent.unwrap_or_default();
    let result = PageSampler::new(sampling).should_sample(
        Some(&parent),
        TraceId::from_bytes([9; 16]),
        "any",
        &kind,
        &[],
        &links,
    );
    result.decision == SamplingDecision::RecordAndSample
}

const ALL: Sampling = Sampling { ratio: 1.0, parent_based: true };
const NONE: Sampling = Sampling { ratio: 0.0, parent_based: true };

#[test]
fn an_act_shares_its_pages_fate_whatever_the_ratio() {
    assert!(is_sampled(NONE, None, SpanKind::Internal, &[true]));
    assert!(!is_sampled(ALL, None, SpanKind::Internal, &[false]));
    // The page's link comes first; a publisher's does not decide.
    assert!(is_sampled(NONE, None, SpanKind::Internal, &[true, false]));
}

#[test]
fn a_request_decides_for_itself_whatever_its_caller_says() {
    assert!(!is_sampled(NONE, None, SpanKind::Server, &[true]));
    assert!(is_sampled(ALL, None, SpanKind::Server, &[false]));
}

#[test]
fn a_child_follows_its_parent() {
    assert!(is_sampled(NONE, Some(true), SpanKind::Server, &[]));
    assert!(!is_sampled(ALL, Some(false), SpanKind::Internal, &[true]));
    let regardless = Sampling { ratio: 1.0, parent_based: false };
    assert!(is_sampled(regardless, Some(false), SpanKind::Internal, &[]));
}

#[test]
fn what_happens_in_a_recorded_act_is_recorded_by_a_sampler_that_asks_no_parent_too() {
    let none = Sampling { ratio: 0.0, parent_based: false };
    for (is_parent_sampled, ratio) in [(true, 0.0), (false, 1.0)] {
        let (trace, span) = (TraceId::from_bytes(TRACE), SpanId::from_bytes([2; 8]));
        let flags = TraceFlags::default().with_sampled(is_parent_sampled);
        let local = SpanContext::new(trace, span, flags, false, TraceState::default());
        let parent = Context::new().with_remote_span_context(local);
        let sampler = PageSampler::new(Sampling { ratio, ..none });
        let kind = SpanKind::Client;
        let result = sampler.should_sample(Some(&parent), trace, "SELECT", &kind, &[], &[]);
        let is_sampled = result.decision == SamplingDecision::RecordAndSample;
        assert_eq!(is_sampled, is_parent_sampled);
    }
}

#[test]
fn a_ratio_samples_its_share_of_roots() {
    let sampler = PageSampler::new(Sampling { ratio: 0.25, parent_based: true });
    let sampled = (0..4000_u64).filter(|index| {
        let mut id = TRACE;
        // Multiplying by an odd constant spreads the counter over all 64 bits.
        id[8..].copy_from_slice(&index.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        let id = TraceId::from_bytes(id);
        let kind = SpanKind::Server;
        let result = sampler.should_sample(Some(&Context::new()), id, "any", &kind, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    });
    let share = sampled.count();
    assert!((900..=1100).contains(&share), "{share} of 4000");
}

/// The tracing layer hands links that were added before the first entry to the sampler; this is
/// what the inheritance rests on.
#[tokio::test]
async fn through_the_layer_an_act_of_a_sampled_page_is_recorded_though_the_ratio_is_zero() {
    use belvedere::telemetry::{Act, PageTrace, ViewIdentity, act_span};

    let mut receiver = crate::receiver::Receiver::start(Default::default()).await;
    let url = receiver.url();
    let vars = [("OTLP_ENDPOINT", url.as_str()), ("OTEL_TRACES_SAMPLER", "parentbased_always_off")];
    let (telemetry, subscriber) = crate::export::start(&vars);
    let page = PageTrace::from_bytes([1; PageTrace::LEN]);
    let identity = ViewIdentity { view: "Users", route: "/users", view_id: "lv:phx-1", page };
    tracing::dispatcher::with_default(&subscriber, || {
        tracing::info_span!("root").in_scope(|| ());
        act_span(&identity, Act::Message).in_scope(|| ());
        let unlinked = ViewIdentity { page: PageTrace::NONE, ..identity };
        act_span(&unlinked, Act::Message).in_scope(|| ());
    });
    assert_eq!(telemetry.shutdown().await.delivered, 1);
    let [act] = &receiver.batch().await.spans()[..] else { panic!("one span") };
    assert_eq!(act.name, "Users handle_message");
    assert_eq!(act.links[0].trace_id, [1; 16]);
}
