//! What a trace shows when things go wrong.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::trace::attributes;
use belvedere_diesel::{ConnectError, DatabaseConfig, DatabaseUrl, QueryError, Repo};
use diesel::sql_query;
use domain::testing;
use domain::users;
use domain::users::NewUser;
use futures_util::poll;
use opentelemetry::trace::Status;

use crate::queries::person;
use crate::recording::{attribute, mount};

/// A value that must not appear anywhere in a trace.
const MARKER: &str = "marker-4711";

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_an_error_of_the_query() {
    testing::on_each_database(
        "a_broken_rule_is_an_error",
        async |TestDatabase { repo, .. }| {
            let too_old = NewUser { name: MARKER.to_owned(), age: 4_711 };
            let (outcome, trace) = mount(users::insert(repo, too_old)).await;
            let error = outcome.expect_err("nobody is that old");
            assert!(matches!(&error, QueryError::CheckViolation(_)), "{error}");
            assert!(error.to_string().contains("users_age_in_range"), "{error}");
            let span = &trace.children[0];
            assert_eq!(span.name, "INSERT users");
            assert_eq!(error.constraint(), Some("users_age_in_range"));
            assert_eq!(attribute(span, attributes::ERROR_TYPE).as_deref(), Some("23514"));
            let code = attribute(span, attributes::DB_RESPONSE_STATUS_CODE).expect("a code");
            assert!(["275", "23514"].contains(&code.as_str()), "{code}");
            let Status::Error { description } = &span.status else {
                panic!("the status is an error: {:?}", span.status)
            };
            assert!(description.contains("users_age_in_range"), "{description}");
            assert_eq!(trace.mount.status, Status::Unset, "the caller decides about its own");
        },
    )
    .await;
}

/// What Diesel has no word for is told by the database's code.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_statement_has_the_database_s_own_code() {
    testing::on_each_database("a_refused_statement_has_the_code", async |database| {
        let code = async |sql: &str| {
            let (outcome, trace) = mount(database.repo.run(sql_query(sql))).await;
            outcome.expect_err("refused");
            attribute(&trace.children[0], attributes::DB_RESPONSE_STATUS_CODE)
        };
        let codes = match database.config.url {
            DatabaseUrl::Sqlite(_) => ["1", "1", "787"],
            DatabaseUrl::Postgres(_) => ["42P01", "42601", "23503"],
        };
        assert_eq!(code("DELETE FROM nowhere").await.as_deref(), Some(codes[0]));
        assert_eq!(code("SELEC 1").await.as_deref(), Some(codes[1]));
        let id = match database.config.url {
            DatabaseUrl::Sqlite(_) => "zeroblob(16)",
            DatabaseUrl::Postgres(_) => "gen_random_uuid()",
        };
        let orphan = format!(
            "INSERT INTO todo_list_items SELECT {id}, 'task', false, {id}, \
             '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0"
        );
        let orphan = orphan.replace("'2026", "timestamp '2026");
        let orphan = match database.config.url {
            DatabaseUrl::Sqlite(_) => orphan.replace("timestamp ", ""),
            DatabaseUrl::Postgres(_) => orphan,
        };
        assert_eq!(code(&orphan).await.as_deref(), Some(codes[2]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_never_enter_a_trace() {
    testing::on_each_database(
        "values_never_enter_a_trace",
        async |TestDatabase { repo, .. }| {
            let (_, trace) = mount(async {
                let user = users::insert(repo, person(MARKER)).await.expect("inserted");
                users::find(repo, user.id).await.expect("found");
                let twice = diesel::insert_into(domain::schema::users::table).values(user.clone());
                let twice = repo.run(twice).await.expect_err("the identifier is taken");
                assert!(matches!(twice, QueryError::UniqueViolation(_)), "{twice}");
                users::update(repo, user.id, person(" ")).await.expect_err("a blank name");
                user.id.to_string()
            })
            .await;
            assert_eq!(trace.children.len(), 4);
            for span in &trace.children {
                let shown = format!("{span:?}");
                assert!(!shown.contains(MARKER), "{shown}");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_connection_is_an_event_of_the_mount() {
    testing::on_each_database("no_connection_is_an_event_of_the_mount", async |database| {
        let config = DatabaseConfig {
            max_connections: 1,
            wait_timeout: Duration::from_millis(20),
            ..database.config.clone()
        };
        let repo = Repo::connect(&config).await.expect("a connection");
        // The transaction has the only connection.
        let (outcome, trace) =
            mount(repo.transaction(async |_| users::list(&repo, 9_999).await)).await;
        let error = outcome.expect_err("no connection is left");
        let is_exhausted = matches!(error, QueryError::Connect(ConnectError::PoolExhausted { .. }));
        assert!(is_exhausted, "{error}");
        assert!(matches!(trace.mount.status, Status::Error { .. }), "{:?}", trace.mount.status);
        let event = &trace.mount.events.events[0];
        assert_eq!(event.name, attributes::NO_CONNECTION_EVENT);
        assert_eq!(trace.children.len(), 2, "BEGIN and ROLLBACK");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_caller_went_away_is_cancelled() {
    let Some(database) = testing::postgres("a_query_whose_caller_went_away_is_cancelled").await
    else {
        return;
    };
    let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
    let repo = Repo::connect(&config).await.expect("a connection");
    let (repo, count) = repo.counted();
    let (_, trace) = mount(async {
        let mut sleeping = Box::pin(repo.run(sql_query("SELECT pg_sleep(20)")));
        assert!(poll!(sleeping.as_mut()).is_pending());
    })
    .await;
    let span = &trace.children[0];
    assert_eq!(attribute(span, attributes::ERROR_TYPE).as_deref(), Some(attributes::CANCELLED));
    assert!(matches!(span.status, Status::Error { .. }));
    assert_eq!(count.queries(), 1);
    // The busy connection is not handed to anybody else.
    users::count(&repo).await.expect("another connection");
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_caller_went_away_is_rolled_back() {
    testing::on_each_database(
        "a_transaction_whose_caller_went_away_is_rolled_back",
        async |database| {
            let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
            let repo = Repo::connect(&config).await.expect("a connection");
            let (entered, inside) = tokio::sync::oneshot::channel();
            let writer = repo.clone();
            let task = tokio::spawn(async move {
                writer
                    .transaction(async move |transaction| {
                        let statement = diesel::insert_into(domain::schema::users::table);
                        let user = users::User {
                            id: domain::UserId::new(),
                            name: "Nobody".to_owned(),
                            age: 1,
                            inserted_at: chrono::Utc::now().naive_utc(),
                            updated_at: chrono::Utc::now().naive_utc(),
                        };
                        transaction.run(statement.values(user)).await?;
                        entered.send(()).expect("the test waits");
                        std::future::pending::<Result<(), QueryError>>().await
                    })
                    .await
            });
            inside.await.expect("the transaction is open");
            task.abort();
            task.await.expect_err("aborted");
            users::insert(&repo, person("Somebody")).await.expect("no lock is left");
            assert_eq!(users::count(&repo).await.expect("a count"), 1);
        },
    )
    .await;
}
