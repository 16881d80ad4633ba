//! The payload of an event as the client writes it, without blanks and without escapes in its keys.
//!
//! It is the message of each click and each keystroke. Finding the end of a value is no check: that is
//! each value's own. Whatever looks otherwise is left to serde, which says what is wrong with it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{EventKind, EventPayload, null};
use crate::wire::json::{end_of_value, plain_string};

pub(super) fn event(json: &str) -> Option<EventPayload<'_>> {
    let mut members = Members { rest: json.strip_prefix('{')?, is_over: false };
    let (mut kind, mut event, mut value, mut cid) = (None, None, None, None);
    let (mut meta, mut uploads) = (None, None);
    while let Some((key, json)) = members.next()? {
        match key {
            "type" => set(&mut kind, kind_of(json)?)?,
            "event" => set(&mut event, whole_string(json)?)?,
            "value" => set(&mut value, raw(json)?)?,
            "cid" => set(&mut cid, serde_json::from_str(json).ok()?)?,
            "meta" => set(&mut meta, raw(json)?)?,
            "uploads" => set(&mut uploads, raw(json)?)?,
            _ => {
                raw(json)?;
            }
        }
    }
    Some(EventPayload {
        kind: kind.unwrap_or_default(),
        event: Cow::Borrowed(event?),
        value: value.unwrap_or(null()),
        cid,
        meta,
        uploads,
    })
}

/// Each member once.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn kind_of(json: &str) -> Option<EventKind> {
    Some(if whole_string(json)? == "form" { EventKind::Form } else { EventKind::Other })
}

fn whole_string(json: &str) -> Option<&str> {
    let (string, rest) = plain_string(json)?;
    rest.is_empty().then_some(string)
}

/// Not `null`, which says of some members that they are not there.
fn raw(json: &str) -> Option<&RawValue> {
    serde_json::from_str(json).ok().filter(|raw: &&RawValue| raw.get() != "null")
}

/// The members of an object.
struct Members<'a> {
    /// What was not read, from a key on.
    rest: &'a str,
    /// The object has ended, and nothing follows it.
    is_over: bool,
}

impl<'a> Members<'a> {
    /// The next key and its value. `None` when the object looks otherwise than the client writes it.
    fn next(&mut self) -> Option<Option<(&'a str, &'a str)>> {
        if self.is_over {
            return Some(None);
        }
        let (key, rest) = plain_string(self.rest)?;
        let rest = rest.strip_prefix(':')?;
        let (value, rest) = rest.split_at(end_of_value(rest)?);
        match rest.strip_prefix(',') {
            Some(rest) => self.rest = rest,
            None if rest == "}" => self.is_over = true,
            None => return None,
        }
        Some(Some((key, value)))
    }
}
