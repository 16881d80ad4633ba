//! What is told to somebody who mixes up two databases.

use belvedere_diesel::testing::on_each_database;
use belvedere_diesel::{Database, DatabaseConfig, MigrationError, Migrations, QueryError};

use crate::notes::MIGRATIONS;

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_for_the_other_database_is_one_clear_sentence() {
    let test = "a_statement_for_the_other_database_is_one_clear_sentence";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database| {
        let outcome = database.repo.transaction(async |transaction| {
            transaction.sqlite().map(|_| ())?;
            transaction.postgres().map(|_| ())
        });
        let words = outcome.await.expect_err("it is only one of them").to_string();
        let (wanted, actual) = match database.repo.database() {
            Database::Sqlite => ("PostgreSQL", "SQLite"),
            Database::Postgres => ("SQLite", "PostgreSQL"),
        };
        let sentence = format!("a statement for {wanted} was given to a pool of {actual}: ");
        assert!(words.starts_with(&sentence), "{words}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_without_migrations_for_a_database_is_told() {
    let test = "an_application_without_migrations_for_a_database_is_told";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database| {
        let error = Migrations::new().run(&database.config).await.expect_err("there are none");
        assert!(matches!(error, MigrationError::NoneFor(_)), "{error}");
        let words = error.to_string();
        assert!(words.contains(&database.repo.database().to_string()), "{words}");
    })
    .await;
    let words = QueryError::WrongDatabase { wanted: Database::Sqlite, actual: Database::Postgres };
    assert_eq!(words.to_string().lines().count(), 1);
}
