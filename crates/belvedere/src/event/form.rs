//! A form's URL-encoded text as nested values.
//!
//! | Text | Value |
//! |---|---|
//! | `a=1&a=2` | `{"a":"2"}`, the last one wins |
//! | `user[name]=Ann` | `{"user":{"name":"Ann"}}` |
//! | `tags[]=x&tags[]=y` | `{"tags":["x","y"]}` |
//! | `items[0][name]=x` | `{"items":{"0":{"name":"x"}}}`, read as a list where one is wanted |
//!
//! Where two fields disagree about a value's shape, the later one wins as well. Brackets that do
//! not pair up are part of the name. Every value is text; invalid UTF-8 becomes U+FFFD.
//!
//! Source of the format: protocol section "Form events".

use std::borrow::Cow;
use std::slice;

use crate::wire::keys::FORM_UNUSED;
use crate::wire::scan::first_of;

pub(super) mod path;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use tree::{Branch, FormTree, Shape};

/// The name by which the client marks a field that nobody has used: of `user[age]`, `user[_unused_age]`; of
/// `tags[]`, `_unused_tags[]`.
pub(crate) fn mark_of(name: &str) -> String {
    let (base, list) = name.strip_suffix("[]").map_or((name, ""), |base| (base, "[]"));
    let (start, key) = base.rsplit_once('[').map_or(("", base), |(start, key)| (start, key));
    let bracket = if start.is_empty() { "" } else { "[" };
    format!("{start}{bracket}{FORM_UNUSED}{key}{list}")
}

/// Whether a name is such a mark.
pub(crate) fn is_mark(name: &str) -> bool {
    let base = name.strip_suffix("[]").unwrap_or(name);
    base.rsplit_once('[').map_or(base, |(_, key)| key).starts_with(FORM_UNUSED)
}

/// [`is_mark`] of a field's name that is still encoded, as browsers encode it: brackets perhaps, letters
/// never. Its value may follow.
pub(crate) fn is_encoded_mark(field: &str) -> bool {
    let bytes = field.as_bytes();
    if first_of(bytes, 0, [FORM_UNUSED.as_bytes()[0]]).is_none() {
        return false;
    }
    let end = bytes.iter().position(|byte| *byte == b'=').unwrap_or(bytes.len());
    let name = &field[..end];
    let base = name.strip_suffix("%5B%5D").or(name.strip_suffix("[]")).unwrap_or(name).as_bytes();
    let key = match base.iter().rposition(|byte| *byte == b'[') {
        Some(at) => &base[at + 1..],
        None => base,
    };
    let key = match key.windows(3).rposition(|bytes| bytes == b"%5B") {
        Some(at) => &key[at + 3..],
        None => key,
    };
    key.starts_with(FORM_UNUSED.as_bytes())
}

/// Bounds on what one form event may make the server build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    /// Longest encoded text, in bytes. Default 256 KiB, as long as the longest message is by default,
    /// so that a raised frame limit does not raise this one unseen.
    pub max_bytes: usize,
    /// Most `name=value` pairs, markers of unused fields included. Default 5,000: a list of 200
    /// rows with ten inputs each, as long as one of [`LiveForm`](crate::LiveForm) is by default.
    pub max_fields: usize,
    /// Most keys in one name: `user[address][city]` has 3. Default 16.
    pub max_depth: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { max_bytes: 256 * 1024, max_fields: 5000, max_depth: 16 }
    }
}

/// The fields of a form, `name=value`, still encoded.
pub(crate) fn fields(encoded: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(encoded);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = first_of(text.as_bytes(), 0, [b'&']);
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// Appends what an encoded name or value says, in UTF-8, up to the first byte that ends it, which is
/// returned: `+` is a blank, `%41` an `A`.
fn decode(rest: &mut slice::Iter<'_, u8>, ends: &[u8], text: &mut Vec<u8>) -> Option<u8> {
    let start = text.len();
    let mut has_encoded = false;
    let end = loop {
        let Some(&byte) = rest.next() else { break None };
        text.push(match byte {
            b'&' | b'=' if ends.contains(&byte) => break Some(byte),
            b'+' => b' ',
            b'%' => match rest.as_slice().first_chunk().and_then(of_digits) {
                Some(byte) => {
                    rest.nth(1);
                    has_encoded |= !byte.is_ascii();
                    byte
                }
                None => b'%',
            },
            plain => plain,
        });
    };
    if has_encoded && let Cow::Owned(valid) = String::from_utf8_lossy(&text[start..]) {
        text.truncate(start);
        text.extend_from_slice(valid.as_bytes());
    }
    end
}

/// The byte that two hexadecimal digits say.
fn of_digits(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}
