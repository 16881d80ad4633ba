//! A type that an author's migrations make, which every PostgreSQL database numbers by itself.

use std::io::Write as _;

use belvedere_diesel::QueryError;
use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::trace::attributes;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_query;
use diesel::sqlite::{Sqlite, SqliteValue};
use domain::testing;

use crate::recording::{attribute, mount};

#[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "mood"), sqlite_type(name = "Text"))]
pub struct MoodType;

#[derive(Debug, Clone, Copy, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = MoodType)]
pub enum Mood {
    Glad,
    Sad,
}

impl ToSql<MoodType, Pg> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(format!("{self:?}").as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<MoodType, Sqlite> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(format!("{self:?}"));
        Ok(IsNull::No)
    }
}

impl FromSql<MoodType, Pg> for Mood {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(if value.as_bytes() == b"Glad" { Self::Glad } else { Self::Sad })
    }
}

impl FromSql<MoodType, Sqlite> for Mood {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(if value.read_text() == "Glad" { Self::Glad } else { Self::Sad })
    }
}

diesel::table! {
    days (id) {
        id -> Integer,
        mood -> crate::types::MoodType,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_of_the_author_s_own_is_looked_up() {
    testing::on_each_database(
        "a_type_of_the_author_s_own_is_looked_up",
        async |TestDatabase { repo, config, .. }| {
            let mut mood = "TEXT";
            if matches!(config.url, belvedere_diesel::DatabaseUrl::Postgres(_)) {
                let create = "CREATE TYPE mood AS ENUM ('Glad', 'Sad')";
                repo.run(sql_query(create)).await.expect("a type");
                mood = "mood";
            }
            let create = format!("CREATE TABLE days (id INTEGER PRIMARY KEY, mood {mood})");
            repo.run(sql_query(create)).await.expect("a table");
            for (id, mood) in [(1, Mood::Glad), (2, Mood::Sad), (3, Mood::Glad)] {
                let row = (days::id.eq(id), days::mood.eq(mood));
                repo.run(diesel::insert_into(days::table).values(row)).await.expect("a row");
            }
            // An array holds the type's number among its bytes.
            let sad = days::table.filter(days::mood.eq_any(vec![Mood::Sad]));
            let found: Vec<(i32, Mood)> = repo.all(sad).await.expect("the rows");
            assert_eq!(found, [(2, Mood::Sad)]);
            let glad = days::table.filter(days::mood.eq(Mood::Glad)).count();
            assert_eq!(repo.one::<i64, _>(glad).await.expect("a count"), 2);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_is_missing_has_the_server_s_code() {
    let test = "a_type_that_is_missing_has_the_server_s_code";
    let Some(database) = testing::postgres(test).await else {
        return;
    };
    let glad = days::table.filter(days::mood.eq(Mood::Glad)).count();
    let (outcome, trace) = mount(database.repo.one::<i64, _>(glad)).await;
    let error = outcome.expect_err("there is no such type");
    assert!(matches!(error, QueryError::SchemaOutdated(_)), "{error:?}");
    let code = attribute(&trace.children[0], attributes::DB_RESPONSE_STATUS_CODE);
    assert_eq!(code.as_deref(), Some("42704"));
    database.close().await;
}
