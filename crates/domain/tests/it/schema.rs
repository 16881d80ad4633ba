//! `schema.rs` against what the migrations made.

use belvedere_diesel::{DatabaseUrl, Repo};
use diesel::prelude::*;
use diesel::sql_types::is_nullable::NotNull;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SqlType, Text, Timestamp};
use diesel::{Column, QueryableByName, sql_query};
use domain::schema::{BinaryId, import_lines, imports, todo_list_items, users};
use domain::testing;

/// A column as the database tells it.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = Text)]
    rule: String,
}

/// What a type of `schema.rs` is called in SQLite and in PostgreSQL.
trait Named {
    const NAMES: [&'static str; 2];
    const NULLABLE: &'static str = "no";
}

impl<T: Named + SqlType<IsNull = NotNull>> Named for Nullable<T> {
    const NAMES: [&'static str; 2] = T::NAMES;
    const NULLABLE: &'static str = "yes";
}

impl Named for BinaryId {
    const NAMES: [&'static str; 2] = ["BLOB", "uuid"];
}
impl Named for Text {
    const NAMES: [&'static str; 2] = ["TEXT", "text"];
}
impl Named for Integer {
    const NAMES: [&'static str; 2] = ["INTEGER", "integer"];
}
impl Named for BigInt {
    const NAMES: [&'static str; 2] = ["INTEGER", "bigint"];
}
impl Named for Bool {
    const NAMES: [&'static str; 2] = ["INTEGER", "boolean"];
}
impl Named for Timestamp {
    const NAMES: [&'static str; 2] = ["TEXT", "timestamp without time zone"];
}

/// A column as `schema.rs` tells it.
fn column<C>(_: C, database: usize) -> Described
where
    C: Column + Expression,
    C::SqlType: Named,
{
    Described {
        name: C::NAME.to_owned(),
        kind: C::SqlType::NAMES[database].to_owned(),
        nullable: C::SqlType::NULLABLE.to_owned(),
    }
}

fn expected(table: &str, database: usize) -> Vec<Described> {
    match table {
        "users" => {
            let (id, name, age, inserted_at, updated_at) = users::all_columns;
            vec![
                column(id, database),
                column(name, database),
                column(age, database),
                column(inserted_at, database),
                column(updated_at, database),
            ]
        }
        "imports" => {
            let (id, begun_by, begun_at, file, n_lines, n_users, n_done, is_saved, reason) =
                imports::all_columns;
            vec![
                column(id, database),
                column(begun_by, database),
                column(begun_at, database),
                column(file, database),
                column(n_lines, database),
                column(n_users, database),
                column(n_done, database),
                column(is_saved, database),
                column(reason, database),
            ]
        }
        "import_lines" => {
            let (import_id, number, user_id, name, age, item_id, task, completed, position) =
                import_lines::all_columns;
            vec![
                column(import_id, database),
                column(number, database),
                column(user_id, database),
                column(name, database),
                column(age, database),
                column(item_id, database),
                column(task, database),
                column(completed, database),
                column(position, database),
            ]
        }
        _ => {
            let (id, task, completed, user_id, inserted_at, updated_at, position) =
                todo_list_items::all_columns;
            vec![
                column(id, database),
                column(task, database),
                column(completed, database),
                column(user_id, database),
                column(inserted_at, database),
                column(updated_at, database),
                column(position, database),
            ]
        }
    }
}

async fn described(repo: &Repo, table: &str, is_sqlite: bool) -> Vec<Described> {
    let sql = if is_sqlite {
        format!(
            "SELECT name, type AS kind, CASE \"notnull\" WHEN 1 THEN 'no' ELSE 'yes' END \
             AS nullable FROM pragma_table_info('{table}') ORDER BY cid"
        )
    } else {
        format!(
            "SELECT column_name::text AS name, data_type::text AS kind, \
             lower(is_nullable::text) AS nullable FROM information_schema.columns \
             WHERE table_name = '{table}' ORDER BY ordinal_position"
        )
    };
    repo.all(sql_query(sql)).await.expect("a description")
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_agrees_with_the_migrated_database() {
    testing::on_each_database("schema_agrees_with_the_migrated_database", async |database| {
        let is_sqlite = matches!(database.config.url, DatabaseUrl::Sqlite(_));
        for table in ["users", "todo_list_items", "imports", "import_lines"] {
            let found = described(&database.repo, table, is_sqlite).await;
            assert_eq!(found, expected(table, usize::from(!is_sqlite)), "{table}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_cascade_and_are_indexed() {
    testing::on_each_database("foreign_keys_cascade_and_are_indexed", async |database| {
        let is_sqlite = matches!(database.config.url, DatabaseUrl::Sqlite(_));
        let (rules, indexes) = if is_sqlite {
            (
                "SELECT on_delete AS rule FROM pragma_foreign_key_list('todo_list_items') \
                 UNION ALL SELECT on_delete FROM pragma_foreign_key_list('import_lines')",
                "SELECT name AS rule FROM pragma_index_list('todo_list_items')",
            )
        } else {
            (
                "SELECT delete_rule::text AS rule FROM information_schema.referential_constraints",
                "SELECT indexname::text AS rule FROM pg_indexes WHERE tablename = 'todo_list_items'",
            )
        };
        let rules: Vec<Rule> = database.repo.all(sql_query(rules)).await.expect("the rules");
        let rules: Vec<_> = rules.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(rules, ["CASCADE", "CASCADE"]);
        let indexes: Vec<Rule> = database.repo.all(sql_query(indexes)).await.expect("the indexes");
        assert!(indexes.iter().any(|index| index.rule == "todo_list_items_user_id_index"));
    })
    .await;
}
