//! One table of somebody's, on both databases.

use belvedere_diesel::testing::{TestDatabase, on_each_database};
use belvedere_diesel::trace::attributes;
use belvedere_diesel::{DatabaseConfig, DatabaseUrl, Migrations, QueryError, Repo};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::recording::{attribute, mount, names};

const FOLDER: EmbeddedMigrations = embed_migrations!("tests/migrations");
pub(crate) const MIGRATIONS: Migrations =
    Migrations::new().with_sqlite(&FOLDER).with_postgres(&FOLDER);

diesel::table! {
    notes (id) {
        id -> Integer,
        topic -> Text,
        text -> Text,
    }
}

pub(crate) async fn postgres(test: &str) -> Option<TestDatabase> {
    TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await
}

pub(crate) async fn note(repo: &Repo, id: i32, topic: &str, text: &str) -> Result<(), QueryError> {
    let row = (notes::id.eq(id), notes::topic.eq(topic), notes::text.eq(text));
    repo.run(diesel::insert_into(notes::table).values(row)).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_of_a_stranger_s_table_are_spans_and_counted() {
    let test = "queries_of_a_stranger_s_table_are_spans_and_counted";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database| {
        for (id, topic) in [(1, "cats"), (2, "dogs"), (3, "cats")] {
            note(&database.repo, id, topic, "are fine").await.expect("a note");
        }
        let (repo, count) = database.repo.counted();
        let (by_topic, trace) = mount(async {
            let mut by_topic: Vec<(String, i64)> = Vec::new();
            let topics = notes::table.select(notes::topic).distinct().order(notes::topic);
            for topic in repo.all::<String, _>(topics).await.expect("the topics") {
                let of_topic = notes::table.filter(notes::topic.eq(topic.clone())).count();
                by_topic.push((topic, repo.one(of_topic).await.expect("a count")));
            }
            by_topic
        })
        .await;
        assert_eq!(by_topic, [("cats".to_owned(), 2), ("dogs".to_owned(), 1)]);
        assert_eq!(count.queries(), 3);
        let page = trace.mount.span_context.span_id();
        let spans = trace.children;
        assert!(spans.iter().all(|span| span.parent_span_id == page), "they are its children");
        assert_eq!(names(&spans), ["SELECT notes"; 3]);
        let text = |index: usize| attribute(&spans[index], attributes::DB_QUERY_TEXT);
        assert_eq!(text(1), text(2), "what an N+1 is found by");
        assert_ne!(text(0), text(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_told_by_its_name() {
    let test = "a_broken_rule_is_told_by_its_name";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database| {
        let error = note(&database.repo, 1, "cats", " ").await.expect_err("a blank text");
        assert_eq!(error.constraint(), Some("notes_text_not_blank"));
    })
    .await;
}

/// Which tables a text names that was put together while running is the application's to say.
#[tokio::test(flavor = "multi_thread")]
async fn declared_tables_name_the_spans_of_queries_without_a_fixed_type() {
    let test = "declared_tables_name_the_spans_of_queries_without_a_fixed_type";
    let declared =
        |url: DatabaseUrl| DatabaseConfig { tables: &["notes"], ..DatabaseConfig::new(url) };
    for (configure, expected) in
        [(declared as fn(_) -> _, "DELETE notes"), (DatabaseConfig::new, "DELETE")]
    {
        on_each_database(test, MIGRATIONS, configure, async |database| {
            let (_, trace) = mount(database.repo.run(diesel::sql_query("DELETE FROM notes"))).await;
            assert_eq!(trace.children[0].name, expected);
        })
        .await;
    }
}
