//! The table of acts: a row for each time that one was done, so an act that was done twice has two.

use belvedere_diesel::{DatabaseConfig, DatabaseUrl, QueryError, Repo};
use diesel::prelude::*;

diesel::table! {
    // Diesel wants a key; the table has none.
    belvedere_soak (visitor, act) {
        visitor -> BigInt,
        act -> BigInt,
    }
}

/// Opens the database at this URL.
pub(crate) async fn open(url: &str) -> anyhow::Result<Repo> {
    let url: DatabaseUrl = url.parse()?;
    let config = DatabaseConfig { tables: &["belvedere_soak"], ..DatabaseConfig::new(url) };
    Ok(Repo::connect(&config).await?)
}

/// Makes the table anew.
pub(crate) async fn create(repo: &Repo) -> Result<(), QueryError> {
    remove(repo).await?;
    let table = "CREATE TABLE belvedere_soak (visitor BIGINT NOT NULL, act BIGINT NOT NULL)";
    repo.run(diesel::sql_query(table)).await.map(drop)
}

/// Takes it away.
pub(crate) async fn remove(repo: &Repo) -> Result<(), QueryError> {
    repo.run(diesel::sql_query("DROP TABLE IF EXISTS belvedere_soak")).await.map(drop)
}

/// An act is done.
pub(crate) async fn add(repo: &Repo, visitor: i64, act: i64) -> Result<(), QueryError> {
    let row = (belvedere_soak::visitor.eq(visitor), belvedere_soak::act.eq(act));
    repo.run(diesel::insert_into(belvedere_soak::table).values(row)).await.map(drop)
}

/// All that was done, by visitor and act.
pub(crate) async fn all(repo: &Repo) -> Result<Vec<(i64, i64)>, QueryError> {
    repo.all(belvedere_soak::table.select((belvedere_soak::visitor, belvedere_soak::act))).await
}
