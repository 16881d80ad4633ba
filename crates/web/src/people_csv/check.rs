//! Says of a whole file what is wrong with it, and what it holds.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Read};

use belvedere_diesel::{QueryError, Repo};
use domain::bulk::{self, Row};
use domain::todo_list_items::MAX_ITEMS;

use super::read::Reader;
use super::{Column, Problem, Problems, Reason};

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is wrong with it. Without any it can be imported.
    pub problems: Problems,
    /// The first good rows, at most [`MAX_PREVIEW`].
    pub first: Vec<Row>,
    /// Good rows.
    pub n_rows: u64,
    /// Users in them.
    pub n_users: u64,
    /// Items in them.
    pub n_items: u64,
}

/// Most rows that are shown before they are saved.
pub const MAX_PREVIEW: usize = 10;

/// A report, and the names that are yet to be looked for in the database.
#[derive(Debug)]
pub struct Unknown {
    report: Report,
    /// In lower case for A to Z, with the line that has it first.
    names: HashMap<String, u64>,
}

impl Unknown {
    /// Reads a file to its end. What it keeps of it is no more than the names, and the file is bounded.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(input: impl Read) -> io::Result<Self> {
        let mut report = Report::default();
        let mut names = HashMap::new();
        let mut last: Option<(u64, Row)> = None;
        // Of the last user.
        let mut n_items = 0;
        let problems = &mut report.problems;
        let mut reader = Reader::new(input, problems)?;
        while let Some((line, row)) = reader.next(problems)? {
            if let Some((of_last, last)) = &last
                && last.name == row.name
            {
                if last.age != row.age {
                    problems.push(line, Some(Column::Age), Reason::OtherAge(*of_last));
                    continue;
                }
            } else {
                match names.entry(row.name.to_ascii_lowercase()) {
                    Entry::Vacant(free) => free.insert(line),
                    Entry::Occupied(first) => {
                        problems.push(line, Some(Column::Name), Reason::NameTwice(*first.get()));
                        continue;
                    }
                };
                report.n_users += 1;
                n_items = 0;
                last = Some((line, Row { item: None, ..row.clone() }));
            }
            n_items += usize::from(row.item.is_some());
            if n_items > MAX_ITEMS {
                problems.push(line, Some(Column::Task), Reason::TooManyItems);
                continue;
            }
            report.n_rows += 1;
            report.n_items += u64::from(row.item.is_some());
            if report.first.len() < MAX_PREVIEW {
                report.first.push(row);
            }
        }
        if report.n_rows == 0 && problems.n_all == 0 {
            problems.push(1, None, Reason::NoRows);
        }
        Ok(Self { report, names })
    }

    /// Looks which of the names somebody has already. One query.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn compare(self, repo: &Repo) -> Result<Report, QueryError> {
        let Self { mut report, mut names } = self;
        if !names.is_empty() {
            let taken = bulk::taken(repo, names.keys().cloned().collect()).await?;
            names.retain(|name, _| taken.contains(name));
        }
        report.problems.add(names.into_values().map(|line| Problem {
            line,
            column: Some(Column::Name),
            reason: Reason::NameTaken,
        }));
        Ok(report)
    }
}
