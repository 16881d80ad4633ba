//! What is wrong with a file, in words for whoever made it.

use domain::text::Unfit;
use domain::todo_list_items::{MAX_ITEMS, MAX_TASK_CHARS};
use domain::users::MAX_NAME_CHARS;

use crate::kit::count::Thousands;

use super::{Column, MAX_LINES};

/// Something wrong in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1; where it begins, of what goes over several.
    pub line: u64,
    /// The column; none of what concerns the line as a whole.
    pub column: Option<Column>,
    /// What it is.
    pub reason: Reason,
}

/// What may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing is in the file.
    #[error("The file has no lines. The first one names the columns: name, age, task, completed.")]
    NoLines,
    /// The file has a header and nothing else.
    #[error("There are no users below the first line.")]
    NoRows,
    /// The first line names no column.
    #[error("The first line has to name the columns: name, age, task, completed.")]
    NoHeader,
    /// A column that cannot be done without.
    #[error("The first line names no such column.")]
    NoColumn,
    /// A column of another name.
    #[error("There is no column “{0}”. The columns are name, age, task and completed.")]
    UnknownColumn(String),
    /// A column that is there twice.
    #[error("The first line names this column twice.")]
    ColumnTwice,
    /// Another number of columns than the first line has.
    #[error("The line has {found}, and the first line {expected}.", found = columns(*.found), expected = columns(*.expected))]
    WrongColumns {
        /// So many.
        found: usize,
        /// The first line has so many.
        expected: usize,
    },
    /// A quotation mark without its other half.
    #[error("A quotation mark opens here, and none closes it.")]
    QuoteOpen,
    /// Letters between a closing quotation mark and the end of the cell.
    #[error(
        "There is text after a closing quotation mark. Inside a quoted cell, write a quotation mark twice."
    )]
    QuoteInside,
    /// Not even a sane line.
    #[error("The line is far too long.")]
    LineTooLong,
    /// Lines that end in CR alone.
    #[error("The lines end in a way that only old programs write. Save the file as “CSV UTF-8”.")]
    OldLineEnds,
    /// UTF-16.
    #[error("The file is written in UTF-16. Save it as “CSV UTF-8”, and choose it again.")]
    Utf16,
    /// Latin-1, for example.
    #[error("This is not UTF-8. Save the file as “CSV UTF-8”, and choose it again.")]
    NotUtf8,
    /// NUL.
    #[error("There is a character in it that is none (NUL).")]
    Nul,
    /// A text that is no line of signs that are seen.
    #[error("This {0}.")]
    Unfit(Unfit),
    /// One item more than a user may have.
    #[error("A user has at most {n_items} items.", n_items = Thousands(MAX_ITEMS as u64))]
    TooManyItems,
    /// More lines than are read.
    #[error("A file has at most {MAX_LINES} lines. Split it.")]
    TooManyLines,
    /// A blank cell.
    #[error("This is missing.")]
    Missing,
    /// A name that is too long.
    #[error("This is too long: {0} letters, and {MAX_NAME_CHARS} fit.")]
    NameTooLong(usize),
    /// A task that is too long.
    #[error("This is too long: {0} letters, and {MAX_TASK_CHARS} fit.")]
    TaskTooLong(usize),
    /// No age.
    #[error("This is not a whole number from 0 to 150.")]
    NotAnAge,
    /// Neither done nor not done.
    #[error("This is neither true nor false.")]
    NotABool,
    /// Two ages of one user.
    #[error("In line {0} this user has another age.")]
    OtherAge(u64),
    /// A name that is in the file before.
    #[error(
        "Line {0} has this name, too. Names differ in more than capital letters, and the lines of a user \
         follow each other."
    )]
    NameTwice(u64),
    /// A name that somebody has.
    #[error("There is a user of this name already.")]
    NameTaken,
}

/// The first problems, and how many there are.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    /// In the order of their lines, at most [`MAX_SHOWN`](Self::MAX_SHOWN).
    pub first: Vec<Problem>,
    /// All of them.
    pub n_all: usize,
}

impl Problems {
    /// Most problems that are kept.
    pub const MAX_SHOWN: usize = 20;

    /// One more, further down in the file.
    pub fn push(&mut self, line: u64, column: Option<Column>, reason: Reason) {
        self.n_all += 1;
        if self.first.len() < Self::MAX_SHOWN {
            self.first.push(Problem { line, column, reason });
        }
    }

    /// More of them, anywhere in the file.
    pub fn add(&mut self, others: impl IntoIterator<Item = Problem>) {
        for problem in others {
            self.n_all += 1;
            let at = self.first.partition_point(|first| first.line <= problem.line);
            self.first.insert(at, problem);
            self.first.truncate(Self::MAX_SHOWN);
        }
    }
}

fn columns(count: usize) -> String {
    match count {
        1 => "1 column".to_owned(),
        count => format!("{count} columns"),
    }
}
