//! Files of people: read alike however they come, and what was read is written so that it is read again,
//! whatever parts the columns.
//!
//! The crate of the application takes long to build for this, so these modules of it are read here once more.
//! The first byte says how the file comes, the second how often what is below its first line is there, and
//! the third what parts the columns of what is written. The rest is the file.

use std::io::{self, Read};

use domain::bulk::Row;

use crate::dice::Dice;

#[expect(dead_code, unreachable_pub, reason = "the application has more of it")]
#[path = "../../web/src"]
mod of_the_application {
    pub(crate) mod kit {
        pub(crate) mod count;
    }
    pub(crate) mod people_csv;
}

pub(crate) use of_the_application::kit;
use of_the_application::people_csv::check::Unknown;
use of_the_application::people_csv::read::Reader;
use of_the_application::people_csv::{Problems, write};

/// Longest file: more than is read at a time, and than a line may be long.
const MAX_BYTES: usize = 150_000;

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let size = usize::from(dice.byte()) + 1;
    let times = usize::from(dice.byte()) + 1;
    let separator = dice.byte();
    let file = &repeated(dice.rest(), times)[..];
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
    assert_read_again(&written, &rows);
    assert_read_again(&parted_by(separator, &written), &rows);
    Unknown::read(file).expect("memory can be read");
}

/// The file with what is below its first line there so often.
fn repeated(file: &[u8], times: usize) -> Vec<u8> {
    let header = file.iter().position(|byte| *byte == b'\n').map_or(file.len(), |end| end + 1);
    let (header, rest) = file.split_at(header);
    let times = times.min(MAX_BYTES / rest.len().max(1)).max(1);
    [header, &rest.repeat(times)].concat()
}

/// What was written, with another sign between the columns, of which the file tells.
fn parted_by(separator: u8, written: &[u8]) -> Vec<u8> {
    let separator = match separator {
        b'\t' | b' '..=b'~' if separator != b'"' => separator,
        _ => b'\t',
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_writer([&b"sep="[..], &[separator], b"\r\n"].concat());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written);
    for record in reader.byte_records() {
        writer.write_byte_record(&record.expect("cells")).expect("memory");
    }
    writer.into_inner().expect("memory")
}

fn assert_read_again(written: &[u8], rows: &[Row]) {
    let (again, problems) = read(written);
    assert_eq!((&again[..], problems.first), (rows, vec![]), "written and read again");
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
