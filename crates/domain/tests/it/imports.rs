//! An import is saved as a whole or not at all, and others write meanwhile.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{DatabaseConfig, QueryError, Repo};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::bulk::Row;
use domain::imports::{Import, Reason};
use domain::users::{self, NAME_KEY};
use domain::{testing, todo_list_items};

use crate::bulk::{begin, row};
use crate::queries::person;

fn rows(range: std::ops::Range<usize>) -> Vec<Row> {
    range.map(|n| row(&format!("User {n}"), Some(format!("Task {n}")))).collect()
}

async fn recent(repo: &Repo) -> Vec<Import> {
    Import::recent(repo).await.expect("those of the last hour")
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Lines of imports that are stored, and imports.
async fn n_left(repo: &Repo) -> (i64, usize) {
    let lines = diesel::sql_query("SELECT count(*) AS n FROM import_lines");
    (repo.one::<Stored, _>(lines).await.expect("a count").n, recent(repo).await.len())
}

async fn counts(repo: &Repo) -> (i64, i64) {
    let n_users = users::count(repo).await.expect("a count");
    (n_users, todo_list_items::count(repo).await.expect("a count"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_is_there_when_it_is_saved_and_others_write_before() {
    testing::on_each_database(
        "what_is_added_is_there",
        async |TestDatabase { repo, config, .. }| {
            let config = DatabaseConfig { busy_timeout: Duration::ZERO, ..config.clone() };
            let other = Repo::connect(&config).await.expect("connected");
            let mut additions = begin(repo).await;
            for part in 0..3 {
                additions.add(rows(part * 100..(part + 1) * 100)).await.expect("added");
                let name = format!("Other {part}");
                users::insert(&other, person(&name)).await.expect("nobody else writes just now");
                assert_eq!(counts(repo).await, (part as i64 + 1, 0));
                let [import] = &recent(repo).await[..] else { panic!("one is under way") };
                assert_eq!((import.n_done, import.is_saved), (part as i64 * 100 + 100, None));
            }
            additions.save().await.expect("saved");
            assert_eq!(counts(repo).await, (303, 300));
            assert_eq!(recent(repo).await[0].is_saved, Some(true));
            let late = additions.save().await;
            assert!(matches!(late, Err(QueryError::NotFound)), "{late:?}");
            assert!(!recent(repo).await[0].give_up(repo).await.expect("a query"), "it has ended");
            additions.clear_away().await.expect("cleared away");
            assert_eq!((counts(repo).await, n_left(repo).await), ((303, 300), (0, 1)));

            begin(repo).await;
            assert_eq!(n_left(repo).await, (0, 2), "how it has ended is told on");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_at_the_end_leaves_nothing() {
    testing::on_each_database(
        "a_name_that_is_taken_at_the_end",
        async |TestDatabase { repo, .. }| {
            let mut additions = begin(repo).await;
            additions.add(rows(0..300)).await.expect("added");
            users::insert(repo, person("uSER 7")).await.expect("it is still free");
            let taken = additions.save().await.expect_err("it is not");
            assert_eq!(taken.constraint(), Some(NAME_KEY));
            assert_eq!(counts(repo).await, (1, 0));
            additions.end(Reason::NameTaken).await.expect("ended");
            assert_eq!(n_left(repo).await, (0, 1));
            let [import] = &recent(repo).await[..] else { panic!("it is told of") };
            assert_eq!((import.is_saved, import.reason), (Some(false), Some(Reason::NameTaken)));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_comes_to_no_other_end() {
    testing::on_each_database("what_is_given_up", async |TestDatabase { repo, .. }| {
        let mut additions = begin(repo).await;
        additions.add(rows(0..300)).await.expect("added");
        let [before] = &recent(repo).await[..] else { panic!("one is under way") };
        additions.add(rows(300..600)).await.expect("added");
        assert!(!before.give_up(repo).await.expect("a query"), "it has gone on");
        assert!(recent(repo).await[0].give_up(repo).await.expect("a query"));
        assert_eq!(n_left(repo).await, (0, 1));
        assert_eq!(recent(repo).await[0].is_saved, Some(false));

        let late = additions.add(rows(600..700)).await;
        assert!(matches!(late, Err(QueryError::NotFound)), "{late:?}");
        let late = additions.save().await;
        assert!(matches!(late, Err(QueryError::NotFound)), "{late:?}");
        assert_eq!((counts(repo).await, n_left(repo).await), ((0, 0), (0, 1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_found_by_who_goes_on_with_it() {
    testing::on_each_database("what_is_cancelled", async |TestDatabase { repo, .. }| {
        let mut additions = begin(repo).await;
        additions.add(rows(0..300)).await.expect("added");
        let id = recent(repo).await[0].id;
        assert!(Import::cancel(repo, id).await.expect("a query"));
        assert!(!Import::cancel(repo, id).await.expect("a query"), "it has ended");
        let late = additions.add(rows(300..600)).await;
        assert!(matches!(late, Err(QueryError::NotFound)), "{late:?}");
        let late = additions.save().await;
        assert!(matches!(late, Err(QueryError::NotFound)), "{late:?}");
        let ended = Import::find(repo, id).await.expect("a query").expect("it is told of");
        assert_eq!(ended.reason, Some(Reason::Cancelled));
        assert_eq!(counts(repo).await, (0, 0));

        for _ in 0..9 {
            let next = begin(repo).await;
            assert_eq!(n_left(repo).await.0, 0, "its lines are gone");
            next.end(Reason::Failed).await.expect("ended");
        }
        begin(repo).await;
        assert_eq!(n_left(repo).await, (0, 8), "of many the last are told of");
        assert!(Import::find(repo, id).await.expect("a query").is_none());
    })
    .await;
}
