//! Reading and writing the fields of a token's payload.
//!
//! A text is its length in bytes (LEB128: seven bits a byte, low ones first) and then its UTF-8;
//! ids have a fixed length and stand bare. Payloads are read only after their signature was
//! checked, so a broken one means two formats under one version; it is refused all the same.

use super::TokenError;

/// Longest LEB128 length read: five bytes hold any `u32`.
const MAX_LENGTH_BYTES: u32 = 5;

pub(super) fn write_length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn write_pairs(out: &mut Vec<u8>, pairs: &[(String, String)]) {
    write_length(out, pairs.len());
    for (key, value) in pairs {
        write_text(out, key);
        write_text(out, value);
    }
}

/// A payload read from its start.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], TokenError> {
        let (array, rest) = self.0.split_first_chunk::<N>().ok_or(TokenError::Payload)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn length(&mut self) -> Result<usize, TokenError> {
        let mut length = 0;
        for index in 0..MAX_LENGTH_BYTES {
            let [byte] = self.array()?;
            length |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return usize::try_from(length).map_err(|_| TokenError::Payload);
            }
        }
        Err(TokenError::Payload)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, TokenError> {
        let n_bytes = self.length()?;
        let (text, rest) = self.0.split_at_checked(n_bytes).ok_or(TokenError::Payload)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| TokenError::Payload)
    }

    pub(super) fn pairs(&mut self) -> Result<Vec<(String, String)>, TokenError> {
        let n_pairs = self.length()?;
        let mut pairs = Vec::new();
        for _ in 0..n_pairs {
            pairs.push((self.text()?.to_owned(), self.text()?.to_owned()));
        }
        Ok(pairs)
    }

    /// Refuses bytes that no field claimed.
    pub(super) const fn end(&self) -> Result<(), TokenError> {
        if self.0.is_empty() { Ok(()) } else { Err(TokenError::Payload) }
    }
}
