//! Is the database there? Asked while its pool is busy.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{DatabaseConfig, QueryError, Repo};
use diesel::sql_query;
use domain::testing;
use domain::users;
use futures_util::poll;

/// Longer than any answer takes, shorter than a pool or a lock is waited for.
const WITHIN: Duration = Duration::from_secs(2);

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
        let mut pages: Vec<_> = (0..8).map(|_| Box::pin(users::list(repo))).collect();
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
