//! JSON inside a message that only who it is for can read.

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
#[derive(Clone, Copy, Debug)]
pub struct Unread<'a>(&'a str);

impl<'a> Unread<'a> {
    /// What stands for a value that is not there.
    pub(super) const NULL: Self = Self("null");

    /// `None` for `null`, which says of some members that they are not there, and for blanks around it.
    pub(super) fn new(json: &'a str) -> Option<Self> {
        let is_blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        let bytes = json.as_bytes();
        let is_bare = !is_blank(bytes.first()) && !is_blank(bytes.last());
        (is_bare && json != "null").then_some(Self(json))
    }

    /// The text as it came.
    #[must_use]
    pub const fn json(self) -> &'a str {
        self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Unread<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}
