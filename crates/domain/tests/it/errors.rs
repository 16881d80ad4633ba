//! What an operator is told.

use std::time::Duration;

use belvedere_diesel::{ConnectError, DatabaseConfig, DatabaseUrl, QueryError, Repo};
use diesel::sql_query;
use diesel::sql_types::Integer;
use domain::testing;
use domain::users;

use crate::queries::person;

async fn refusal(url: &str) -> ConnectError {
    let config = domain::database(url.parse().expect("a URL"));
    match Repo::connect(&config).await {
        Ok(_) => panic!("{url} is refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_the_password() {
    let error = refusal("postgres://app:secret@127.0.0.1:1/app").await;
    assert!(matches!(error, ConnectError::PostgresUnreachable { .. }), "{error:?}");
    let words = format!("{error} {error:?}");
    assert!(words.contains("127.0.0.1:1") && words.contains("refused"), "{words}");
    assert!(!words.contains("secret"), "{words}");
}

#[tokio::test]
async fn a_host_without_address_is_named() {
    let error = refusal("postgres://nowhere.invalid/app").await;
    assert!(matches!(error, ConnectError::PostgresUnreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("nowhere.invalid:5432"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_database_is_told_in_the_server_s_words() {
    let Some(database) =
        testing::postgres("a_missing_database_is_told_in_the_server_s_words").await
    else {
        return;
    };
    let url = database.url.replace("/test_", "/missing_");
    let error = refusal(&url).await;
    let words = error.to_string();
    assert!(words.contains("does not exist (3D000)"), "{words}");
    database.close().await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let error = refusal(&format!("sqlite://{}/data/app.sqlite3", file.display())).await;
    assert!(matches!(error, ConnectError::SqliteDirectory { .. }), "{error:?}");
    assert!(error.to_string().contains("file/data"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("notes.txt");
    std::fs::write(&file, "Not a database at all. ".repeat(100)).expect("a file");
    let error = refusal(&format!("sqlite://{}", file.display())).await;
    assert!(matches!(error, ConnectError::SqliteOpen { .. }), "{error:?}");
    assert!(error.to_string().contains("not a database"), "{error}");
    let error = refusal(&format!("sqlite://{}", directory.path().display())).await;
    assert!(error.to_string().contains("unable to open database file"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_file_is_told_apart() {
    let database = testing::sqlite().await;
    let config =
        DatabaseConfig { busy_timeout: Duration::from_millis(10), ..database.config.clone() };
    let hasty = Repo::connect(&config).await.expect("a connection");
    let outcome = database
        .repo
        .transaction(async |_| users::insert(&hasty, person("Second writer")).await)
        .await;
    assert!(matches!(outcome, Err(QueryError::Locked)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_another_writer_locks_is_told_apart() {
    let Some(database) = testing::postgres("a_row_that_another_writer_locks").await else { return };
    let config =
        DatabaseConfig { statement_timeout: Duration::from_millis(300), ..database.config.clone() };
    let hasty = Repo::connect(&config).await.expect("a connection");
    let outcome = database.repo.transaction(async |transaction| {
        transaction.run(sql_query("LOCK TABLE users IN SHARE MODE")).await?;
        Ok::<_, QueryError>(users::insert(&hasty, person("Ann")).await)
    });
    let error = outcome.await.expect("committed").expect_err("it has waited in vain");
    assert!(matches!(error, QueryError::Locked) && error.is_busy(), "{error:?}");
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_writers_of_one_file_wait_for_each_other() {
    let database = testing::sqlite().await;
    let writers = (0..20).map(|index| {
        let repo = database.repo.clone();
        tokio::spawn(async move { users::insert(&repo, person(&format!("{index}"))).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic").expect("written");
    }
    assert_eq!(users::count(&database.repo).await.expect("a count"), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_the_server_closed_is_replaced() {
    #[derive(diesel::QueryableByName)]
    struct Backend {
        #[diesel(sql_type = Integer)]
        pid: i32,
    }
    let Some(database) = testing::postgres("a_connection_that_the_server_closed_is_replaced").await
    else {
        return;
    };
    let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
    let repo = Repo::connect(&config).await.expect("a connection");
    let backend: Backend =
        repo.one(sql_query("SELECT pg_backend_pid() AS pid")).await.expect("its process");
    let terminate = format!("SELECT pg_terminate_backend({})", backend.pid);
    database.repo.run(sql_query(terminate)).await.expect("terminated");
    // The news may arrive while the next query is under way; never later.
    if let Err(error) = users::count(&repo).await {
        assert!(!matches!(error, QueryError::Connect(_)), "{error}");
    }
    users::count(&repo).await.expect("a new connection");
    database.close().await;
}

#[tokio::test]
async fn a_missing_directory_is_made() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("some/where/app.sqlite3");
    let config = domain::database(DatabaseUrl::sqlite(&path).expect("a path"));
    Repo::connect(&config).await.expect("a connection");
    assert!(path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_what_to_check() {
    let Some(database) = testing::postgres("a_refused_login_says_what_to_check").await else {
        return;
    };
    let error = refusal(&format!("{}_nowhere", database.url)).await;
    let words = error.to_string();
    assert!(words.contains("(3D000); check user, password and database"), "{words}");
    database.close().await;
}
