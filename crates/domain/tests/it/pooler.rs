//! PgBouncer in transaction mode between here and the server.

use belvedere_diesel::testing::{PgBouncer, StartError, StartupOptions, skipped};
use belvedere_diesel::{DatabaseConfig, DatabaseUrl, QueryError, Repo};
use domain::testing;
use domain::{MIGRATIONS, seed, users};

use crate::queries::{list_slowly, person};

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_work_behind_a_pooler_that_refuses_settings() {
    works_behind("pages_work_behind_a_pooler_that_refuses_settings", StartupOptions::Refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_work_behind_a_pooler_that_swallows_settings() {
    let test = "pages_work_behind_a_pooler_that_swallows_settings";
    works_behind(test, StartupOptions::Swallowed).await;
}

async fn works_behind(test: &str, options: StartupOptions) {
    let Some((server, direct)) = testing::own_server(test).await else {
        return;
    };
    let pooler = match PgBouncer::start(&server, options) {
        Ok(pooler) => pooler,
        Err(StartError::NotInstalled) => return skipped(test, "pgbouncer"),
        Err(error) => panic!("{error}"),
    };
    let url: DatabaseUrl = pooler.url("postgres").parse().expect("a URL");
    let config = DatabaseConfig { url, ..direct.clone() };
    assert!(MIGRATIONS.pending(&config).await.expect("a list").is_empty());
    for _ in 0..2 {
        assert_eq!(MIGRATIONS.revert_all(&config).await.expect("they have a way back").len(), 2);
        assert_eq!(MIGRATIONS.run(&config).await.expect("they run again").len(), 2);
    }
    assert_eq!(MIGRATIONS.run(&direct).await.expect("no lock is left"), [""; 0]);

    let repo = Repo::connect(&config).await.expect("a connection");
    seed::fill(&repo, 20).await.expect("seeded");
    // More visitors than the pooler has connections, so that they change among them.
    let visitors = (0..12).map(|_| {
        let repo = repo.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                let fast = users::list_with_todo_counts(&repo).await.expect("the fast page");
                assert_eq!(fast, list_slowly(&repo).await);
            }
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.expect("every page is answered");
    }

    let twice = users::insert(&repo, person(" ")).await.expect_err("a blank name");
    assert_eq!(twice.constraint(), Some("users_name_not_blank"));
    let limit = diesel::sql_query("SELECT current_setting('statement_timeout') AS value");
    let within = repo.transaction(async |transaction| {
        transaction.all(limit.clone()).await.map(|rows: Vec<Setting>| rows[0].value.clone())
    });
    assert_eq!(within.await.expect("a setting"), "30s");
    let outside: Setting = repo.one(limit).await.expect("a setting");
    assert_eq!(outside.value, "0", "no setting is left for others");
}

#[test]
fn a_changed_session_is_no_matter_of_migrations() {
    let words = QueryError::Pooler("prepared statement \"s12\" does not exist".into()).to_string();
    assert!(words.contains("pooler") && !words.contains("migrations"), "{words}");
}
