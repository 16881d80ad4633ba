//! What a statement looks like without its values: text, operation, table and span name.
//!
//! A shape is computed once per query type and kept, so a traced query costs one look-up. Query
//! types are finitely many and fixed at compile time, so the cache needs no bound. A query that
//! has no fixed type (boxed, `IN (…)`, SQL text) is looked at each time, and only names of this
//! crate's own tables enter its span name.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{QueryBuilder, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;

use crate::schema::TABLES;
use crate::trace::Control;

/// Longest statement text in a span, in bytes. The statements of pages are far below; a batch
/// insert repeats itself.
const MAX_TEXT_BYTES: usize = 2_048;

/// A statement without its values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The span's name: operation and table.
    pub(crate) name: String,
    pub(crate) operation: &'static str,
    pub(crate) collection: Option<String>,
    pub(crate) text: String,
}

/// The operations that may name a span.
const OPERATIONS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];

/// Where the table of a statement comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The statement's type, known at compile time.
    Type,
    /// Text that may have been put together while running.
    RunTime,
}

impl Shape {
    pub(crate) fn control(statement: Control) -> Self {
        let operation = match statement {
            Control::Begin | Control::BeginImmediate => "BEGIN",
            Control::Commit => "COMMIT",
            Control::Rollback => "ROLLBACK",
        };
        Self {
            name: operation.to_owned(),
            operation,
            collection: None,
            text: statement.sql().to_owned(),
        }
    }

    fn parse(sql: &str, origin: Origin) -> Self {
        let mut words = sql.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        let operation = OPERATIONS
            .into_iter()
            .find(|operation| operation.eq_ignore_ascii_case(first))
            .unwrap_or("SQL");
        let collection = collection(operation, words)
            .filter(|table| origin == Origin::Type || TABLES.contains(table));
        Self {
            name: collection
                .map_or_else(|| operation.to_owned(), |table| format!("{operation} {table}")),
            operation,
            collection: collection.map(ToOwned::to_owned),
            text: shortened(sql),
        }
    }
}

/// The table after `FROM`, `INTO` or `UPDATE`, without quotes.
fn collection<'sql>(
    operation: &str,
    mut words: impl Iterator<Item = &'sql str>,
) -> Option<&'sql str> {
    let word = if operation == "UPDATE" {
        words.next()?
    } else {
        words
            .find(|word| word.eq_ignore_ascii_case("FROM") || word.eq_ignore_ascii_case("INTO"))?;
        // Diesel wraps the sides of a join in brackets.
        words.find(|word| word.chars().any(|letter| letter != '('))?
    };
    let name = word.trim_start_matches('(').trim_end_matches([')', ',', ';']);
    let name = name.rsplit('.').next()?.trim_matches(['"', '`']);
    let is_identifier =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_identifier.then_some(name)
}

fn shortened(sql: &str) -> String {
    if sql.len() <= MAX_TEXT_BYTES {
        return sql.to_owned();
    }
    format!("{}…", &sql[..sql.floor_char_boundary(MAX_TEXT_BYTES)])
}

/// A database whose statements can be written out.
pub trait Dialect: Backend + Sized + 'static {
    /// The statement with placeholders, if it can be written at all.
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String>;
}

impl Dialect for Pg {
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String> {
        let mut builder = <Self as Backend>::QueryBuilder::default();
        query.to_sql(&mut builder, &Self).ok()?;
        Some(builder.finish())
    }
}

impl Dialect for Sqlite {
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String> {
        let mut builder = <Self as Backend>::QueryBuilder::default();
        query.to_sql(&mut builder, &Self).ok()?;
        Some(builder.finish())
    }
}

type Cache = RwLock<HashMap<(TypeId, TypeId), Arc<Shape>>>;

static SHAPES: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The shape of a query on one backend.
pub(crate) fn of<DB, Q>(query: &Q) -> Arc<Shape>
where
    DB: Dialect,
    Q: QueryFragment<DB> + QueryId,
{
    let build = |origin| {
        let sql = DB::sql(query).unwrap_or_default();
        Arc::new(Shape::parse(&sql, origin))
    };
    let Some(query_id) = Q::query_id() else {
        return build(Origin::RunTime);
    };
    let key = (query_id, TypeId::of::<DB>());
    let cached = SHAPES.read().ok().and_then(|shapes| shapes.get(&key).map(Arc::clone));
    cached.unwrap_or_else(|| {
        let shape = build(Origin::Type);
        if let Ok(mut shapes) = SHAPES.write() {
            shapes.insert(key, Arc::clone(&shape));
        }
        shape
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(sql: &str, origin: Origin) -> String {
        Shape::parse(sql, origin).name
    }

    #[test]
    fn name_is_operation_and_first_table() {
        let cases = [
            (r#"SELECT "users"."id" FROM "users" WHERE "a" = $1"#, "SELECT users"),
            ("SELECT `users`.`id` FROM (`users` LEFT OUTER JOIN `items` ON 1)", "SELECT users"),
            (r#"SELECT 1 FROM ("a" INNER JOIN "b" ON true)"#, "SELECT a"),
            (r#"INSERT INTO "users" ("id") VALUES ($1)"#, "INSERT users"),
            ("UPDATE `users` SET `name` = ?", "UPDATE users"),
            (r#"DELETE  FROM "users" WHERE true"#, "DELETE users"),
            ("select count(*) from public.users;", "SELECT users"),
            ("SELECT 1", "SELECT"),
            ("VACUUM", "SQL"),
            ("", "SQL"),
        ];
        for (sql, expected) in cases {
            assert_eq!(name(sql, Origin::Type), expected, "{sql}");
        }
    }

    #[test]
    fn text_of_run_time_names_no_foreign_table() {
        assert_eq!(name("SELECT * FROM secret_42", Origin::RunTime), "SELECT");
        assert_eq!(name("SELECT * FROM users", Origin::RunTime), "SELECT users");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let text = Shape::parse(&"ä".repeat(MAX_TEXT_BYTES), Origin::Type).text;
        assert!(text.len() <= MAX_TEXT_BYTES + "…".len());
        assert!(text.ends_with('…'));
    }
}
