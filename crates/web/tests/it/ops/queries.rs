//! Every TraceQL query of the dashboard and the documents, held against the spans that the running
//! application really writes.

use std::collections::BTreeSet;

use belvedere::LiveRuntime;
use belvedere::testing::TestApp;
use belvedere_telemetry::testing::{Caller, recorder};
use opentelemetry_sdk::trace::SpanData;

use super::documents::{self, attribute_keys};
use super::{grafana, traceql};
use crate::http::App;

/// All spans of one visit: the page, the join, and a click on `button`.
async fn visit(
    router: axum::Router,
    live: &LiveRuntime,
    path: &str,
    button: &str,
) -> Vec<SpanData> {
    let caller = Caller::new();
    let recorder = recorder();
    let visitor = TestApp::new(live, router);
    let page = visitor.get_with(path, &[("traceparent", &caller.traceparent())]).await;
    let mut spans = recorder.page_of(&caller, |spans| !spans.is_empty()).await;
    let trace = spans[0].span_context.trace_id();
    let mut view = page.join().await;
    view.click(button).await;
    let acts = recorder
        .until(|recorder| Some(recorder.linked_to(trace)).filter(|acts| acts.len() == 2))
        .await;
    for act in acts {
        spans.extend(recorder.trace(act.span_context.trace_id()));
    }
    spans
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_ask_for_spans_and_attributes_that_exist() {
    let app = App::start().await;
    let mut spans = Vec::new();
    for (path, button) in [("/users-fast", "#refresh"), ("/users-slow", "#refresh")] {
        spans.extend(visit(app.router.clone(), &app.live, path, button).await);
    }
    let names: BTreeSet<_> = spans.iter().map(|span| span.name.to_string()).collect();
    let names: Vec<_> = names.into_iter().collect();
    let attributes = attribute_keys();
    let mut queries = grafana::traceql();
    queries.extend(documents::traceql());
    assert!(queries.len() > 20, "{}", queries.len());
    for query in queries {
        let unknown = traceql::unknown(&query, &attributes, &names);
        assert!(unknown.is_empty(), "{query}\nasks for {unknown:?}, but spans are {names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_have_no_attribute_that_is_not_documented() {
    let app = App::start().await;
    let spans = visit(app.router.clone(), &app.live, "/users-slow", "#refresh").await;
    let documented = attribute_keys();
    for span in spans {
        let links = span.links.iter().flat_map(|link| &link.attributes);
        for attribute in span.attributes.iter().chain(links) {
            let known = documented.iter().any(|key| key == attribute.key.as_str());
            assert!(known, "{} on {}", attribute.key, span.name);
        }
    }
}
