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

use crate::wire::keys::FORM_UNUSED;

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

/// [`is_mark`] of a name that is still encoded, as browsers encode it: brackets perhaps, letters never.
pub(crate) fn is_encoded_mark(name: &str) -> bool {
    if !name.bytes().any(|byte| byte == FORM_UNUSED.as_bytes()[0]) {
        return false;
    }
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

/// Names and values, still encoded. Most are a few bytes long, so each byte is looked at.
pub(crate) fn pairs(encoded: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = encoded;
    std::iter::from_fn(move || {
        while let Some(after) = rest.strip_prefix('&') {
            rest = after;
        }
        if rest.is_empty() {
            return None;
        }
        let (name, after) = split_before(rest, |byte| matches!(byte, b'=' | b'&'));
        let (value, after) = split_before(after, |byte| byte == b'&');
        rest = after;
        Some((name, value.get(1..).unwrap_or_default()))
    })
}

/// What comes before the first such byte, an ASCII one, and the rest, which begins with it.
fn split_before(text: &str, is_end: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(is_end).unwrap_or(text.len()))
}

/// Appends what an encoded name or value says, in UTF-8: `+` is a blank, `%41` an `A`.
fn decode(encoded: &str, text: &mut Vec<u8>) {
    let start = text.len();
    let mut has_encoded = false;
    let mut rest = encoded.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        text.push(match byte {
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
    }
    if has_encoded && let Cow::Owned(valid) = String::from_utf8_lossy(&text[start..]) {
        text.truncate(start);
        text.extend_from_slice(valid.as_bytes());
    }
}

/// The byte that two hexadecimal digits say.
fn of_digits(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}
