//! Reads a file row by row, and collects what is wrong with it.

use std::io::{self, Read};
use std::str::FromStr;

use domain::bulk::{Item, Row};
use domain::text::unfit;
use domain::todo_list_items::MAX_TASK_CHARS;
use domain::users::MAX_NAME_CHARS;

use super::cells::Cells;
use super::records::{Broken, Records};
use super::{Column, MAX_LINES, Problems, Reason, disarmed, separator_of};

/// Begins a file in which spreadsheets say that it is UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads the rows of a file. Bad lines are left out, and told.
#[derive(Debug)]
pub struct Reader<R> {
    records: Records<R>,
    separator: u8,
    cells: Cells,
    /// The columns of the file; none if it cannot be read on.
    columns: Option<Vec<Column>>,
    n_lines: u64,
}

impl<R: Read> Reader<R> {
    /// Reads as far as the header.
    ///
    /// # Errors
    ///
    /// When `input` cannot be read.
    pub fn new(input: R, problems: &mut Problems) -> io::Result<Self> {
        let mut records = Records::new(input);
        let begin = records.peek()?;
        if begin.starts_with(&[0xff, 0xfe]) || begin.starts_with(&[0xfe, 0xff]) {
            problems.push(1, None, Reason::Utf16);
            return Ok(Self::of(records));
        }
        let bom = if begin.starts_with(BOM) { BOM.len() } else { 0 };
        records.skip(bom);
        let mut reader = Self::of(records);
        reader.columns = reader.read_header(problems)?;
        Ok(reader)
    }

    fn of(records: Records<R>) -> Self {
        let separator = b',';
        let cells = Cells::parted_by(separator);
        Self { records, separator, cells, columns: None, n_lines: 1 }
    }

    /// The next row and its line; none at the end.
    ///
    /// # Errors
    ///
    /// When the input cannot be read.
    pub fn next(&mut self, problems: &mut Problems) -> io::Result<Option<(u64, Row)>> {
        let Some(columns) = &self.columns else { return Ok(None) };
        while let Some(record) = self.records.next(self.separator)? {
            self.n_lines += 1;
            let line = record.line;
            if self.n_lines > MAX_LINES {
                problems.push(line, None, Reason::TooManyLines);
                break;
            }
            let cells = match record.found {
                Ok(bytes) => self.cells.of(bytes),
                Err(broken) => {
                    problems.push(line, None, broken.into());
                    continue;
                }
            };
            if let Some(row) = row_of(cells, columns, line, problems) {
                return Ok(Some((line, row)));
            }
        }
        self.columns = None;
        Ok(None)
    }

    /// The columns as the first line names them. A line `sep=;` before it, which spreadsheets write,
    /// says what parts them.
    fn read_header(&mut self, problems: &mut Problems) -> io::Result<Option<Vec<Column>>> {
        let begin = self.records.peek()?;
        let mut lines = begin.split(|byte| *byte == b'\n');
        let begin = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        // Blanks behind the sign do not count; the sign itself may be one, as a tab is.
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, after @ ..] = begin
            && after.trim_ascii().is_empty()
            && !matches!(separator, b'\r' | b'"')
        {
            self.separator = *separator;
            self.records.next(0)?;
        } else {
            self.separator = separator_of(begin);
        }
        self.cells = Cells::parted_by(self.separator);
        let Some(header) = self.records.next(self.separator)? else {
            problems.push(1, None, Reason::NoLines);
            return Ok(None);
        };
        let line = header.line;
        match header.found {
            Ok(bytes) => Ok(columns_of(self.cells.of(bytes), line, problems)),
            Err(broken) => {
                problems.push(line, None, broken.into());
                Ok(None)
            }
        }
    }
}

impl From<Broken> for Reason {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Open => Self::QuoteOpen,
            Broken::Inside => Self::QuoteInside,
            Broken::TooLong => Self::LineTooLong,
        }
    }
}

fn columns_of(cells: &csv::ByteRecord, line: u64, problems: &mut Problems) -> Option<Vec<Column>> {
    if cells.iter().any(|cell| cell.contains(&b'\r')) {
        problems.push(line, None, Reason::OldLineEnds);
        return None;
    }
    let n_before = problems.n_all;
    let mut columns = Vec::new();
    for cell in cells {
        // Of files that were put together each had its own BOM.
        let name = String::from_utf8_lossy(cell)
            .trim_start_matches('\u{feff}')
            .trim()
            .to_ascii_lowercase();
        match Column::ALL.into_iter().find(|column| column.name() == name) {
            Some(column) if columns.contains(&column) => {
                problems.push(line, Some(column), Reason::ColumnTwice);
            }
            Some(column) => columns.push(column),
            None => {
                let name = name.chars().take(40).collect();
                problems.push(line, None, Reason::UnknownColumn(name));
            }
        }
    }
    if columns.is_empty() {
        *problems = Problems::default();
        problems.push(line, None, Reason::NoHeader);
        return None;
    }
    for column in [Column::Name, Column::Age] {
        if !columns.contains(&column) {
            problems.push(line, Some(column), Reason::NoColumn);
        }
    }
    (problems.n_all == n_before).then_some(columns)
}

/// The row that the cells of a line say; none when something is wrong with them.
fn row_of(
    cells: &csv::ByteRecord,
    columns: &[Column],
    line: u64,
    problems: &mut Problems,
) -> Option<Row> {
    if cells.len() != columns.len() {
        let (found, expected) = (cells.len(), columns.len());
        problems.push(line, None, Reason::WrongColumns { found, expected });
        return None;
    }
    let n_before = problems.n_all;
    let mut row = Row { name: String::new(), age: 0, item: None };
    let (mut task, mut completed) = (String::new(), false);
    for (column, cell) in columns.iter().zip(cells) {
        let read = match column {
            Column::Name => read_as(cell, name).map(|name| row.name = name),
            Column::Age => read_as(cell, age).map(|age| row.age = age),
            Column::Task => read_as(cell, task_of).map(|text| task = text),
            Column::Completed => read_as(cell, bool_of).map(|is_done| completed = is_done),
        };
        if let Err(reason) = read {
            problems.push(line, Some(*column), reason);
        }
    }
    if task.is_empty() && completed && problems.n_all == n_before {
        problems.push(line, Some(Column::Task), Reason::Missing);
    }
    row.item = (!task.is_empty()).then_some(Item { task, completed });
    (problems.n_all == n_before).then_some(row)
}

fn read_as<T>(cell: &[u8], read: impl Fn(&str) -> Result<T, Reason>) -> Result<T, Reason> {
    let text = std::str::from_utf8(cell).map_err(|_| Reason::NotUtf8)?;
    match text.contains('\0') {
        true => Err(Reason::Nul),
        false => read(disarmed(text).trim()),
    }
}

fn name(text: &str) -> Result<String, Reason> {
    match text.chars().count() {
        0 => Err(Reason::Missing),
        n_chars if n_chars > MAX_NAME_CHARS => Err(Reason::NameTooLong(n_chars)),
        _ => fit(text),
    }
}

fn age(text: &str) -> Result<i32, Reason> {
    match i32::from_str(text) {
        _ if text.is_empty() => Err(Reason::Missing),
        Ok(age @ 0..=150) => Ok(age),
        Ok(_) | Err(_) => Err(Reason::NotAnAge),
    }
}

fn task_of(text: &str) -> Result<String, Reason> {
    match text.chars().count() {
        n_chars if n_chars > MAX_TASK_CHARS => Err(Reason::TaskTooLong(n_chars)),
        _ => fit(text),
    }
}

fn fit(text: &str) -> Result<String, Reason> {
    match unfit(text) {
        Some(unfit) => Err(Reason::Unfit(unfit)),
        None => Ok(text.to_owned()),
    }
}

fn bool_of(text: &str) -> Result<bool, Reason> {
    match &*text.to_ascii_lowercase() {
        "true" | "yes" | "1" => Ok(true),
        "" | "false" | "no" | "0" => Ok(false),
        _ => Err(Reason::NotABool),
    }
}
