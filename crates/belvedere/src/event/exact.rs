//! JSON whose whole numbers come back from a browser as they were sent.
//!
//! JavaScript reads every number as a double, so it would take 2⁵³ + 1 for its neighbour. Those that a
//! double may not hold are written as text, from which [`super::EventValue::read`] reads numbers too.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::ser::Formatter;

/// The greatest whole number that no other rounds to, JavaScript's `Number.MAX_SAFE_INTEGER`.
pub(super) const MAX_SAFE: u64 = (1 << 53) - 1;

/// Compact JSON in which no whole number is beyond [`MAX_SAFE`].
#[derive(Default)]
pub(super) struct Exact {
    /// A number that is a key has its quotes already.
    is_key: bool,
}

impl Exact {
    fn whole<W: Write + ?Sized>(
        &self,
        out: &mut W,
        number: impl Display,
        is_safe: bool,
    ) -> io::Result<()> {
        if is_safe || self.is_key { write!(out, "{number}") } else { write!(out, "\"{number}\"") }
    }
}

impl Formatter for Exact {
    fn write_i64<W: Write + ?Sized>(&mut self, out: &mut W, number: i64) -> io::Result<()> {
        self.whole(out, number, number.unsigned_abs() <= MAX_SAFE)
    }

    fn write_u64<W: Write + ?Sized>(&mut self, out: &mut W, number: u64) -> io::Result<()> {
        self.whole(out, number, number <= MAX_SAFE)
    }

    fn write_i128<W: Write + ?Sized>(&mut self, out: &mut W, number: i128) -> io::Result<()> {
        self.whole(out, number, number.unsigned_abs() <= MAX_SAFE.into())
    }

    fn write_u128<W: Write + ?Sized>(&mut self, out: &mut W, number: u128) -> io::Result<()> {
        self.whole(out, number, number <= MAX_SAFE.into())
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        self.is_key = true;
        if is_first { Ok(()) } else { out.write_all(b",") }
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _out: &mut W) -> io::Result<()> {
        self.is_key = false;
        Ok(())
    }
}
