//! The payload of an event as the client writes it, without blanks and without escapes in its keys.
//!
//! It is the message of each click and each keystroke. Finding the end of a value is no check: that is
//! done by who reads it. Whatever looks otherwise is left to serde, which says what is wrong with it.

use std::borrow::Cow;

use super::{EventKind, EventPayload, Unread};
use crate::wire::json::{end_of_value, plain_string};

pub(super) fn event(json: &str) -> Option<EventPayload<'_>> {
    let mut members = Members { rest: json.strip_prefix('{')?, is_first: true };
    let (mut kind, mut event, mut value, mut cid) = (None, None, None, None);
    let (mut meta, mut uploads) = (None, None);
    while let Some(key) = members.next_key()? {
        match key {
            "type" => set(&mut kind, members.string()?)?,
            "event" => set(&mut event, members.string()?)?,
            "value" => set(&mut value, members.unread()?)?,
            "cid" => set(&mut cid, serde_json::from_str(members.value()?).ok()?)?,
            "meta" => set(&mut meta, members.unread()?)?,
            "uploads" => set(&mut uploads, members.unread()?)?,
            _ => {
                members.value()?;
            }
        }
    }
    Some(EventPayload {
        kind: if kind == Some("form") { EventKind::Form } else { EventKind::Other },
        event: Cow::Borrowed(event?),
        value: value.unwrap_or(Unread::NULL),
        cid,
        meta,
        uploads,
    })
}

/// Each member once.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The members of an object. `None` where it looks otherwise than the client writes it.
struct Members<'a> {
    /// What was not read: from the first key on, or from what follows a value.
    rest: &'a str,
    is_first: bool,
}

impl<'a> Members<'a> {
    /// The next key; the inner `None` at the object's end, with nothing behind it.
    fn next_key(&mut self) -> Option<Option<&'a str>> {
        if !std::mem::take(&mut self.is_first) {
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return (self.rest == "}").then_some(None),
            }
        }
        let (key, rest) = plain_string(self.rest)?;
        self.rest = rest.strip_prefix(':')?;
        Some(Some(key))
    }

    /// The value of that key, if it is a string that needs no unescaping.
    fn string(&mut self) -> Option<&'a str> {
        let (string, rest) = plain_string(self.rest)?;
        self.rest = rest;
        Some(string)
    }

    /// The value of that key, for who it is for.
    fn unread(&mut self) -> Option<Unread<'a>> {
        if !self.rest.starts_with('"') {
            return Unread::new(self.value()?);
        }
        let json = self.rest;
        let text = self.string()?;
        Some(Unread::plain_text(&json[..text.len() + 2]))
    }

    /// The value of that key, as it came.
    fn value(&mut self) -> Option<&'a str> {
        let (value, rest) = self.rest.split_at(end_of_value(self.rest)?);
        self.rest = rest;
        Some(value)
    }
}
