//! Files of people: read alike however they come, and what was read is written so that it is read again.
//!
//! The first byte says how the file comes, the rest is the file.

use std::io::{self, Read};

use domain::bulk::Row;
use web::people_csv::check::Unknown;
use web::people_csv::read::Reader;
use web::people_csv::{Problems, write};

use crate::dice::Dice;

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let size = usize::from(dice.byte()) + 1;
    let file = dice.rest();
    let (rows, problems) = read(file);
    let (again, of_pieces) = read(Pieces { left: file, size });
    assert_eq!((&again, &of_pieces.first), (&rows, &problems.first), "in pieces of {size}");
    let n_lines = file.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!(rows.len() <= n_lines && problems.first.is_sorted_by_key(|problem| problem.line));
    assert!(problems.first.iter().all(|problem| problem.line <= n_lines as u64));
    for row in &rows {
        assert!(
            !row.name.is_empty() && row.name == row.name.trim() && (0..=150).contains(&row.age)
        );
        let task = row.item.as_ref().map(|item| &item.task);
        assert!(task.is_none_or(|task| !task.is_empty() && task == task.trim()));
    }
    let mut written = write::header().expect("memory");
    written.extend(write::rows(&rows).expect("memory"));
    let (again, problems) = read(&written[..]);
    assert_eq!((again, problems.first), (rows, vec![]), "written and read again");
    Unknown::read(file).expect("memory can be read");
}

fn read(file: impl Read) -> (Vec<Row>, Problems) {
    let mut problems = Problems::default();
    let mut reader = Reader::new(file, &mut problems).expect("memory can be read");
    let mut rows = Vec::new();
    while let Some((_, row)) = reader.next(&mut problems).expect("memory can be read") {
        rows.push(row);
    }
    (rows, problems)
}

/// A file that comes in pieces.
struct Pieces<'a> {
    left: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_bytes = into.len().min(self.size);
        (&mut self.left).take(n_bytes as u64).read(into)
    }
}
