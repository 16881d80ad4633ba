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

use serde_json::{Map, Value};

use super::ValueError;
use crate::wire::keys::FORM_UNUSED;
use crate::wire::scan::first_of;

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
    if first_of(name.as_bytes(), 0, [FORM_UNUSED.as_bytes()[0]]).is_none() {
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

/// Reads a whole form.
pub(super) fn parse(encoded: &str, limits: &FormLimits) -> Result<Map<String, Value>, ValueError> {
    let FormLimits { max_bytes, max_fields, max_depth } = *limits;
    match encoded.len() {
        n_bytes if n_bytes > max_bytes => {
            return Err(ValueError::FormTooLong { n_bytes, max_bytes });
        }
        _ => {}
    }
    let mut fields = Map::new();
    // One text for all names: most of a form's bytes are in them.
    let mut name = String::new();
    for (index, (encoded_name, value)) in pairs(encoded).enumerate() {
        if index == max_fields {
            return Err(ValueError::TooManyFields { max_fields });
        }
        name = decode(encoded_name, name);
        let path = Path::of(&name);
        match path.n_keys() {
            depth if depth > max_depth => return Err(ValueError::TooDeep { depth, max_depth }),
            _ => insert(&mut fields, path, decode(value, String::new())),
        }
    }
    Ok(fields)
}

/// Names and values, still encoded.
pub(crate) fn pairs(encoded: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = encoded;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches('&');
        let (field, after) = split_at_byte(rest, b'&')?;
        rest = after;
        split_at_byte(field, b'=')
    })
}

/// What comes before the first such byte, an ASCII one, or all, and what comes after it. `None` of nothing.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let at = first_of(text.as_bytes(), 0, [byte]).unwrap_or(text.len());
    Some((&text[..at], text.get(at + 1..).unwrap_or_default()))
}

/// What an encoded name or value says, in the room that `text` has: `+` is a blank, `%41` an `A`.
fn decode(encoded: &str, text: String) -> String {
    let mut decoded = text.into_bytes();
    decoded.clear();
    decoded.reserve(encoded.len());
    let mut rest = encoded.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => match rest.as_slice().first_chunk().and_then(of_digits) {
                Some(byte) => {
                    rest.nth(1);
                    byte
                }
                None => b'%',
            },
            plain => plain,
        });
    }
    String::from_utf8(decoded)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The byte that two hexadecimal digits say.
fn of_digits(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}

/// The keys in a field's name: `user[tags][]` has `user`, `tags` and the empty key of a list. A name
/// whose brackets do not pair up is one key.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    head: &'a str,
    brackets: &'a str,
}

impl<'a> Path<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        let at = name.bytes().position(|byte| byte == b'[').unwrap_or_default();
        let (head, brackets) = name.split_at(at);
        if at > 0 && pair_up(brackets) {
            Self { head, brackets }
        } else {
            Self { head: name, brackets: "" }
        }
    }

    fn n_keys(self) -> usize {
        1 + self.brackets.bytes().filter(|byte| *byte == b'[').count()
    }

    pub(super) fn keys(self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.head).chain(self.inner_keys())
    }

    /// Those in brackets.
    fn inner_keys(self) -> impl Iterator<Item = &'a str> {
        let mut rest = self.brackets;
        std::iter::from_fn(move || {
            let end = rest.bytes().position(|byte| byte == b']')?;
            let key = &rest[1..end];
            rest = &rest[end + 1..];
            Some(key)
        })
    }
}

/// Whether each bracket is closed before the next one, and nothing stands between two pairs.
fn pair_up(brackets: &str) -> bool {
    let mut is_open = false;
    for byte in brackets.bytes() {
        is_open = match (is_open, byte) {
            (false, b'[') => true,
            (true, b']') => false,
            (true, b'[') | (false, _) => return false,
            (true, _) => true,
        };
    }
    !is_open
}

fn insert(fields: &mut Map<String, Value>, path: Path<'_>, value: String) {
    let value = Value::String(value);
    let mut keys = path.inner_keys();
    let Some(mut key) = keys.next() else {
        fields.insert(path.head.to_owned(), value);
        return;
    };
    let mut slot = member(fields, path.head);
    for next in keys {
        slot = if key.is_empty() { push(slot) } else { member(as_object(slot), key) };
        key = next;
    }
    if key.is_empty() {
        *push(slot) = value;
    } else {
        as_object(slot).insert(key.to_owned(), value);
    }
}

/// A key is owned only where it is new: the inputs of a row share all but the last.
fn member<'a>(object: &'a mut Map<String, Value>, key: &str) -> &'a mut Value {
    if !object.contains_key(key) {
        object.insert(key.to_owned(), Value::Null);
    }
    object.get_mut(key).expect("the member was made above")
}

fn as_object(slot: &mut Value) -> &mut Map<String, Value> {
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut().expect("the slot was made an object above")
}

fn push(slot: &mut Value) -> &mut Value {
    if !slot.is_array() {
        *slot = Value::Array(Vec::new());
    }
    let list = slot.as_array_mut().expect("the slot was made a list above");
    list.push(Value::Null);
    list.last_mut().expect("an item was pushed above")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(name: &str) -> String {
        form_urlencoded::byte_serialize(name.as_bytes()).collect()
    }

    #[test]
    fn a_mark_is_known_before_it_is_decoded() {
        for name in [
            "_unused_a",
            "a[_unused_b]",
            "a[_unused_b][]",
            "_unused_a[]",
            "a[b]",
            "a_unused_b",
            "a[]",
        ] {
            assert_eq!(is_encoded_mark(&encode(name)), is_mark(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_decoded_as_everywhere(encoded in "[a-cA-F0-9%+=&\\[\\]é]{0,40}") {
            let decoded: Vec<_> = pairs(&encoded)
                .map(|(name, value)| (decode(name, "old".to_owned()), decode(value, String::new())))
                .collect();
            let expected: Vec<_> = form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
            prop_assert_eq!(decoded, expected);
        }

        #[test]
        fn every_mark_is_known_before_it_is_decoded(name in "(a|_unused_|b|\\[|\\]|\\[\\]){0,6}") {
            prop_assert_eq!(is_encoded_mark(&encode(&name)), is_mark(&name));
        }
    }
}
