//! A server that is connected and says nothing any more, because its processes are stopped.

use std::time::Duration;

use belvedere_diesel::{DatabaseConfig, MigrationError, QueryError, Repo};
use domain::{MIGRATIONS, testing, users};

use crate::leaving::until_locked_out;
use crate::queries::person;

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_a_silent_database_ends() {
    let Some((server, config)) = testing::own_server("every_query_of_a_silent_database_ends").await
    else {
        return;
    };
    // Longer than any answer of a machine at work.
    let config = DatabaseConfig {
        statement_timeout: Duration::from_millis(3_500),
        answer_timeout: Duration::from_millis(4_000),
        connect_timeout: Duration::from_millis(4_500),
        max_connections: 1,
        ..config
    };
    let repo = Repo::connect(&config).await.expect("a connection");
    repo.check(Duration::from_secs(60)).await.expect("it answers");

    // In the middle of a transaction: its end would wait on the same connection.
    let outcome = repo
        .transaction(async |transaction| {
            server.freeze();
            transaction.all(domain::schema::users::table).await.map(|_: Vec<users::User>| ())
        })
        .await;
    assert!(matches!(outcome, Err(QueryError::Silent(_))), "{outcome:?}");
    let unanswered = repo.check(Duration::from_millis(300)).await;
    assert!(matches!(unanswered, Err(QueryError::Silent(_))), "{unanswered:?}");
    // The connection was thrown away, and no other is to be had.
    let refused = users::list(&repo, 9_999).await;
    assert!(matches!(refused, Err(QueryError::Connect(_))), "{refused:?}");

    server.thaw();
    repo.check(Duration::from_secs(60)).await.expect("it answers again");
    users::insert(&repo, person("Ada")).await.expect("on a new connection");
    let (repo, count) = repo.counted();
    assert_eq!(users::list(&repo, 9_999).await.expect("the users").len(), 1);
    assert_eq!(count.queries(), 1);
}

/// Outside of a transaction, on a connection that already knows the statement.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_query_is_told_in_words() {
    let Some((server, config)) = testing::own_server("a_silent_query_is_told_in_words").await
    else {
        return;
    };
    let config = DatabaseConfig { answer_timeout: Duration::from_secs(4), ..config };
    let repo = Repo::connect(&config).await.expect("a connection");
    users::list(&repo, 9_999).await.expect("the users");
    server.freeze();
    let error = users::list(&repo, 9_999).await.expect_err("no answer");
    assert!(error.to_string().contains("connected and silent: no answer within 4s"), "{error}");
    server.thaw();
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_a_database_that_falls_silent_end() {
    let test = "migrations_of_a_database_that_falls_silent_end";
    let Some((server, config)) = testing::own_server(test).await else { return };
    let repo = Repo::connect(&config).await.expect("a connection");
    let config = DatabaseConfig { connect_timeout: Duration::from_secs(1), ..config };
    let outcome = repo.transaction(async |transaction| {
        transaction.run(diesel::sql_query("LOCK TABLE users")).await?;
        let back = tokio::spawn(async move { MIGRATIONS.revert_all(&config).await });
        until_locked_out(&repo).await;
        server.freeze();
        let outcome = back.await.expect("no panic");
        server.thaw();
        Ok::<_, QueryError>(outcome)
    });
    let error = outcome.await.expect("committed").expect_err("nobody answered");
    assert!(matches!(error, MigrationError::Database(QueryError::Silent(_))), "{error:?}");
    assert!(error.to_string().contains("it stopped answering while the migrations ran"), "{error}");
}
