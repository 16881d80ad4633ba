//! The payload of an event as the client writes it: its members in one order, without blanks and without
//! escapes in its names.
//!
//! It is the message of each click and each keystroke. Finding the end of a value is no check: that is
//! done by who reads it. Whatever looks otherwise is left to serde, which says what is wrong with it.

use std::borrow::Cow;

use super::{EventKind, EventPayload, Unread};
use crate::wire::json::{end_of_value, plain_name, plain_string};

pub(super) fn event(json: &str) -> Option<EventPayload<'_>> {
    let mut unread = Rest(json);
    unread.passes(r#"{"type":"#).then_some(())?;
    let kind = unread.name()?;
    unread.passes(r#","event":"#).then_some(())?;
    let event = unread.name()?;
    unread.passes(r#","value":"#).then_some(())?;
    let value = unread.any()?;
    let meta = if unread.passes(r#","meta":"#) { Some(unread.any()?) } else { None };
    let uploads = if unread.passes(r#","uploads":"#) { Some(unread.any()?) } else { None };
    let cid = if unread.passes(r#","cid":"#) { Some(unread.value()?) } else { None };
    (unread.0 == "}").then_some(())?;
    Some(EventPayload {
        kind: if kind == "form" { EventKind::Form } else { EventKind::Other },
        event: Cow::Borrowed(event),
        value,
        cid: cid.map_or(Some(None), |cid| serde_json::from_str(cid).ok())?,
        meta,
        uploads,
    })
}

/// What was not read. `None` where it looks otherwise than the client writes it.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Whether it begins with `text`, which is read then.
    fn passes(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A string that needs no unescaping.
    fn name(&mut self) -> Option<&'a str> {
        let (name, rest) = plain_name(self.0)?;
        self.0 = rest;
        Some(name)
    }

    /// A value, for who it is for.
    fn any(&mut self) -> Option<Unread<'a>> {
        if !self.0.starts_with('"') {
            return Unread::new(self.value()?);
        }
        let json = self.0;
        let (text, rest) = plain_string(json)?;
        self.0 = rest;
        Some(Unread::plain_text(&json[..text.len() + 2]))
    }

    /// A value, as it came.
    fn value(&mut self) -> Option<&'a str> {
        let (value, rest) = self.0.split_at(end_of_value(self.0)?);
        self.0 = rest;
        Some(value)
    }
}
