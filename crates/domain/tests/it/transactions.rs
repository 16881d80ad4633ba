//! All of a transaction is saved or nothing, and which of the two is said.

use belvedere_diesel::{Database, DatabaseConfig, QueryError, Repo, Transaction};
use diesel::sql_query;
use domain::testing;
use domain::users;

use crate::queries::person;

/// Adds a year to everybody, and does not mind that another statement fails.
async fn age(transaction: &mut Transaction) -> Result<(), QueryError> {
    transaction.run(sql_query("UPDATE users SET age = age + 1")).await?;
    let broken = transaction.run(sql_query("UPDATE users SET name = 'Ann'")).await;
    let error = broken.expect_err("two of one name");
    assert!(matches!(error, QueryError::UniqueViolation(_)), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_goes_on_after_an_error_is_said_to_be_saved_where_it_is() {
    let test = "a_transaction_that_goes_on_after_an_error";
    testing::on_each_database(test, async |database| {
        // One connection, so that what is left of one transaction would be seen by the next.
        let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
        let repo = Repo::connect(&config).await.expect("a connection");
        for name in ["Ann", "Bob"] {
            users::insert(&repo, person(name)).await.expect("added");
        }
        let ages = async || {
            let users = users::list(&repo, 9_999).await.expect("the users");
            users.into_iter().map(|user| user.age).collect::<Vec<_>>()
        };
        let outcome = repo.transaction(age).await;
        match repo.database() {
            Database::Sqlite => {
                outcome.expect("SQLite goes on");
                assert_eq!(ages().await, [41, 41]);
            }
            Database::Postgres => {
                let error = outcome.expect_err("PostgreSQL saves nothing");
                assert!(matches!(error, QueryError::TransactionAborted), "{error:?}");
                assert_eq!(ages().await, [40, 40]);
            }
        }
        let before = ages().await[0];

        // What was taken back to a savepoint does not count.
        repo.transaction(async |transaction| {
            transaction.run(sql_query("SAVEPOINT before")).await?;
            age(transaction).await?;
            transaction.run(sql_query("ROLLBACK TO before")).await?;
            transaction.run(sql_query("UPDATE users SET age = age + 10")).await
        })
        .await
        .expect("committed");
        assert_eq!(ages().await, [before + 10; 2]);
    })
    .await;
}
