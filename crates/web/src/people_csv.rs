//! Users and their todo items as a CSV file, as spreadsheets read and write it.
//!
//! ```text
//! name,age,task,completed
//! Ann,40,Write,true
//! Ann,40,"Read, and rest",false
//! Bob,7,,
//! ```
//!
//! The first line names the columns, in any order; `task` and `completed` may be missing. Who has several
//! items has a line for each, one after the other. Lines end in LF or CRLF, columns are parted by `,`, `;` or
//! a tab, the text is UTF-8. [`read`] takes a file apart line by line, [`check`] says of a whole file what is
//! wrong with it and what it holds, [`write`](mod@write) writes one.
//!
//! What a spreadsheet would run, such as `=HYPERLINK(…)`, is written with a `'` before it, which is taken off
//! when it is read: at the beginning of a cell, and within it where a spreadsheet that parts columns by
//! another sign would begin one.

use std::borrow::Cow;

mod cells;
pub mod check;
mod problem;
pub mod read;
mod records;
pub mod write;

pub use problem::{Problem, Problems, Reason};

/// Most bytes of a file that is read.
pub const MAX_BYTES: u64 = 20_000_000;

/// Most lines of a file that is read, the first one included.
pub const MAX_LINES: u64 = 200_000;

/// A column of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Whose line it is.
    Name,
    /// Age in years.
    Age,
    /// What is to be done.
    Task,
    /// Whether it has been done.
    Completed,
}

impl Column {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 4] = [Self::Name, Self::Age, Self::Task, Self::Completed];

    /// What the first line calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Age => "age",
            Self::Task => "task",
            Self::Completed => "completed",
        }
    }
}

/// What parts the columns.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// What parts the columns of a line: what stands there most often outside of quotes.
fn separator_of(header: &[u8]) -> u8 {
    let outside = header.split(|byte| *byte == b'"').step_by(2);
    let count = |separator: u8| -> usize {
        outside.clone().map(|part| part.iter().filter(|byte| **byte == separator).count()).sum()
    };
    // Of equals the first: `max_by_key` gives the last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// Whether a spreadsheet runs what begins so, or reads it as something else than a text. The wide signs are
/// those of East Asian keyboards.
fn is_run(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// The parts of a text that a spreadsheet may take for cells: one that parts columns by `;` or a tab does not
/// know the quotation marks of a cell that is not the first one of its line.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([';', '\t', '\r', '\n'])
}

/// Whether a part is run, with the marks before it that are not part of the cell.
fn is_run_within(part: &str) -> bool {
    is_run(part.trim_start_matches(['\'', '"']))
}

/// A text as it is written: each part that a spreadsheet would run begins with `'`, and so does what would be
/// taken for that when it is read.
fn armed(text: &str) -> Cow<'_, str> {
    if !parts(text).any(is_run_within) {
        return text.into();
    }
    parts(text).flat_map(|part| [if is_run_within(part) { "'" } else { "" }, part]).collect()
}

/// The text that was written so.
fn disarmed(cell: &str) -> Cow<'_, str> {
    fn of(part: &str) -> &str {
        part.strip_prefix('\'').filter(|rest| is_run_within(rest)).unwrap_or(part)
    }
    if parts(cell).all(|part| of(part).len() == part.len()) {
        return cell.into();
    }
    parts(cell).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_parts_the_columns() {
        for (header, separator) in [
            ("name,age", b','),
            ("name;age;task", b';'),
            ("name\tage", b'\t'),
            ("name", b','),
            ("\"a,b,c\";age", b';'),
            ("name,age;task", b','),
        ] {
            assert_eq!(separator_of(header.as_bytes()), separator, "{header}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_comes_back() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\r", "'\r"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''+", "'''+"),
            ("\"=1", "'\"=1"),
            ("a;=1+1", "a;'=1+1"),
            ("a\t=1\r\n-1;b", "a\t'=1\r'\n'-1;b"),
        ] {
            assert_eq!(armed(text), written);
            assert_eq!(disarmed(written), text);
        }
        for text in ["", "Ann", "'", "'tis", "1-1", " =1", "''", "a;b", "a; =1"] {
            assert_eq!((armed(text).as_ref(), disarmed(text).as_ref()), (text, text));
        }
        assert_eq!(disarmed("'=typed"), "=typed");
    }
}
