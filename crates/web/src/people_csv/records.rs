//! A file as records: lines, and what goes over several of them in quotes.
//!
//! The crate `csv` takes a record apart. Where one ends is decided here, so that a quotation mark that
//! nobody closes costs one line and not the rest of the file, and the number of each line is known.

use std::io::{self, Read};

/// Most bytes of a record: far more than its texts may have letters.
const MAX_RECORD_BYTES: usize = 8 * 1024;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// Reads records one after the other, in bounded memory.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the next record begins in it.
    at: usize,
    /// What lines before have seen of those from there on.
    ahead: Option<Ahead>,
    is_over: bool,
    /// The line of the next record, from 1.
    line: u64,
}

/// A record of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The line in which it begins.
    pub(super) line: u64,
    /// Its bytes without the end of the line.
    pub(super) found: Result<&'a [u8], Broken>,
}

/// Why something is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A quotation mark that is not closed. Only the line in which it opens is lost.
    Open,
    /// Text after a closing quotation mark.
    Inside,
    /// Too long.
    TooLong,
}

/// How far a cell that a line opens and does not close was followed in vain. Whatever line opens one as well, down
/// to there, has the same bytes behind it: without this each would be followed again.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    /// How many bytes from the next record on.
    at: usize,
    state: State,
}

/// Where the bytes of a record have led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a cell.
    CellStart,
    /// In a cell without quotes.
    Plain,
    /// Between quotation marks.
    Quoted,
    /// After one that closes the cell, or is the first half of one inside it.
    Closed,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), at: 0, ahead: None, is_over: false, line: 1 }
    }

    /// What the file begins with, as far as a record may be long.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(&self.buffer[self.at..])
    }

    /// Leaves out bytes of what [`peek`](Self::peek) has shown.
    pub(super) fn skip(&mut self, n_bytes: usize) {
        self.at += n_bytes;
        let ahead = self.ahead.take().filter(|ahead| ahead.at > n_bytes);
        self.ahead = ahead.map(|ahead| Ahead { at: ahead.at - n_bytes, ..ahead });
    }

    /// The next record; none at the end. Blank lines are left out.
    pub(super) fn next(&mut self, separator: u8) -> io::Result<Option<Record<'_>>> {
        loop {
            self.fill()?;
            let window = &self.buffer[self.at..];
            if window.is_empty() {
                return Ok(None);
            }
            let window = &window[..window.len().min(MAX_RECORD_BYTES)];
            let is_last = self.is_over && window.len() == self.buffer.len() - self.at;
            let (n_bytes, broken) = scan(window, separator, is_last, &mut self.ahead);
            let (start, line) = (self.at, self.line);
            self.skip(n_bytes);
            self.line += count_lines(&self.buffer[start..self.at]);
            let end = trimmed_end(&self.buffer[start..self.at]);
            if let Some(broken) = broken {
                if !self.buffer[start..self.at].ends_with(b"\n") {
                    self.skip_line()?;
                }
                return Ok(Some(Record { line, found: Err(broken) }));
            }
            if end > 0 {
                let found = Ok(&self.buffer[start..start + end]);
                return Ok(Some(Record { line, found }));
            }
        }
    }

    /// Leaves out everything up to the end of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            self.fill()?;
            let rest = &self.buffer[self.at..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.skip(end + 1);
                self.line += 1;
                return Ok(());
            }
            self.skip(self.buffer.len() - self.at);
            if self.is_over {
                return Ok(());
            }
        }
    }

    /// Reads on until a whole record is here, however long it is, or the file is over.
    fn fill(&mut self) -> io::Result<()> {
        if self.is_over || self.buffer.len() - self.at >= MAX_RECORD_BYTES {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let wanted = (BUFFER_BYTES - self.buffer.len()) as u64;
        let n_read = self.input.by_ref().take(wanted).read_to_end(&mut self.buffer)?;
        self.is_over = (n_read as u64) < wanted;
        Ok(())
    }
}

/// How many bytes are the first record, its line end included, or what is wrong with it: then how many
/// are left out, at most one line.
fn scan(
    window: &[u8],
    separator: u8,
    is_last: bool,
    ahead: &mut Option<Ahead>,
) -> (usize, Option<Broken>) {
    let first_line = window.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
    let first_line = first_line.unwrap_or(window.len());
    let (mut state, mut broken) = (State::CellStart, None);
    let mut at = 0;
    while let Some(byte) = window.get(at) {
        // Here a cell is open, or the record would have ended.
        if at == first_line
            && let Some(seen) = ahead.take_if(|seen| seen.at >= at)
        {
            Ahead { at, state } = seen;
            continue;
        }
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) | (State::CellStart | State::Closed, b'"') => State::Quoted,
            (_, b'\n') => return (at + 1, broken),
            (_, byte) if *byte == separator => State::CellStart,
            (State::Closed, b'\r') => State::Closed,
            // It has closed on another line what was to be closed on this one.
            (State::Closed, _) if at >= first_line => {
                *ahead = Some(Ahead { at, state });
                return (first_line, Some(Broken::Open));
            }
            (State::Closed, _) => {
                broken = Some(Broken::Inside);
                State::Plain
            }
            (State::CellStart | State::Plain, _) => State::Plain,
        };
        at += 1;
    }
    if first_line < window.len() {
        *ahead = Some(Ahead { at: window.len(), state });
    }
    match state {
        State::Quoted => (first_line, Some(Broken::Open)),
        _ if is_last => (window.len(), broken),
        _ => (first_line, Some(Broken::TooLong)),
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// How many bytes there are before the end of the line.
fn trimmed_end(record: &[u8]) -> usize {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The records of a text, with their lines; what is broken by its name.
    fn records(text: &str) -> Vec<(u64, String)> {
        let mut records = Records::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(record) = records.next(b',').expect("memory can be read") {
            let found = record.found.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            all.push((record.line, found.unwrap_or_else(|broken| format!("{broken:?}"))));
        }
        all
    }

    fn check<const N: usize>(text: &str, expected: [(u64, &str); N]) {
        let found = records(text);
        let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn lines_end_in_lf_or_crlf_and_blank_ones_are_left_out() {
        check("", []);
        check("a,b", [(1, "a,b")]);
        check("a\r\n\r\n\nb\r\n", [(1, "a"), (4, "b")]);
    }

    #[test]
    fn what_is_in_quotes_may_go_over_several_lines() {
        check("\"a\nb\",c\nd\n", [(1, "\"a\nb\",c"), (3, "d")]);
        check("\"a\"\"\n\",\"\"\r\nb", [(1, "\"a\"\"\n\",\"\""), (3, "b")]);
        check("5\" nail,\"x\"\nb", [(1, "5\" nail,\"x\""), (2, "b")]);
    }

    #[test]
    fn a_broken_quote_costs_its_line_and_no_other() {
        check("a\n\"b,c\nd\n", [(1, "a"), (2, "Open"), (3, "d")]);
        check("\"a", [(1, "Open")]);
        check("\"a\"b\",c\nd\n", [(1, "Inside"), (2, "d")]);
        check("\"a,b\nc,d\n\"e\",f\n", [(1, "Open"), (2, "c,d"), (3, "\"e\",f")]);
    }

    #[test]
    fn what_lines_before_have_seen_in_vain_is_not_looked_at_again() {
        let line = r#"x""","#.to_owned() + "\"\n";
        let mut ahead = None;
        let opens = Some(Broken::Open);
        let text = line.repeat(2) + "x";
        assert_eq!(scan(text.as_bytes(), b',', false, &mut ahead), (line.len(), opens));
        let seen = ahead.expect("it was followed");
        assert_eq!(seen.at, text.len());
        // What follows would close the cell.
        let text = line.clone() + "\"";
        assert_eq!(scan(text.as_bytes(), b',', true, &mut None), (text.len(), None));
        let mut ahead = Some(Ahead { at: text.len(), ..seen });
        assert_eq!(scan(text.as_bytes(), b',', true, &mut ahead), (line.len(), opens));
    }

    proptest! {
        /// Lines that open a cell and close it, open one that nobody closes, and close what others have opened.
        #[test]
        fn a_record_is_what_it_is_without_what_lines_before_have_seen(text in "[\",\n\ra]{0,60}") {
            let read = |forgets: bool| {
                let mut records = Records::new(text.as_bytes());
                let mut all = Vec::new();
                while let Some(Record { line, found }) = records.next(b',').expect("memory can be read") {
                    all.push((line, found.map(<[u8]>::to_vec)));
                    if forgets {
                        records.ahead = None;
                    }
                }
                all
            };
            prop_assert_eq!(read(false), read(true));
        }
    }

    #[test]
    fn a_line_is_as_long_as_texts_need_it_and_no_longer() {
        let long = "x".repeat(MAX_RECORD_BYTES - 1);
        check(&format!("{long}\nb"), [(1, &long), (2, "b")]);
        let text = format!("{}\nb", "x".repeat(300_000));
        check(&text, [(1, "TooLong"), (2, "b")]);
        let text = format!("\"{}\nb", "x".repeat(300_000));
        check(&text, [(1, "Open"), (2, "b")]);
        let text = format!("{}\"a\nb", "a\n".repeat(100_000));
        assert_eq!(
            records(&text)[99_999..],
            [(100_000, "a".into()), (100_001, "Open".into()), (100_002, "b".into())]
        );
    }
}
