//! What a trace of the whole application shows: the page's queries inside its mount, later acts as
//! traces of their own, on both databases.

use std::collections::HashMap;

use belvedere::telemetry::attribute;
use belvedere::testing::{TestApp, TestPage};
use belvedere_diesel::Repo;
use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::trace::attributes as db;
use belvedere_telemetry::testing::{Caller, recorder};
use belvedere_telemetry::{assert_no_n_plus_one, assert_queries, n_plus_one};
use domain::testing::{self, on_each_database};
use domain::{MIGRATIONS, seed};
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use crate::app::App;

/// Users in each test's database; the slow page runs one query more.
const N_USERS: usize = 7;

fn visitor(repo: Repo) -> TestApp {
    App::new(repo).visitor()
}

/// The page at `path`, with the spans of its trace.
async fn traced_page(app: &TestApp, path: &str) -> (TestPage, Vec<SpanData>) {
    let caller = Caller::new();
    recorder();
    let page = app.get_with(path, &[("traceparent", &caller.traceparent())]).await;
    let spans = recorder().page_of(&caller, |spans| !spans.is_empty()).await;
    (page, spans)
}

pub(crate) fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let mut matches = spans.iter().filter(|span| span.name == name);
    let span = matches.next().unwrap_or_else(|| panic!("no span `{name}` in\n{}", tree(spans)));
    assert!(matches.next().is_none(), "several spans `{name}` in\n{}", tree(spans));
    span
}

pub(crate) fn children(spans: &[SpanData], parent: &SpanData) -> Vec<SpanData> {
    let parent = parent.span_context.span_id();
    let mut children: Vec<_> =
        spans.iter().filter(|span| span.parent_span_id == parent).cloned().collect();
    children.sort_by_key(|span| span.start_time);
    children
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

fn text(span: &SpanData, key: &str) -> String {
    belvedere_telemetry::testing::attribute(span, key).map(ToString::to_string).unwrap_or_default()
}

/// The trace as a reader sees it, for messages.
fn tree(spans: &[SpanData]) -> String {
    let mut below: HashMap<SpanId, Vec<&SpanData>> = HashMap::new();
    let ids: Vec<_> = spans.iter().map(|span| span.span_context.span_id()).collect();
    for span in spans {
        let known = ids.contains(&span.parent_span_id);
        let parent = if known { span.parent_span_id } else { SpanId::INVALID };
        below.entry(parent).or_default().push(span);
    }
    let mut lines = String::new();
    let mut waiting: Vec<(usize, SpanId)> = vec![(0, SpanId::INVALID)];
    while let Some((depth, id)) = waiting.pop() {
        for span in below.remove(&id).into_iter().flatten() {
            lines.push_str(&format!("{}{}\n", "  ".repeat(depth), span.name));
            waiting.push((depth + 1, span.span_context.span_id()));
        }
    }
    lines
}

async fn filled(database: &TestDatabase) -> TestApp {
    seed::fill(&database.repo, N_USERS).await.expect("an empty database takes users");
    visitor(database.repo.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fast_page_has_one_query_in_its_mount() {
    on_each_database("fast_page_trace", async |database| {
        let (page, spans) = traced_page(&filled(database).await, "/users-fast").await;
        assert_eq!(page.texts("tbody tr").len(), N_USERS);
        let server = named(&spans, "GET /users-fast");
        assert_eq!(server.span_kind, SpanKind::Server);
        assert_eq!(text(server, attribute::HTTP_ROUTE), "/users-fast");
        assert_eq!(text(server, attribute::HTTP_RESPONSE_STATUS_CODE), "200");
        assert_eq!(names(&children(&spans, server)), ["UsersFast mount", "UsersFast render"]);
        let mount = named(&spans, "UsersFast mount");
        assert_eq!(names(&children(&spans, mount)), ["SELECT users todo_list_items SELECT users"]);
        assert_eq!(text(mount, n_plus_one::N_PLUS_ONE), "", "one query is no candidate");
        let render = named(&spans, "UsersFast render");
        let bytes: usize = text(render, attribute::DIFF_BYTES).parse().expect("a number");
        assert!(bytes > 0 && bytes < page.html.len(), "the render's HTML is part of the page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slow_page_has_one_query_more_for_every_user() {
    on_each_database("slow_page_trace", async |database| {
        let (_page, spans) = traced_page(&filled(database).await, "/users-slow").await;
        let mount = named(&spans, "UsersSlow mount");
        let queries = children(&spans, mount);
        let mut expected = vec!["SELECT users"];
        expected.extend(["SELECT todo_list_items"; N_USERS]);
        assert_eq!(names(&queries), expected);
        assert_eq!(spans.len(), 3 + 1 + N_USERS, "{}", tree(&spans));
        for query in &queries {
            assert_eq!(query.span_kind, SpanKind::Client);
            assert!(query.start_time >= mount.start_time && query.end_time <= mount.end_time);
        }
        assert_eq!(text(mount, n_plus_one::N_PLUS_ONE), "true");
        assert_eq!(text(mount, n_plus_one::COUNT), N_USERS.to_string());
        assert_eq!(text(mount, n_plus_one::TABLE), "todo_list_items");
        let query = &queries[1];
        assert_eq!(text(query, db::DB_COLLECTION_NAME), "todo_list_items");
        assert_eq!(text(query, db::DB_OPERATION_NAME), "SELECT");
        assert!(["sqlite", "postgresql"].contains(&text(query, db::DB_SYSTEM_NAME).as_str()));
        assert!(text(query, db::DB_QUERY_TEXT).starts_with("SELECT"));
        assert_eq!(text(query, db::DB_QUERY_TEXT), text(&queries[2], db::DB_QUERY_TEXT));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slow_page_is_flagged_and_the_fast_one_is_not() {
    on_each_database("n_plus_one", async |database| {
        let app = filled(database).await;
        recorder();
        let fast = app.get("/users-fast").await;
        assert_queries!(fast.trace_id(), 1);
        assert_no_n_plus_one!(fast.trace_id());
        let slow = app.get("/users-slow").await;
        assert_queries!(slow.trace_id(), 1 + N_USERS);
        let mut view = slow.join().await;
        view.click("#refresh").await;
        let (page, refresh) =
            (recorder().trace(view.trace_id()), recorder().latest_act(view.trace_id()));
        for callback in
            [named(&page, "UsersSlow mount"), named(&refresh, "UsersSlow handle_event refresh")]
        {
            assert_eq!(text(callback, n_plus_one::N_PLUS_ONE), "true");
            assert_eq!(text(callback, n_plus_one::COUNT), N_USERS.to_string());
            assert_eq!(text(callback, n_plus_one::TABLE), "todo_list_items");
            assert_eq!(text(callback, n_plus_one::QUERIES), (1 + N_USERS).to_string());
            let statement = text(callback, n_plus_one::STATEMENT);
            assert!(statement.starts_with("SELECT COUNT(*)"), "{statement}");
            let is_it = |span: &&SpanData| text(span, db::DB_QUERY_TEXT) == statement;
            let spans = page.iter().chain(&refresh);
            assert_eq!(spans.filter(is_it).count(), 2 * N_USERS, "one searches by it: {statement}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_join_and_each_event_are_traces_of_their_own_linked_to_the_mount() {
    on_each_database("acts_trace", async |database| {
        let (page, spans) = traced_page(&filled(database).await, "/users-slow").await;
        let mount = named(&spans, "UsersSlow mount").clone();
        let page_trace = mount.span_context.trace_id();
        let mut view = page.join().await;
        view.click("#refresh").await;
        let acts = recorder()
            .until(|recorder| {
                let acts = recorder.linked_to(page_trace);
                (acts.len() == 2).then_some(acts)
            })
            .await;
        assert_eq!(names(&acts), ["UsersSlow join", "UsersSlow handle_event refresh"]);
        for act in &acts {
            assert_ne!(act.span_context.trace_id(), page_trace);
            assert_eq!(act.parent_span_id, SpanId::INVALID);
            assert_eq!(
                act.links.iter().next().map(|link| link.span_context.span_id()),
                Some(mount.span_context.span_id())
            );
            assert_eq!(text(act, attribute::PAGE_TRACE_ID), page_trace.to_string());
            assert_eq!(text(act, attribute::HTTP_ROUTE), "/users-slow");
        }
        assert_eq!(text(&acts[0], attribute::ADOPTED), "true");
        let join = recorder().trace(acts[0].span_context.trace_id());
        assert_eq!(names(&children(&join, &acts[0])), ["UsersSlow connected", "UsersSlow render"]);
        let refresh = recorder().trace(acts[1].span_context.trace_id());
        let mut expected = vec!["SELECT users"];
        expected.extend(["SELECT todo_list_items"; N_USERS]);
        expected.push("UsersSlow render");
        assert_eq!(names(&children(&refresh, &acts[1])), expected);
        assert_eq!(recorder().trace(page_trace).len(), spans.len(), "the page's trace is closed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_query_marks_the_mount_and_the_request() {
    let database = testing::sqlite().await;
    MIGRATIONS.revert_all(&database.config).await.expect("tables can be dropped");
    let (page, spans) = traced_page(&visitor(database.repo.clone()), "/users-fast").await;
    assert_eq!(page.status, 500);
    for name in ["SELECT users todo_list_items SELECT users", "UsersFast mount", "GET /users-fast"]
    {
        let span = named(&spans, name);
        assert!(matches!(span.status, Status::Error { .. }), "{name}: {:?}", span.status);
        assert_ne!(text(span, attribute::ERROR_TYPE), "", "{name}");
    }
}
