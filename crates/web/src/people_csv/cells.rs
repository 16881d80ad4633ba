//! A record as cells, by the crate `csv`.

use std::io::{self, Read};

/// Takes one record after the other apart. One reader does so for all: its tables take longer to make than
/// a record takes to read.
#[derive(Debug)]
pub(super) struct Cells {
    reader: csv::Reader<Fed>,
    cells: csv::ByteRecord,
}

/// What the reader reads: the records that it is given, each with the end of a line.
#[derive(Debug, Default)]
struct Fed {
    bytes: Vec<u8>,
    n_read: usize,
}

impl Cells {
    pub(super) fn parted_by(separator: u8) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(Fed::default());
        let mut cells = Self { reader, cells: csv::ByteRecord::new() };
        // Of its first record it leaves out a BOM, which may be all that there is.
        cells.of(b"-");
        cells
    }

    /// The cells of a record, whose quotation marks are closed.
    pub(super) fn of(&mut self, record: &[u8]) -> &csv::ByteRecord {
        let fed = self.reader.get_mut();
        fed.bytes.clear();
        fed.bytes.extend_from_slice(record);
        fed.bytes.push(b'\n');
        fed.n_read = 0;
        let read = self.reader.read_byte_record(&mut self.cells);
        debug_assert!(matches!(read, Ok(true)), "one record was given, and memory can be read");
        &self.cells
    }
}

impl Read for Fed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_read = (&self.bytes[self.n_read..]).read(into)?;
        self.n_read += n_read;
        Ok(n_read)
    }
}
