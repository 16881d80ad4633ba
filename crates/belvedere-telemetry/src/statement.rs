//! What two runs of one query have in common: the statement without its values.
//!
//! Spans of queries carry their text with placeholders or, from careless drivers, with literals.
//! Here `$1`, `?`, `42` and `'Ada'` all become `?`, a list of them becomes one, so that `IN (…)`
//! has no length, and comments, quotes around plain identifiers and extra white space go. What is
//! left is the same for both databases and holds no value of anybody.

use std::fmt;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// Longest text of a statement in a log line, in characters.
const MAX_LINE_CHARS: usize = 160;
/// Longest list of columns in a log line, in bytes; a longer one is left out.
const MAX_COLUMNS_BYTES: usize = 24;

/// OpenTelemetry's keys for what a query is: the stable ones, then those before them.
const TEXT_KEYS: [&str; 3] = ["db.query.text", "db.statement", "db.query.summary"];
const OPERATION_KEYS: [&str; 2] = ["db.operation.name", "db.operation"];
const TABLE_KEYS: [&str; 2] = ["db.collection.name", "db.sql.table"];

/// A statement without values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    /// What it has in common with other runs.
    pub(crate) text: String,
    /// As its span has it, so that the span can be found by it.
    pub(crate) recorded: String,
    /// The first table, where the span names it.
    pub(crate) table: Option<String>,
    pub(crate) kind: Kind,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It reads, and could be part of another query.
    Select,
    /// It writes, or belongs to a transaction.
    Other,
}

impl Statement {
    /// The statement that a span stands for; `None` when the span is no query.
    pub(crate) fn of(span: &SpanData) -> Option<Self> {
        let sql = text(&span.attributes, &TEXT_KEYS)?;
        let operation = text(&span.attributes, &OPERATION_KEYS);
        let text_without_values = without_values(sql);
        let first_word = operation.unwrap_or_else(|| first_word(&text_without_values));
        let kind = Kind::of(first_word, &text_without_values);
        let table = text(&span.attributes, &TABLE_KEYS).map(str::to_owned);
        let table = table.or_else(|| first_table(&text_without_values).map(str::to_owned));
        Some(Self { text: text_without_values, recorded: sql.to_owned(), table, kind })
    }
}

impl Statement {
    /// The first keyword of `sql` and its first table, as far as they are among the usual ones.
    pub(crate) fn operation_and_table_of(sql: &str) -> (&'static str, Option<String>) {
        let text = without_values(sql);
        let first = first_word(&text);
        let known = OPERATIONS.into_iter().find(|known| known.eq_ignore_ascii_case(first));
        (known.unwrap_or("SQL"), first_table(&text).map(str::to_owned))
    }

    /// Operation and first table: `SELECT users`.
    pub(crate) fn summary_of(sql: &str) -> String {
        match Self::operation_and_table_of(sql) {
            (operation, Some(table)) => format!("{operation} {table}"),
            (operation, None) => operation.to_owned(),
        }
    }
}

/// The operations that may stand in a summary; what else a statement begins with is `SQL`.
const OPERATIONS: [&str; 8] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK"];

impl Kind {
    fn of(operation: &str, statement: &str) -> Self {
        let writes = || {
            let mut words = statement.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let verbs = ["INSERT", "UPDATE", "DELETE", "MERGE"];
            words.any(|word| verbs.iter().any(|verb| verb.eq_ignore_ascii_case(word)))
        };
        if operation.eq_ignore_ascii_case("SELECT")
            || operation.eq_ignore_ascii_case("WITH") && !writes()
        {
            Self::Select
        } else {
            Self::Other
        }
    }
}

/// For people: a long list of columns becomes `…`, and so does the end of a long statement.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.text.strip_prefix("SELECT ").and_then(|rest| rest.split_once(" FROM "));
        let shown = match columns {
            Some((columns, rest)) if columns.len() > MAX_COLUMNS_BYTES => {
                format!("SELECT … FROM {rest}")
            }
            _ => self.text.clone(),
        };
        match shown.char_indices().nth(MAX_LINE_CHARS) {
            Some((end, _)) => write!(f, "{}…", &shown[..end]),
            None => f.write_str(&shown),
        }
    }
}

fn text<'a>(attributes: &'a [KeyValue], keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| {
        let attribute = attributes.iter().find(|attribute| attribute.key.as_str() == *key)?;
        match &attribute.value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        }
    })
}

/// The name after the first `FROM`, `INTO` or `UPDATE`, without its schema.
fn first_table(statement: &str) -> Option<&str> {
    let mut words = statement.split_ascii_whitespace();
    let names_table =
        |word: &str| ["FROM", "INTO", "UPDATE"].iter().any(|verb| verb.eq_ignore_ascii_case(word));
    words.find(|word| names_table(word))?;
    let word = words.find(|word| word.chars().any(|letter| letter != '('))?;
    let name = word.trim_start_matches('(').trim_end_matches([')', ',', ';']);
    let name = name.split('(').next()?.rsplit('.').next()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn first_word(statement: &str) -> &str {
    let statement = statement.trim_start_matches('(');
    statement.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

fn without_values(sql: &str) -> String {
    let mut out = Folded { text: String::with_capacity(sql.len()), space: false };
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (length, token) = next_token(rest, first);
        match token {
            Token::Space => out.space = true,
            Token::Value => out.value(),
            Token::Quoted => out.quoted(&rest[..length]),
            Token::Plain => out.plain(&rest[..length]),
            Token::Cut => out.cut(),
        }
        rest = &rest[length..];
    }
    out.text
}

enum Token {
    /// White space or a comment.
    Space,
    /// A placeholder or a literal.
    Value,
    /// An identifier in quotes.
    Quoted,
    /// A word or a sign.
    Plain,
    /// The mark of a text that was too long.
    Cut,
}

/// The token that `sql` begins with, and its length in bytes.
fn next_token(sql: &str, first: char) -> (usize, Token) {
    let run = |accept: fn(char) -> bool| {
        sql.char_indices().skip(1).find(|(_, c)| !accept(*c)).map_or(sql.len(), |(end, _)| end)
    };
    let through = |end: &str| sql[1..].find(end).map_or(sql.len(), |at| 1 + at + end.len());
    match first {
        c if c.is_whitespace() => (run(char::is_whitespace), Token::Space),
        '-' if sql.starts_with("--") => (through("\n"), Token::Space),
        '/' if sql.starts_with("/*") => (through("*/"), Token::Space),
        '\'' => (quoted_length(sql, '\''), Token::Value),
        '"' | '`' => (quoted_length(sql, first), Token::Quoted),
        '?' | '0'..='9' => (run(|c| c.is_ascii_alphanumeric() || c == '.'), Token::Value),
        '$' if sql[1..].starts_with(|c: char| c.is_ascii_digit()) => {
            (run(|c| c.is_ascii_digit()), Token::Value)
        }
        c if c.is_alphanumeric() || c == '_' => {
            (run(|c| c.is_alphanumeric() || c == '_' || c == '$'), Token::Plain)
        }
        '…' => (first.len_utf8(), Token::Cut),
        _ => (first.len_utf8(), Token::Plain),
    }
}

/// Length of what stands between two `quote`s, which are doubled to stand for themselves.
fn quoted_length(sql: &str, quote: char) -> usize {
    let mut quotes = sql.match_indices(quote).map(|(at, _)| at).skip(1).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return at + 1;
        }
    }
    sql.len()
}

/// A statement being put together.
struct Folded {
    text: String,
    /// White space came after the last token.
    space: bool,
}

impl Folded {
    fn plain(&mut self, token: &str) {
        let closes = matches!(token, ")" | "," | ".");
        if self.space && !closes && !self.text.is_empty() && !self.text.ends_with(['(', '.']) {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.space = token == ",";
        if self.text.ends_with("(?), (?)") {
            self.text.truncate(self.text.len() - ", (?)".len());
        }
    }

    fn quoted(&mut self, token: &str) {
        let inner = token.trim_matches(['"', '`']);
        let is_plain = !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || c == '_');
        self.plain(if is_plain { inner } else { token });
    }

    fn value(&mut self) {
        let before_sign = self.text.strip_suffix('-').map(str::trim_end);
        if before_sign.is_some_and(|before| before.ends_with(['=', '<', '>', '(', ','])) {
            self.text.pop();
        }
        if self.text.trim_end().ends_with("?,") {
            self.text.truncate(self.text.trim_end().len() - 1);
            self.space = false;
        } else {
            self.space |= self.text.ends_with([',', ' ']);
            self.text.truncate(self.text.trim_end().len());
            self.plain("?");
        }
    }

    fn cut(&mut self) {
        self.text.truncate(self.text.trim_end_matches([',', ' ']).len());
        self.space = false;
        self.plain("…");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_placeholders_and_the_lengths_of_lists_are_gone() {
        let expected = "SELECT count(*) FROM items WHERE items.user_id = ?";
        for sql in [
            r#"SELECT count(*) FROM "items" WHERE "items"."user_id" = $1"#,
            "SELECT count(*) FROM `items` WHERE `items`.`user_id` = ?",
            "SELECT count(*)\n  FROM items WHERE items.user_id = 42",
            "SELECT count(*) FROM items WHERE items.user_id = -42",
            "SELECT count(*) FROM items WHERE items.user_id = 'it''s'",
            "SELECT count( * ) FROM items WHERE items.user_id = ?1 -- traceparent=00-1-2-01",
            "/* page */ SELECT count(*) FROM items WHERE items.user_id = 1.5e3",
        ] {
            assert_eq!(without_values(sql).trim_end(), expected, "{sql}");
        }
        for sql in ["x IN ($1)", "x IN ($1, $2,$3)", "x IN (1,2 , 3)", "x IN ('a', 'b')"] {
            assert_eq!(without_values(sql), "x IN (?)", "{sql}");
        }
        assert_eq!(without_values("(a, b) IN (($1, $2), ($3, $4), ($5, $6))"), "(a, b) IN ((?))");
    }

    #[test]
    fn a_summary_is_operation_and_first_table() {
        for (sql, expected) in [
            ("SELECT count(*) FROM tickets WHERE desk = ?", "SELECT tickets"),
            ("insert into \"public\".\"tickets\"(id) values ($1)", "INSERT tickets"),
            ("UPDATE tickets SET done = 1", "UPDATE tickets"),
            ("SELECT 1 FROM (a JOIN b ON 1)", "SELECT a"),
            ("BEGIN", "BEGIN"),
            ("PRAGMA foreign_keys = ON", "SQL"),
            ("", "SQL"),
        ] {
            assert_eq!(Statement::summary_of(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_tells_statements_apart_stays() {
        for sql in [
            "SELECT users2.id1 FROM users2",
            "SELECT a - b FROM t",
            "SELECT \"odd name\" FROM t",
            "SELECT a::text FROM t",
            "SELECT a FROM größe WHERE b = c",
        ] {
            assert_eq!(without_values(sql), sql);
        }
    }

    #[test]
    fn hostile_text_ends() {
        for sql in ["'", "\"", "/*", "--", "$", "'''", "…", "?, …", "((((", "é'é", "``"] {
            without_values(sql);
        }
        assert_eq!(without_values("x IN (?, ?, …"), without_values("x IN (?, ?…"));
    }

    #[test]
    fn reading_is_told_from_writing() {
        let kind = |sql: &str| Kind::of(first_word(sql), sql);
        assert_eq!(kind("SELECT 1"), Kind::Select);
        assert_eq!(kind("(select 1) union (select 2)"), Kind::Select);
        assert_eq!(kind("WITH t AS (SELECT updated FROM u) SELECT 1"), Kind::Select);
        assert_eq!(kind("WITH t AS (delete FROM u RETURNING 1) SELECT 1"), Kind::Other);
        assert_eq!(kind("INSERT INTO t SELECT 1"), Kind::Other);
        assert_eq!(kind("BEGIN"), Kind::Other);
    }

    #[test]
    fn a_line_leaves_out_long_columns() {
        let statement = |text: &str| Statement {
            text: text.to_owned(),
            recorded: text.to_owned(),
            table: None,
            kind: Kind::Select,
        };
        let short = "SELECT count(*) FROM items";
        assert_eq!(statement(short).to_string(), short);
        let long = statement("SELECT items.id, items.title, items.done FROM items WHERE a = ?");
        assert_eq!(long.to_string(), "SELECT … FROM items WHERE a = ?");
        let endless = statement(&format!("SELECT a FROM t WHERE {}", "é".repeat(500)));
        assert_eq!(endless.to_string().chars().count(), MAX_LINE_CHARS + 1);
    }
}
