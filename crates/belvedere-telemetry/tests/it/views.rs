//! The shape of the runtime's traces: a page, its join, and what its view does later.

use belvedere::telemetry::{
    Act, PageTrace, ViewIdentity, act_span, attribute, connected_span, fail, join_span,
    link_publisher, mount_span, record_adopted, record_render, remount_span, render_span,
};
use belvedere_telemetry::testing::{self, Recorder, recorder};
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};
use opentelemetry_sdk::trace::SpanData;
use tracing::Span;

use crate::named;

/// A page that was mounted and rendered, and its trace.
fn page(recorder: &Recorder) -> (PageTrace, Vec<SpanData>) {
    let request = tracing::info_span!("request");
    let page = request.in_scope(|| {
        let mount = mount_span("UsersSlow");
        mount.in_scope(|| ());
        let render = render_span("UsersSlow");
        render.in_scope(|| ());
        record_render(&render, 1200, 7);
        PageTrace::of(&mount)
    });
    drop(request);
    let spans = recorder.trace(TraceId::from_bytes(page.to_bytes()[..16].try_into().unwrap()));
    (page, spans)
}

fn identity(page: PageTrace) -> ViewIdentity<'static> {
    ViewIdentity { view: "UsersSlow", route: "/users/{id}", view_id: "lv:phx-1", page }
}

/// The acts of a page, in the order they ended.
fn acts(recorder: &Recorder, page: PageTrace) -> Vec<SpanData> {
    recorder.linked_to(TraceId::from_bytes(page.to_bytes()[..16].try_into().unwrap()))
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    testing::attribute(span, key).map(|value| value.as_str().into_owned())
}

#[test]
fn a_page_mounts_and_renders_side_by_side_in_its_requests_trace() {
    let (page, spans) = page(recorder());
    let request = named(&spans, "request");
    let mount = named(&spans, "UsersSlow mount");
    let render = named(&spans, "UsersSlow render");
    assert_eq!(mount.parent_span_id, request.span_context.span_id());
    assert_eq!(render.parent_span_id, request.span_context.span_id());
    assert_eq!(mount.span_context.span_id().to_bytes(), page.to_bytes()[16..24]);
    assert_eq!(text(mount, attribute::VIEW).as_deref(), Some("UsersSlow"));
    assert_eq!(testing::attribute(mount, attribute::CONNECTED), Some(&false.into()));
    // Numbers arrive as numbers, so back ends can sum and compare them.
    assert_eq!(testing::attribute(render, attribute::DIFF_BYTES), Some(&1200_i64.into()));
    assert_eq!(testing::attribute(render, attribute::HOLES_CHANGED), Some(&7_i64.into()));
}

#[test]
fn spans_have_no_attributes_but_the_runtimes_own() {
    let (_, spans) = page(recorder());
    let keys = |name| {
        let attributes = named(&spans, name).attributes.iter();
        attributes.map(|attribute| attribute.key.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys("UsersSlow mount"), [attribute::VIEW, attribute::CONNECTED]);
    let render = [attribute::VIEW, attribute::DIFF_BYTES, attribute::HOLES_CHANGED];
    assert_eq!(keys("UsersSlow render"), render);
}

#[test]
fn a_join_is_a_trace_of_its_own_linked_to_its_pages_mount() {
    let recorder = recorder();
    let (page, spans) = page(recorder);
    // A join runs within the connection's task, whose span it must not continue.
    tracing::info_span!("connection").in_scope(|| {
        let join = join_span(&identity(page));
        join.in_scope(|| {
            remount_span("UsersSlow").in_scope(|| ());
            connected_span("UsersSlow").in_scope(|| ());
        });
        record_adopted(&join, false);
    });
    let [join] = &acts(recorder, page)[..] else { panic!("one act") };
    assert_eq!(join.name, "UsersSlow join");
    assert_eq!(join.span_kind, SpanKind::Internal);
    assert_eq!(join.parent_span_id, SpanId::INVALID);
    assert_eq!(testing::attribute(join, attribute::ADOPTED), Some(&false.into()));

    let mount = &named(&spans, "UsersSlow mount").span_context;
    let [link] = &join.links[..] else { panic!("one link") };
    assert_eq!(link.span_context.span_id(), mount.span_id());
    assert_eq!(link.attributes[0].key.as_str(), attribute::LINK);
    assert_eq!(link.attributes[0].value.as_str(), attribute::LINK_PAGE);
    let page_trace_id = text(join, attribute::PAGE_TRACE_ID);
    assert_eq!(page_trace_id, Some(mount.trace_id().to_string()));
    assert_eq!(text(join, attribute::PAGE_SPAN_ID), Some(mount.span_id().to_string()));
    assert_eq!(text(join, attribute::TOPIC).as_deref(), Some("lv:phx-1"));
    assert_eq!(text(join, attribute::HTTP_ROUTE).as_deref(), Some("/users/{id}"));

    let trace = recorder.trace(join.span_context.trace_id());
    for name in ["UsersSlow mount", "UsersSlow connected"] {
        assert_eq!(named(&trace, name).parent_span_id, join.span_context.span_id(), "{name}");
    }
    let remount = named(&trace, "UsersSlow mount");
    assert_eq!(testing::attribute(remount, attribute::CONNECTED), Some(&true.into()));
    // The page's own trace has grown by nothing.
    assert_eq!(recorder.trace(mount.trace_id()).len(), spans.len());
}

#[test]
fn each_act_is_named_after_its_callback() {
    let recorder = recorder();
    let (page, _) = page(recorder);
    let expected = [
        (Act::Event("delete"), "UsersSlow handle_event delete"),
        (Act::Message, "UsersSlow handle_message"),
        (Act::ComponentEvent("UserRow", "rename"), "UsersSlow UserRow handle_event rename"),
        (Act::Spawned("load"), "UsersSlow async load"),
        (Act::ComponentMessage("UserRow"), "UsersSlow UserRow handle_message"),
        (Act::ComponentSpawned("UserRow", "load"), "UsersSlow UserRow async load"),
        (Act::Disconnected, "UsersSlow disconnected"),
        (Act::Terminate, "UsersSlow terminate"),
    ];
    for (act, _) in expected {
        act_span(&identity(page), act).in_scope(|| render_span("UsersSlow").in_scope(|| ()));
    }
    let acts = acts(recorder, page);
    assert_eq!(acts.len(), expected.len());
    for (act, (_, name)) in acts.iter().zip(expected) {
        assert_eq!(act.name, name);
        let trace = recorder.trace(act.span_context.trace_id());
        let render = named(&trace, "UsersSlow render");
        assert_eq!(render.parent_span_id, act.span_context.span_id());
        assert_eq!(trace.len(), 2);
    }
    assert_eq!(text(&acts[0], attribute::EVENT).as_deref(), Some("delete"));
    assert_eq!(text(&acts[1], attribute::EVENT), None);
}

#[test]
fn an_act_of_an_unsampled_page_and_all_below_it_are_no_spans() {
    recorder();
    let mut bytes = [7; PageTrace::LEN];
    bytes[24] = 0;
    let identity = identity(PageTrace::from_bytes(bytes));
    for span in [join_span(&identity), act_span(&identity, Act::Message)] {
        assert!(span.is_none());
        span.in_scope(|| {
            let below: [fn(&'static str) -> Span; 3] = [remount_span, connected_span, render_span];
            assert!(below.iter().all(|build| build("UsersSlow").is_none()));
            assert!(PageTrace::current().is_none());
        });
    }
}

#[test]
fn below_an_unsampled_request_there_are_no_spans() {
    use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    let recorder = recorder();
    let trace_id = TraceId::from_bytes([8; 16]);
    let (span_id, flags) = (SpanId::from_bytes([8; 8]), TraceFlags::default());
    let caller = SpanContext::new(trace_id, span_id, flags, true, TraceState::default());
    let request = tracing::info_span!("request");
    request.set_parent(opentelemetry::Context::new().with_remote_span_context(caller)).unwrap();
    let page = request.in_scope(|| {
        assert!(render_span("UsersSlow").is_none());
        let mount = mount_span("UsersSlow");
        assert!(mount.is_none());
        PageTrace::of_mount(&mount)
    });
    assert!(page.is_unsampled());
    assert!(act_span(&identity(page), Act::Message).is_none());
    assert!(recorder.trace(trace_id).is_empty());
}

#[test]
fn an_act_of_a_page_served_without_tracing_stands_alone() {
    let recorder = recorder();
    let act = act_span(&identity(PageTrace::NONE), Act::Event("alone"));
    let trace = act.in_scope(PageTrace::current).to_bytes();
    drop(act);
    let trace_id = TraceId::from_bytes(trace[..16].try_into().unwrap());
    let [act] = &recorder.trace(trace_id)[..] else { panic!("one span") };
    assert_eq!(act.name, "UsersSlow handle_event alone");
    assert!(act.links.is_empty());
    assert_eq!(text(act, attribute::PAGE_TRACE_ID), None);
}

#[test]
fn a_message_links_to_its_publisher_after_its_page() {
    let recorder = recorder();
    let (page, _) = page(recorder);
    let publisher = act_span(&identity(page), Act::Event("save"));
    let cause = publisher.in_scope(PageTrace::current);
    drop(publisher);

    let handler = act_span(&identity(page), Act::Message);
    link_publisher(&handler, cause);
    handler.in_scope(|| ());
    drop(handler);
    let acts = acts(recorder, page);
    let (save, message) = (&acts[0], &acts[1]);
    let [_page, link] = &message.links[..] else { panic!("two links") };
    assert_eq!(link.span_context.span_id(), save.span_context.span_id());
    assert_eq!(link.attributes[0].value.as_str(), attribute::LINK_PUBLISHER);
}

#[test]
fn a_failure_marks_its_span() {
    let recorder = recorder();
    let (page, _) = page(recorder);
    let act = act_span(&identity(page), Act::Event("delete"));
    act.in_scope(|| ());
    // After the callback has returned, when its span has been left for the last time.
    fail(&act, "PoolTimeout", "no connection within 5 s");
    drop(act);
    fail(&Span::none(), "PoolTimeout", "nobody sees this");
    let act = &acts(recorder, page)[0];
    assert_eq!(act.status, Status::error("no connection within 5 s"));
    assert_eq!(text(act, attribute::ERROR_TYPE).as_deref(), Some("PoolTimeout"));
}
