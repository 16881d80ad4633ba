//! A form's URL-encoded text, parted into fields: what stands where it was sent is pointed at, what must be
//! decoded is decoded behind it.

use std::ops::Range;

use super::{FormLimits, path};
use crate::event::ValueError;
use crate::wire::keys::FORM_UNUSED;

/// The text of a form, and where its fields stand in it.
pub(super) struct Parts {
    /// As it was sent; then what was decoded of it.
    pub(super) text: String,
    /// Of all names, one after the other.
    pub(super) keys: Vec<Range<usize>>,
    pub(super) fields: Vec<Field>,
}

/// A field as it came.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) n_keys: usize,
    pub(super) value: Range<usize>,
    /// Name and value, as they were sent.
    pub(super) sent: Range<usize>,
    /// It says that nobody has used another field.
    pub(super) is_mark: bool,
}

impl Parts {
    pub(super) fn of(encoded: &str, limits: &FormLimits) -> Result<Self, ValueError> {
        let FormLimits { max_bytes, max_fields, max_depth } = *limits;
        let n_bytes = encoded.len();
        if n_bytes > max_bytes {
            return Err(ValueError::FormTooLong { n_bytes, max_bytes });
        }
        let n_expected = (n_bytes / 16).min(max_fields);
        let mut parts = Self {
            text: encoded.to_owned(),
            keys: Vec::with_capacity(2 * n_expected),
            fields: Vec::with_capacity(n_expected),
        };
        let mut at = 0;
        while at < n_bytes {
            let (start, first_key) = (at, parts.keys.len());
            at = parts.name(encoded, start);
            let has_value = encoded.as_bytes().get(at) == Some(&b'=');
            if at == start && !has_value {
                parts.keys.truncate(first_key);
                at += 1;
                continue;
            }
            if parts.fields.len() == max_fields {
                return Err(ValueError::TooManyFields { max_fields });
            }
            let depth = parts.keys.len() - first_key;
            if depth > max_depth {
                return Err(ValueError::TooDeep { depth, max_depth });
            }
            let (value, end) = if has_value { parts.value(encoded, at + 1) } else { (at..at, at) };
            let is_mark = is_mark(parts.text.as_bytes(), &parts.keys[first_key..]);
            parts.fields.push(Field { n_keys: depth, value, sent: start..end, is_mark });
            at = end + 1;
        }
        Ok(parts)
    }

    /// Reads the keys of the name that begins at `start`; returns where it ends.
    fn name(&mut self, encoded: &str, start: usize) -> usize {
        let n_keys = self.keys.len();
        if let Some(end) = self.plain_name(encoded.as_bytes(), start) {
            return end;
        }
        self.keys.truncate(n_keys);
        let name = &encoded[start..];
        let end = name.find(['=', '&']).unwrap_or(name.len());
        let name = self.decoded(&name[..end]);
        let keys = path::keys(self.text[name.clone()].as_bytes());
        self.keys.extend(keys.map(|key| name.start + key.start..name.start + key.end));
        start + end
    }

    /// A name of which nothing is encoded but its brackets, each of which is closed before the next.
    fn plain_name(&mut self, encoded: &[u8], start: usize) -> Option<usize> {
        let mut at = end_of_plain(encoded, start);
        self.keys.push(start..at);
        while let Some(key) = after(encoded, at, b"%5B", b'[').filter(|_| at > start) {
            let end = end_of_plain(encoded, key);
            self.keys.push(key..end);
            at = after(encoded, end, b"%5D", b']')?;
        }
        matches!(encoded.get(at), None | Some(b'=' | b'&')).then_some(at)
    }

    /// Where the value that begins at `start` stands decoded, and where it ends.
    fn value(&mut self, encoded: &str, start: usize) -> (Range<usize>, usize) {
        let bytes = encoded.as_bytes();
        let (mut end, mut is_plain) = (start, true);
        loop {
            end = end_of_plain(bytes, end);
            match bytes.get(end) {
                None | Some(b'&') => break,
                Some(byte) => is_plain &= !matches!(byte, b'%' | b'+'),
            }
            end += 1;
        }
        (if is_plain { start..end } else { self.decoded(&encoded[start..end]) }, end)
    }

    /// Appends what `encoded` says; returns where it stands.
    fn decoded(&mut self, encoded: &str) -> Range<usize> {
        let start = self.text.len();
        let mut decoded = Vec::with_capacity(encoded.len());
        let mut rest = encoded.as_bytes().iter();
        while let Some(byte) = rest.next() {
            decoded.push(match byte {
                b'+' => b' ',
                b'%' => match rest.as_slice().first_chunk().and_then(of_digits) {
                    Some(byte) => {
                        rest.nth(1);
                        byte
                    }
                    None => b'%',
                },
                plain => *plain,
            });
        }
        self.text.push_str(&String::from_utf8_lossy(&decoded));
        start..self.text.len()
    }
}

/// Whether a byte stands for itself and parts nothing.
static IS_PLAIN: [bool; 256] = {
    let mut is_plain = [true; 256];
    let parting = b"&=+%[]";
    let mut index = 0;
    while index < parting.len() {
        is_plain[parting[index] as usize] = false;
        index += 1;
    }
    is_plain
};

/// Where the plain bytes from `start` on end.
fn end_of_plain(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    let n_bytes = rest.iter().position(|byte| !IS_PLAIN[usize::from(*byte)]);
    start + n_bytes.unwrap_or(rest.len())
}

/// What comes after a bracket at `at`, encoded or not, if one stands there.
fn after(bytes: &[u8], at: usize, encoded: &[u8], bracket: u8) -> Option<usize> {
    match bytes.get(at)? {
        b'%' => bytes[at..].starts_with(encoded).then_some(at + encoded.len()),
        byte => (*byte == bracket).then_some(at + 1),
    }
}

/// The byte that two hexadecimal digits say.
fn of_digits(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}

/// Whether a name of these keys is the client's mark of a field that nobody has used: of `user[age]`,
/// `user[_unused_age]`; of `tags[]`, `_unused_tags[]`.
fn is_mark(text: &[u8], keys: &[Range<usize>]) -> bool {
    let key = match keys {
        [.., key, list] if list.is_empty() => Some(key),
        keys => keys.last(),
    };
    key.is_some_and(|key| text[key.clone()].starts_with(FORM_UNUSED.as_bytes()))
}
