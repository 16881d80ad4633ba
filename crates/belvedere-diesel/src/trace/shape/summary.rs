//! What a statement does to what: its operations and tables, in the order in which it names them.
//!
//! As OpenTelemetry's conventions describe `db.query.summary`: `SELECT users todo_list_items`,
//! `INSERT archive SELECT users`. Not a parser of SQL: a word after `FROM`, `JOIN`, `INTO` or
//! `UPDATE` is a table, whatever else the statement says.

/// The operations that may stand in a summary.
const OPERATIONS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
/// Longest summary, in bytes; the conventions' own limit. A longer one ends before a word.
const MAX_BYTES: usize = 255;

/// A statement in a few words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Summary<'sql> {
    /// The first operation, `SQL` for one that has no place here.
    pub(super) operation: &'static str,
    /// The first table that may be named.
    pub(super) collection: Option<&'sql str>,
    pub(super) text: String,
}

impl<'sql> Summary<'sql> {
    /// Sums `sql` up, with the tables that `is_named` allows.
    pub(super) fn of(sql: &'sql str, is_named: impl Fn(&str) -> bool) -> Self {
        let mut words = sql.split_ascii_whitespace();
        let mut previous = words.next().unwrap_or_default();
        let operation = operation(previous).unwrap_or("SQL");
        let mut summary = Self { operation, collection: None, text: operation.to_owned() };
        let mut expects_table = operation == "UPDATE";
        for word in words {
            if expects_table && !is_filler(word) {
                expects_table = match operation_of_part(word) {
                    Some(operation) => {
                        summary.push(operation);
                        false
                    }
                    None => {
                        summary.table(word, &is_named);
                        word.ends_with(',')
                    }
                };
            } else if !expects_table {
                // `DO UPDATE`, `FOR UPDATE` and `FOR NO KEY UPDATE` are parts of what they stand in.
                let is_part = ["DO", "FOR", "KEY"].contains(&previous);
                if let Some(operation) = operation_of_part(word).filter(|_| !is_part) {
                    summary.push(operation);
                    expects_table = operation == "UPDATE";
                } else {
                    // `a IS DISTINCT FROM b` compares.
                    expects_table = introduces_table(word) && previous != "DISTINCT";
                }
            }
            previous = word;
        }
        summary
    }

    fn table(&mut self, word: &'sql str, is_named: impl Fn(&str) -> bool) {
        if let Some(table) = identifier(word).filter(|table| is_named(table)) {
            self.push(table);
            self.collection.get_or_insert(table);
        }
    }

    fn push(&mut self, word: &str) {
        if self.text.len() + 1 + word.len() <= MAX_BYTES {
            self.text.push(' ');
            self.text.push_str(word);
        }
    }
}

fn operation(word: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|operation| operation.eq_ignore_ascii_case(word))
}

/// The operation that a bracket opens, as in `ANY(SELECT`, or that follows another.
fn operation_of_part(word: &str) -> Option<&'static str> {
    word.rsplit('(').next().and_then(operation)
}

fn introduces_table(word: &str) -> bool {
    let word = word.trim_start_matches('(');
    ["FROM", "JOIN", "INTO"].iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// What may stand between such a word and the table; Diesel puts the sides of a join in brackets.
fn is_filler(word: &str) -> bool {
    let is_keyword = ["ONLY", "LATERAL"].iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
    is_keyword || word.bytes().all(|byte| byte == b'(')
}

/// The name in a word, without its schema, quotes and brackets.
fn identifier(word: &str) -> Option<&str> {
    let name = word.trim_start_matches('(').trim_end_matches([')', ',', ';']);
    let name = name.split('(').next()?.rsplit('.').next()?.trim_matches(['"', '`']);
    let is_identifier =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_identifier.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(sql: &str) -> String {
        Summary::of(sql, |_| true).text
    }

    #[test]
    fn it_names_operations_and_tables_in_the_order_of_the_statement() {
        let cases = [
            (r#"SELECT "users"."id" FROM "users" WHERE "a" = $1"#, "SELECT users"),
            (
                "SELECT `users`.`id` FROM (`users` LEFT OUTER JOIN `items` ON 1)",
                "SELECT users items",
            ),
            (r#"SELECT 1 FROM (("a" INNER JOIN "b" ON true) JOIN "c" ON true)"#, "SELECT a b c"),
            ("SELECT 1 FROM a, b WHERE c = 1", "SELECT a b"),
            ("SELECT 1 FROM a WHERE id IN (SELECT a_id FROM b)", "SELECT a SELECT b"),
            ("SELECT 1 FROM a WHERE id = ANY(SELECT a_id FROM b)", "SELECT a SELECT b"),
            ("SELECT 1 FROM (SELECT 2 FROM b) AS c", "SELECT SELECT b"),
            (r#"INSERT INTO "users" ("id") VALUES ($1)"#, "INSERT users"),
            ("INSERT INTO users(id) SELECT id FROM guests", "INSERT users SELECT guests"),
            ("INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1", "INSERT users"),
            ("UPDATE `users` SET `name` = ?", "UPDATE users"),
            ("UPDATE users SET a = 1 FROM items WHERE b", "UPDATE users items"),
            (r#"DELETE  FROM "users" WHERE true"#, "DELETE users"),
            ("SELECT id FROM jobs FOR UPDATE SKIP LOCKED", "SELECT jobs"),
            ("SELECT a IS DISTINCT FROM b FROM t", "SELECT t"),
            ("WITH t AS (SELECT 1 FROM users) SELECT 2 FROM t", "WITH SELECT users SELECT t"),
            ("select count(*) from public.users;", "SELECT users"),
            ("SELECT 1", "SELECT"),
            ("VACUUM", "SQL"),
            ("", "SQL"),
        ];
        for (sql, expected) in cases {
            assert_eq!(summary(sql), expected, "{sql}");
        }
    }

    #[test]
    fn the_first_table_is_the_collection() {
        let summary = Summary::of("SELECT 1 FROM (a JOIN b ON true)", |_| true);
        assert_eq!((summary.operation, summary.collection), ("SELECT", Some("a")));
        let summary = Summary::of("SELECT 1 FROM (a JOIN b ON true)", |table| table == "b");
        assert_eq!((summary.collection, &*summary.text), (Some("b"), "SELECT b"));
    }

    #[test]
    fn a_long_summary_ends_before_a_word() {
        let tables: Vec<_> = (0..200).map(|number| format!("table_{number}")).collect();
        let text = summary(&format!("SELECT 1 FROM {}", tables.join(", ")));
        assert!(text.len() <= MAX_BYTES && text.ends_with(char::is_numeric), "{text}");
    }
}
