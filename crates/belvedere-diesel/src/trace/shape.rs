//! What a statement looks like without its values: text, operation, table and span name.
//!
//! A shape is computed once per query type and kept, so a traced query costs one look-up. Query
//! types are finitely many and fixed at compile time, so the cache needs no bound. A query that
//! has no fixed type (boxed, `IN (…)`, SQL text) is looked at each time, and only names of tables
//! that the application declared enter its span name.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use diesel::backend::Backend;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::query_builder::{QueryBuilder, QueryFragment, QueryId};
#[cfg(feature = "sqlite")]
use diesel::sqlite::Sqlite;

use crate::trace::Control;

use summary::Summary;

mod summary;

/// Longest statement text in a span, in bytes. The statements of pages are far below; a batch
/// insert repeats itself.
const MAX_TEXT_BYTES: usize = 2_048;

/// A statement without its values. Shared text, because each query's span and measure repeat it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The span's name: operations and tables in the order of the statement.
    pub(crate) name: Arc<str>,
    pub(crate) operation: &'static str,
    /// The first table.
    pub(crate) collection: Option<Arc<str>>,
    pub(crate) text: Arc<str>,
}

/// Where the table of a statement comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The statement's type, known at compile time.
    Type,
    /// Text that may have been put together while running, and the tables that it may name.
    RunTime(&'static [&'static str]),
}

impl Shape {
    pub(crate) fn control(statement: Control) -> Self {
        let operation = match statement {
            #[cfg(feature = "postgres")]
            Control::Begin => "BEGIN",
            #[cfg(feature = "sqlite")]
            Control::BeginImmediate => "BEGIN",
            Control::Commit => "COMMIT",
            Control::Rollback => "ROLLBACK",
        };
        Self { name: operation.into(), operation, collection: None, text: statement.sql().into() }
    }

    fn parse(sql: &str, origin: Origin) -> Self {
        let is_named = |table: &str| match origin {
            Origin::Type => true,
            Origin::RunTime(tables) => tables.contains(&table),
        };
        let Summary { operation, collection, text } = Summary::of(sql, is_named);
        Self {
            name: text.into(),
            operation,
            collection: collection.map(Arc::from),
            text: shortened(sql).into(),
        }
    }
}

fn shortened(sql: &str) -> String {
    if sql.len() <= MAX_TEXT_BYTES {
        return sql.to_owned();
    }
    let end = (0..=MAX_TEXT_BYTES).rev().find(|&end| sql.is_char_boundary(end));
    format!("{}…", &sql[..end.unwrap_or_default()])
}

/// A database whose statements can be written out.
pub trait Dialect: Backend + Sized + 'static {
    /// The statement with placeholders, if it can be written at all.
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String>;
}

#[cfg(feature = "postgres")]
impl Dialect for Pg {
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String> {
        let mut builder = <Self as Backend>::QueryBuilder::default();
        query.to_sql(&mut builder, &Self).ok()?;
        Some(builder.finish())
    }
}

#[cfg(feature = "sqlite")]
impl Dialect for Sqlite {
    fn sql<Q: QueryFragment<Self>>(query: &Q) -> Option<String> {
        let mut builder = <Self as Backend>::QueryBuilder::default();
        query.to_sql(&mut builder, &Self).ok()?;
        Some(builder.finish())
    }
}

type Cache = RwLock<HashMap<(TypeId, TypeId), Arc<Shape>>>;

static SHAPES: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The shape of a query on one backend, whose application has these tables.
pub(crate) fn of<DB, Q>(query: &Q, tables: &'static [&'static str]) -> Arc<Shape>
where
    DB: Dialect,
    Q: QueryFragment<DB> + QueryId,
{
    let build = |origin| {
        let sql = DB::sql(query).unwrap_or_default();
        Arc::new(Shape::parse(&sql, origin))
    };
    let Some(query_id) = Q::query_id() else {
        return build(Origin::RunTime(tables));
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

    const TABLES: &[&str] = &["users", "todo_list_items"];

    fn name(sql: &str, origin: Origin) -> String {
        Shape::parse(sql, origin).name.to_string()
    }

    #[test]
    fn text_of_run_time_names_no_foreign_table() {
        assert_eq!(name("SELECT * FROM secret_42", Origin::RunTime(TABLES)), "SELECT");
        assert_eq!(name("SELECT * FROM users", Origin::RunTime(TABLES)), "SELECT users");
        let joined = "SELECT * FROM users JOIN secret_42 ON true JOIN todo_list_items ON true";
        assert_eq!(name(joined, Origin::RunTime(TABLES)), "SELECT users todo_list_items");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let text = Shape::parse(&"ä".repeat(MAX_TEXT_BYTES), Origin::Type).text;
        assert!(text.len() <= MAX_TEXT_BYTES + "…".len());
        assert!(text.ends_with('…'));
    }
}
