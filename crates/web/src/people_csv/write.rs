//! Writes rows.

use std::io;

use domain::bulk::Row;

use super::{Column, armed};

/// What a file begins with: a mark by which spreadsheets know that it is UTF-8, and the names of the columns.
///
/// # Errors
///
/// None: it is written into memory.
pub fn header() -> io::Result<Vec<u8>> {
    let mut writer = writer("\u{feff}".into());
    writer.write_record(Column::ALL.map(Column::name))?;
    into_bytes(writer)
}

/// Rows as lines.
///
/// # Errors
///
/// None: they are written into memory.
pub fn rows(rows: &[Row]) -> io::Result<Vec<u8>> {
    let mut writer = writer(Vec::new());
    for Row { name, age, item } in rows {
        let (task, completed) = match item {
            Some(item) => (armed(&item.task), if item.completed { "true" } else { "false" }),
            None => ("".into(), ""),
        };
        writer.write_record([&armed(name), age.to_string().as_str(), &task, completed])?;
    }
    into_bytes(writer)
}

fn writer(begin: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(begin)
}

fn into_bytes(writer: csv::Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    writer.into_inner().map_err(|error| error.into_error())
}
