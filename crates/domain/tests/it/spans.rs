//! What a trace shows of the pages.

use std::time::{Duration, SystemTime};

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::trace::attributes;
use belvedere_diesel::{DatabaseConfig, DatabaseUrl, QueryError, Repo};
use domain::testing;
use domain::{seed, users};
use opentelemetry::Context;
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState, TracerProvider as _,
};
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::queries::{list_slowly, person};
use crate::recording::{attribute, mount, names, provider, spans_of};

#[tokio::test(flavor = "multi_thread")]
async fn the_fast_page_has_one_child_and_the_slow_one_more_for_each_user() {
    testing::on_each_database(
        "the_fast_page_has_one_child_and_the_slow_one_more_for_each_user",
        async |database| {
            seed::fill(&database.repo, 7).await.expect("seeded");
            let (_, fast) = mount(users::list_with_todo_counts(&database.repo, 9_999)).await;
            assert_eq!(names(&fast.children), ["SELECT users todo_list_items SELECT users"]);
            let summary = attribute(&fast.children[0], attributes::DB_QUERY_SUMMARY);
            assert_eq!(summary.as_deref(), Some("SELECT users todo_list_items SELECT users"));

            let (_, slow) = mount(list_slowly(&database.repo)).await;
            let mut expected = vec!["SELECT users"];
            expected.extend(["SELECT todo_list_items"; 7]);
            assert_eq!(names(&slow.children), expected);
            let mut texts: Vec<_> = slow.children[1..]
                .iter()
                .map(|span| attribute(span, attributes::DB_QUERY_TEXT).expect("a text"))
                .collect();
            texts.dedup();
            assert_eq!(texts.len(), 1, "the same text for every user");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_described() {
    testing::on_each_database("a_query_is_described", async |database| {
        seed::fill(&database.repo, 3).await.expect("seeded");
        let (_, trace) = mount(users::list(&database.repo, 9_999)).await;
        let span = &trace.children[0];
        assert_eq!(span.span_kind, SpanKind::Client);
        assert_eq!(span.status, Status::Unset);
        assert_eq!(span.parent_span_id, trace.mount.span_context.span_id());
        let scope = &span.instrumentation_scope;
        assert_eq!(scope.name(), "belvedere-diesel");
        assert!(scope.version().is_some());
        assert!(scope.schema_url().is_some_and(|url| url.starts_with("https://opentelemetry.io/")));
        let is = |key, value: &str| {
            assert_eq!(attribute(span, key).as_deref(), Some(value), "{key}");
        };
        is(attributes::DB_OPERATION_NAME, "SELECT");
        is(attributes::DB_COLLECTION_NAME, "users");
        is(attributes::DB_QUERY_SUMMARY, "SELECT users");
        is(attributes::DB_RESPONSE_RETURNED_ROWS, "3");
        is(attributes::CODE_FILE_PATH, "crates/domain/src/users.rs");
        match &database.config.url {
            DatabaseUrl::Sqlite(path) => {
                is(attributes::DB_SYSTEM_NAME, "sqlite");
                is(attributes::DB_NAMESPACE, path.file_name());
                assert_eq!(attribute(span, attributes::SERVER_ADDRESS), None);
                assert_eq!(attribute(span, attributes::NETWORK_PEER_ADDRESS), None);
            }
            DatabaseUrl::Postgres(url) => {
                is(attributes::DB_SYSTEM_NAME, "postgresql");
                is(attributes::DB_NAMESPACE, url.database());
                is(attributes::SERVER_ADDRESS, "127.0.0.1");
                is(attributes::SERVER_PORT, &url.port().to_string());
                is(attributes::NETWORK_PEER_ADDRESS, "127.0.0.1");
                is(attributes::NETWORK_PEER_PORT, &url.port().to_string());
            }
        }
        let times = [attributes::QUEUE_TIME, attributes::QUERY_TIME, attributes::DECODE_TIME];
        let sum: i64 = times.iter().map(|key| number(span, key)).sum();
        assert!((number(span, attributes::TOTAL_TIME) - sum).abs() <= 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_name_and_the_address_behind_it_are_told_apart() {
    testing::on_each_database("a_servers_name", async |database| {
        let DatabaseUrl::Postgres(url) = &database.config.url else { return };
        let named = url.to_string().replace("127.0.0.1", "localhost");
        let config =
            DatabaseConfig { url: named.parse().expect("a URL"), ..database.config.clone() };
        let repo = Repo::connect(&config).await.expect("a connection");
        let (_, trace) = mount(users::list(&repo, 9_999)).await;
        let value = |key| attribute(&trace.children[0], key);
        assert_eq!(value(attributes::SERVER_ADDRESS).as_deref(), Some("localhost"));
        assert_eq!(value(attributes::NETWORK_PEER_ADDRESS).as_deref(), Some("127.0.0.1"));
    })
    .await;
}

fn number(span: &opentelemetry_sdk::trace::SpanData, key: &str) -> i64 {
    attribute(span, key).expect("a time").parse().expect("whole microseconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_mounts_keep_their_own_queries() {
    testing::on_each_database("concurrent_mounts_keep_their_own_queries", async |database| {
        seed::fill(&database.repo, 3).await.expect("seeded");
        let config = DatabaseConfig {
            max_connections: 3,
            wait_timeout: std::time::Duration::from_secs(60),
            ..database.config.clone()
        };
        let repo = Repo::connect(&config).await.expect("a connection");
        let mounts = (0..200).map(|index| {
            let repo = repo.clone();
            tokio::spawn(mount(async move {
                let is_slow = index % 2 == 0;
                if is_slow {
                    list_slowly(&repo).await;
                } else {
                    users::list_with_todo_counts(&repo, 9_999).await.expect("the fast page");
                }
                is_slow
            }))
        });
        for task in mounts.collect::<Vec<_>>() {
            let (is_slow, trace) = task.await.expect("no panic");
            assert_eq!(trace.children.len(), if is_slow { 4 } else { 1 });
            let within =
                |time: SystemTime| trace.mount.start_time <= time && time <= trace.mount.end_time;
            for span in &trace.children {
                assert_eq!(span.parent_span_id, trace.mount.span_context.span_id());
                assert!(within(span.start_time) && within(span.end_time), "{}", span.name);
                assert!(attribute(span, attributes::QUEUE_TIME).is_some());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_round_trip_is_time_of_its_query() {
    testing::on_each_database("a_simulated_round_trip", async |TestDatabase { repo, .. }| {
        let round_trip = Duration::from_millis(3);
        let (far, count) = repo.with_round_trip(round_trip).counted();
        let (_, trace) = mount(users::list(&far, 9_999)).await;
        let span = &trace.children[0];
        let took = span.end_time.duration_since(span.start_time).expect("it ends after its start");
        assert!(took >= round_trip && count.time() >= round_trip, "{took:?} {:?}", count.time());
        assert!(span.start_time >= trace.mount.start_time);
        assert_eq!(number(span, attributes::SIMULATED_TIME), 3_000);
        assert!(number(span, attributes::QUERY_TIME) >= 3_000);

        let (_, trace) = mount(users::list(&repo.with_round_trip(Duration::ZERO), 9_999)).await;
        assert_eq!(attribute(&trace.children[0], attributes::SIMULATED_TIME), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_show_where_they_begin_and_end() {
    testing::on_each_database("transactions_show", async |TestDatabase { repo, .. }| {
        let (_, trace) = mount(seed::fill(repo, 1)).await;
        assert_eq!(trace.children.first().expect("spans").name, "BEGIN");
        assert_eq!(trace.children.last().expect("spans").name, "COMMIT");
        assert!(trace.children.iter().any(|span| span.name.starts_with("INSERT users")));
        let n_waits = trace
            .children
            .iter()
            .filter(|span| attribute(span, attributes::QUEUE_TIME).is_some())
            .count();
        assert_eq!(n_waits, 1, "only the first query waited for the connection");

        let (outcome, trace) = mount(repo.transaction(async |transaction| {
            transaction.run(diesel::delete(domain::schema::users::table)).await?;
            Err::<(), _>(QueryError::NotFound)
        }))
        .await;
        assert!(outcome.is_err());
        assert_eq!(names(&trace.children), ["BEGIN", "DELETE users", "ROLLBACK"]);
        assert_eq!(users::count(repo).await.expect("a count"), 1, "nothing was deleted");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_below_a_tracing_span_are_its_children() {
    let database = testing::sqlite().await;
    let layer = tracing_opentelemetry::layer().with_tracer(provider().tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);
    let span = tracing::info_span!("UsersFast mount");
    let context = async {
        users::list(&database.repo, 9_999).await.expect("the users");
        Context::current().span().span_context().clone()
    }
    .instrument(span)
    .await;
    let spans = spans_of(context.trace_id());
    assert_eq!(names(&spans), ["SELECT users", "UsersFast mount"]);
    assert_eq!(spans[0].parent_span_id, context.span_id());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsampled_page_has_no_spans() {
    let database = testing::sqlite().await;
    let mount = SpanContext::new(
        TraceId::from(4_711),
        SpanId::from(4_711),
        TraceFlags::NOT_SAMPLED,
        false,
        TraceState::NONE,
    );
    let trace_id = mount.trace_id();
    let context = Context::new().with_remote_span_context(mount);
    let (repo, count) = database.repo.counted();
    users::list(&repo, 9_999).with_context(context).await.expect("the users");
    assert_eq!(count.queries(), 1);
    assert!(spans_of(trace_id).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_counted_without_any_span() {
    testing::on_each_database("queries_are_counted_without_any_span", async |database| {
        let (repo, count) = database.repo.counted();
        users::insert(&repo, person("Ada")).await.expect("inserted");
        users::insert(&repo, person(" ")).await.expect_err("a blank name");
        users::list(&repo, 9_999).await.expect("the users");
        assert_eq!(count.queries(), 3);
        users::list(&database.repo, 9_999).await.expect("the users");
        assert_eq!(count.queries(), 3, "only this clone's queries count");
    })
    .await;
}
