//! Bytes as text: lower-case hexadecimal digits, two for each.

use std::fmt;

/// By their value.
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes whose digits go to the formatter together: those of a trace's id.
const WRITTEN_AT_ONCE: usize = 16;

/// Bytes as lower-case hexadecimal digits.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        for bytes in self.0.chunks(WRITTEN_AT_ONCE) {
            let mut pairs = [[0; 2]; WRITTEN_AT_ONCE];
            for (pair, byte) in pairs.iter_mut().zip(bytes) {
                *pair = digits(byte);
            }
            let text = str::from_utf8(pairs[..bytes.len()].as_flattened());
            formatter.write_str(text.map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

/// The bytes of `N` pairs of lower-case hexadecimal digits, and of nothing else.
pub(crate) fn bytes_of_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}
