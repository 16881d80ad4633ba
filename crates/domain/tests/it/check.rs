//! Is the database there? Asked while its pool is busy.

use std::fs;
use std::future;
use std::time::Duration;

use belvedere_diesel::testing::{PostgresServer, TestDatabase};
use belvedere_diesel::{ConnectError, DatabaseConfig, DatabaseUrl, QueryError, Repo};
use diesel::sql_query;
use domain::{MIGRATIONS, testing, users};
use futures_util::poll;

use crate::queries::person;

/// Longer than any answer of a machine at work takes.
const WITHIN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_connections_are_all_busy_is_there() {
    testing::on_each_database("a_database_whose_connections_are_all_busy", async |database| {
        let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
        let repo = Repo::connect(&config).await.expect("a connection");
        let answer = repo.transaction(async |_| repo.check(WITHIN).await).await;
        answer.expect("it answers");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_locked_is_no_database_that_is_gone() {
    let Some(database) = testing::postgres("a_table_that_is_locked").await else {
        return;
    };
    let TestDatabase { repo, .. } = &database;
    repo.transaction(async |transaction| {
        transaction.run(sql_query("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")).await?;
        let mut pages: Vec<_> = (0..8).map(|_| Box::pin(users::list(repo, 9_999))).collect();
        for page in &mut pages {
            assert!(poll!(page.as_mut()).is_pending());
        }
        repo.check(WITHIN).await.expect("it answers");
        Ok::<_, QueryError>(())
    })
    .await
    .expect("committed");
    database.close().await;
}

/// A file that has lost its name takes everything, and what it took is gone with the process.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_saved_in_a_file_that_was_removed_or_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let [path, elsewhere] = ["users.db", "elsewhere.db"].map(|name| directory.path().join(name));
    let config = DatabaseConfig::new(DatabaseUrl::sqlite(&path).expect("a path"));
    MIGRATIONS.run(&config).await.expect("tables");
    let repo = Repo::connect(&config).await.expect("connections");
    users::insert(&repo, person("Ada")).await.expect("it is there");
    fs::rename(&path, &elsewhere).expect("it is moved away");
    let is_refused = async || {
        let saved = users::insert(&repo, person("Bob")).await;
        let checked = repo.check(WITHIN).await;
        assert!(is_moved(&saved) && is_moved(&checked), "{saved:?}, {checked:?}");
    };
    is_refused().await;
    assert!(!path.exists(), "no other is made in its place");
    fs::copy(&elsewhere, &path).expect("another is put there");
    is_refused().await;

    fs::rename(&elsewhere, &path).expect("it is put back");
    repo.check(WITHIN).await.expect("it is there again");
    users::insert(&repo, person("Cleo")).await.expect("as before");
    assert_eq!(users::list(&repo, 9_999).await.expect("the users").len(), 2);
}

#[cfg(unix)]
fn is_moved<T>(result: &Result<T, QueryError>) -> bool {
    matches!(result, Err(QueryError::Connect(ConnectError::SqliteMoved { .. })))
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_saved_in_a_file_that_is_moved_while_somebody_waits_or_writes() {
    let directory = tempfile::tempdir().expect("a directory");
    let [path, elsewhere] = ["users.db", "elsewhere.db"].map(|name| directory.path().join(name));
    let url = DatabaseUrl::sqlite(&path).expect("a path");
    let config = DatabaseConfig { max_connections: 1, ..DatabaseConfig::new(url) };
    MIGRATIONS.run(&config).await.expect("tables");
    let repo = Repo::connect(&config).await.expect("a connection");
    users::insert(&repo, person("Ada")).await.expect("it is there");

    let mut reader = Box::pin(users::count(&repo));
    let saved = repo.transaction(async |transaction| {
        transaction.run(sql_query("DELETE FROM users")).await?;
        assert!(poll!(reader.as_mut()).is_pending(), "there is one connection");
        fs::rename(&path, &elsewhere).expect("it is moved away");
        Ok::<_, QueryError>(())
    });
    assert!(is_moved(&saved.await), "nobody would find that");
    assert!(is_moved(&reader.await), "who has waited is told as well");

    fs::rename(&elsewhere, &path).expect("it is put back");
    assert_eq!(users::count(&repo).await.expect("a number"), 1, "what was refused is undone");

    // The connection is closed, so that who waits opens another.
    let mut reader = Box::pin(users::count(&repo));
    let mut given_up = Box::pin(repo.transaction(async |_| {
        assert!(poll!(reader.as_mut()).is_pending(), "there is one connection");
        fs::rename(&path, &elsewhere).expect("it is moved away");
        future::pending::<Result<(), QueryError>>().await
    }));
    while path.exists() {
        assert!(poll!(given_up.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    drop(given_up);
    assert!(is_moved(&reader.await), "it would find nothing");
    assert!(!path.exists(), "no other is made in its place");
}

/// The database is found by a link, as where a volume is mounted elsewhere.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wal_that_is_removed_or_replaced_takes_nothing_along() {
    let directory = tempfile::tempdir().expect("a directory");
    let [link, path, copy] =
        ["link.db", "users.db", "copy.db"].map(|name| directory.path().join(name));
    let [wal, elsewhere] = ["users.db-wal", "elsewhere"].map(|name| directory.path().join(name));
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let config_of = |path| DatabaseConfig::new(DatabaseUrl::sqlite(path).expect("a path"));
    let config = config_of(&link);
    MIGRATIONS.run(&config).await.expect("tables");
    let repo = Repo::connect(&config).await.expect("connections");
    users::insert(&repo, person("Ada")).await.expect("it is there");
    fs::rename(&wal, &elsewhere).expect("it is moved away");
    let is_removed = |error: QueryError| {
        let error = error.to_string();
        assert!(error.contains("-wal was removed or replaced"), "{error}");
    };
    // The first who asks may be a balancer, after whom nobody comes.
    is_removed(repo.check(WITHIN).await.expect_err("the file is not there"));
    fs::copy(&path, &copy).expect("a copy of the file alone");
    let copied = Repo::connect(&config_of(&copy)).await.expect("connections");
    assert_eq!(users::list(&copied, 9_999).await.expect("the users").len(), 1);
    is_removed(users::insert(&repo, person("Bob")).await.expect_err("it would be lost"));
    assert!(!wal.exists(), "no other is made in its place");

    fs::write(&wal, "").expect("another is put there");
    is_removed(users::insert(&repo, person("Bob")).await.expect_err("it would be lost"));
    is_removed(repo.check(WITHIN).await.expect_err("the file is not there"));

    fs::rename(&elsewhere, &wal).expect("it is put back");
    repo.check(WITHIN).await.expect("it is there again");
    users::insert(&repo, person("Cleo")).await.expect("as before");
    assert_eq!(users::list(&repo, 9_999).await.expect("the users").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_wait_for_the_first_visitors() {
    #[derive(diesel::QueryableByName)]
    struct Sessions {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let Some(database) = testing::postgres("connections_wait_for_the_first_visitors").await else {
        return;
    };
    let config = DatabaseConfig { warm_connections: 3, ..database.config.clone() };
    let count =
        sql_query("SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()");
    let before: Sessions = database.repo.one(count.clone()).await.expect("a count");
    let _warm = Repo::connect(&config).await.expect("connections");
    let after: Sessions = database.repo.one(count).await.expect("a count");
    assert_eq!(after.n - before.n, 3 + 1, "and one that checks");
    database.close().await;
}

/// A server on which one user may have so many sessions.
async fn with_room_for(
    test: &str,
    n_sessions: usize,
) -> Option<(PostgresServer, Repo, DatabaseConfig)> {
    let (server, config) = testing::own_server(test).await?;
    let admin = Repo::connect(&config).await.expect("a connection");
    let role = format!("CREATE ROLE guest LOGIN CONNECTION LIMIT {n_sessions}");
    admin.run(sql_query(role)).await.expect("a role");
    let url = server.url("postgres").replace("postgres@", "guest@");
    let url = url.parse().expect("a URL");
    Some((server, admin, DatabaseConfig { url, max_connections: 1, ..config }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_free_session_is_there() {
    let test = "a_server_without_a_free_session_is_there";
    let Some((_server, admin, config)) = with_room_for(test, 1).await else {
        return;
    };
    let config = DatabaseConfig { max_connections: 4, warm_connections: 3, ..config };
    let repo = Repo::connect(&config).await.expect("pages can be served from one connection");
    repo.check(WITHIN).await.expect("it answers on the pool's connection");

    // That one is busy: its end is the answer.
    let mut check = Box::pin(repo.check(WITHIN));
    repo.transaction(async |_| {
        for _ in 0..50 {
            assert!(poll!(check.as_mut()).is_pending(), "a refusal is no answer");
            admin.run(sql_query("SELECT 1")).await?;
        }
        let error = users::count(&repo).await.expect_err("no other connection");
        assert!(error.is_busy(), "in a moment there may be one: {error}");
        Ok::<_, QueryError>(())
    })
    .await
    .expect("committed");
    check.await.expect("a query was answered");

    // One that does not end is none, and the refusal is told.
    let unanswered =
        repo.transaction(async |_| Ok::<_, QueryError>(repo.check(Duration::from_secs(4)).await));
    let error = unanswered.await.expect("committed").expect_err("no answer");
    let words = error.to_string();
    assert!(words.contains("too many connections") && words.contains("close others"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_that_checks_is_replaced_when_it_is_old() {
    #[derive(diesel::QueryableByName)]
    struct Latest {
        #[diesel(sql_type = diesel::sql_types::Text)]
        started: String,
    }
    let test = "the_connection_that_checks_is_replaced_when_it_is_old";
    let Some(database) = testing::postgres(test).await else {
        return;
    };
    let latest = sql_query(
        "SELECT max(backend_start)::text AS started FROM pg_stat_activity \
         WHERE datname = current_database()",
    );
    let latest = async || -> String {
        let latest: Latest = database.repo.one(latest.clone()).await.expect("a time");
        latest.started
    };
    for (max_lifetime, is_replaced) in [(Duration::from_secs(600), false), (Duration::ZERO, true)] {
        let config = DatabaseConfig { max_lifetime, ..database.config.clone() };
        let repo = Repo::connect(&config).await.expect("a connection");
        let before = latest().await;
        repo.check(WITHIN).await.expect("it answers");
        assert_eq!(latest().await != before, is_replaced, "{max_lifetime:?}");
    }
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_asks_is_answered_at_once() {
    testing::on_each_database("a_crowd_that_asks_is_answered_at_once", async |database| {
        let crowd = (0..2_000).map(|_| database.repo.check(WITHIN));
        for answer in futures_util::future::join_all(crowd).await {
            answer.expect("it answers");
        }
    })
    .await;
}
