//! Callers that go away in the middle of a query: what they leave behind.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{DatabaseConfig, QueryError, Repo};
use diesel::sql_query;
use domain::{testing, users};
use futures_util::future::{Either, select};

use crate::queries::person;

/// Longer than all that is waited for, and shorter than the server's own limit for a statement.
const SOON: Duration = Duration::from_secs(20);

#[derive(diesel::QueryableByName)]
struct Sessions {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// Asks on another connection until so many sessions of the database are asleep.
async fn until_asleep(repo: &Repo, wanted: i64) {
    until_waiting(repo, "wait_event = 'PgSleep'", wanted).await;
}

/// Asks on another connection until one session of the database waits for what another one has locked.
pub(crate) async fn until_locked_out(repo: &Repo) {
    until_waiting(repo, "wait_event_type = 'Lock'", 1).await;
}

async fn until_waiting(repo: &Repo, condition: &str, wanted: i64) {
    let count = sql_query(format!(
        "SELECT count(*) AS n FROM pg_stat_activity \
         WHERE datname = current_database() AND {condition}",
    ));
    let counted = async {
        loop {
            let found: Sessions = repo.one(count.clone()).await.expect("a count");
            if found.n == wanted {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, counted).await.expect("sessions sleep and wake");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_caller_goes_away_ends_on_the_server() {
    let Some(database) = testing::postgres("a_query_whose_caller_goes_away_ends").await else {
        return;
    };
    let TestDatabase { repo: watcher, config, .. } = &database;
    let config = DatabaseConfig { max_connections: 1, ..config.clone() };
    let repo = Repo::connect(&config).await.expect("a connection");
    for _ in 0..3 {
        let page = Box::pin(repo.run(sql_query("SELECT pg_sleep(600)")));
        let seen = Box::pin(until_asleep(watcher, 1));
        match select(page, seen).await {
            Either::Left((outcome, _)) => panic!("it slept well: {outcome:?}"),
            Either::Right(((), page)) => drop(page),
        }
    }
    until_asleep(watcher, 0).await;

    // In a transaction as well.
    let page =
        Box::pin(repo.transaction(async |transaction| {
            transaction.run(sql_query("SELECT pg_sleep(600)")).await
        }));
    let seen = Box::pin(until_asleep(watcher, 1));
    match select(page, seen).await {
        Either::Left((outcome, _)) => panic!("it slept well: {outcome:?}"),
        Either::Right(((), page)) => drop(page),
    }
    until_asleep(watcher, 0).await;
    users::insert(&repo, person("Ada")).await.expect("the pool has a connection");
    drop(repo);
    database.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn visitors_who_leave_a_waiting_writer_leave_no_threads() {
    use belvedere_diesel::DatabaseUrl;
    use domain::MIGRATIONS;

    const CONNECTIONS: usize = 2;
    /// When a visitor loses patience.
    const PATIENCE: Duration = Duration::from_millis(20);
    let directory = tempfile::tempdir().expect("a directory");
    let url = DatabaseUrl::sqlite(directory.path().join("leavers.db")).expect("a path");
    let config = DatabaseConfig { max_connections: CONNECTIONS, ..domain::database(url) };
    MIGRATIONS.run(&config).await.expect("a database");
    let connect = async || Repo::connect(&config).await.expect("a connection");
    // Of two processes, each has a turn to write; the file's lock is one.
    let (repo, other) = (connect().await, connect().await);
    let n_at_most = 2 * (CONNECTIONS + 1); // and one that checks, in each of them
    let locked = other.transaction(async |transaction| {
        for _ in 0..12 {
            let left = tokio::time::timeout(PATIENCE, users::insert(&repo, person("Eve"))).await;
            assert!(left.is_err(), "it waits for the writer");
            assert!(crate::threads::threads_named("leavers.db") <= n_at_most);
        }
        transaction.run(sql_query("DELETE FROM users")).await?;
        Ok::<_, QueryError>(())
    });
    locked.await.expect("committed");
    users::insert(&repo, person("Ada")).await.expect("the lock is free");
}
