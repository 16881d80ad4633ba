//! JSON inside a message that only who it is for can read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A value that nobody has read: where it ends is known, not whether it is well-formed. Whoever reads it
/// finds out.
///
/// ```
/// use belvedere::wire::{EventPayload, message::Unread};
///
/// let event: EventPayload<'_> = serde_json::from_str(r#"{"event":"save","value":{"id":7}}"#).unwrap();
/// assert_eq!(event.value.json(), r#"{"id":7}"#);
/// ```
#[derive(Clone, Copy)]
pub struct Unread<'a> {
    json: &'a str,
    /// It is a string in which nothing is escaped.
    is_plain_text: bool,
}

impl<'a> Unread<'a> {
    /// What stands for a value that is not there.
    pub(super) const NULL: Self = Self::of("null");

    const fn of(json: &'a str) -> Self {
        Self { json, is_plain_text: false }
    }

    /// A string in which nothing is escaped, quotes included.
    pub(super) const fn plain_text(json: &'a str) -> Self {
        Self { json, is_plain_text: true }
    }

    /// `None` for `null`, which says of some members that they are not there, and for blanks around it.
    pub(super) fn new(json: &'a str) -> Option<Self> {
        let is_blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        let bytes = json.as_bytes();
        let is_bare = !is_blank(bytes.first()) && !is_blank(bytes.last());
        (is_bare && json != "null").then_some(Self::of(json))
    }

    /// The text as it came.
    #[must_use]
    pub const fn json(self) -> &'a str {
        self.json
    }

    /// What it says, where it is a string.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self.json.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) if self.is_plain_text => Some(Cow::Borrowed(text)),
            _ => serde_json::from_str(self.json).ok().map(Cow::Owned),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Unread<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self::of(raw.get()))
    }
}

impl fmt::Debug for Unread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unread").field(&self.json).finish()
    }
}
