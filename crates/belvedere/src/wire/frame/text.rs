//! Text frames: a JSON array of five elements.
//!
//! A frame as the client writes it is read up to its payload, an object, which is what follows. Any other is
//! walked with every element left raw, so that each element that is wrong has its own error; the four short
//! strings are then unquoted in place.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::json;

use super::{Frame, FrameElement, FrameError, MAX_ELEMENT_BYTES, Payload};

/// Elements of a text frame.
const N_ELEMENTS: usize = 5;

pub(super) fn parse(text: &str) -> Result<Frame<'_>, FrameError> {
    plain(text).map_or_else(|| careful(text), Ok)
}

/// A frame as the client writes it: five elements without blanks between them, whose strings need no
/// unescaping. It costs a quarter of [`careful`].
pub(super) fn plain(text: &str) -> Option<Frame<'_>> {
    let (join_ref, rest) = plain_element(text.strip_prefix('[')?)?;
    let (message_ref, rest) = plain_element(rest)?;
    let (topic, rest) = plain_element(rest)?;
    let (event, rest) = plain_element(rest)?;
    let (topic, event, payload) = (topic?, event?, rest.strip_suffix(']')?);
    let is_object = payload.starts_with('{') && payload.ends_with('}');
    is_object.then_some(Frame {
        join_ref: join_ref.map(Cow::Borrowed),
        message_ref: message_ref.map(Cow::Borrowed),
        topic: Cow::Borrowed(topic),
        event: Cow::Borrowed(event),
        payload: Payload::Json(payload),
    })
}

/// A short string or `null`, and what comes after its comma.
fn plain_element(text: &str) -> Option<(Option<&str>, &str)> {
    if let Some(rest) = text.strip_prefix("null,") {
        return Some((None, rest));
    }
    let (string, rest) = json::plain_name(text)?;
    let is_short = string.len() <= MAX_ELEMENT_BYTES;
    Some((Some(string), rest.strip_prefix(',').filter(|_| is_short)?))
}

pub(super) fn careful(text: &str) -> Result<Frame<'_>, FrameError> {
    let elements = elements(text)?;
    let found = elements.iter().flatten().count();
    let [Some(join_ref), Some(message_ref), Some(topic), Some(event), Some(payload)] = elements
    else {
        return Err(FrameError::TooFewElements { found });
    };
    Ok(Frame {
        join_ref: optional_string(join_ref, FrameElement::JoinRef)?,
        message_ref: optional_string(message_ref, FrameElement::MessageRef)?,
        topic: string(topic, FrameElement::Topic)?,
        event: string(event, FrameElement::Event)?,
        payload: Payload::Json(payload.get()),
    })
}

/// The four names at the beginning of a frame that is cut off somewhere after them.
pub(super) fn parse_head(text: &str) -> Option<Frame<'_>> {
    let mut names = [None; N_ELEMENTS - 1];
    // Fails where the text is cut off, when the names have been read.
    let _ = serde_json::Deserializer::from_str(text).deserialize_seq(NamesVisitor(&mut names));
    let [Some(join_ref), Some(message_ref), Some(topic), Some(event)] = names else { return None };
    Some(Frame {
        join_ref: optional_string(join_ref, FrameElement::JoinRef).ok()?,
        message_ref: optional_string(message_ref, FrameElement::MessageRef).ok()?,
        topic: string(topic, FrameElement::Topic).ok()?,
        event: string(event, FrameElement::Event).ok()?,
        payload: Payload::Json("null"),
    })
}

struct NamesVisitor<'a, 'de>(&'a mut [Option<&'de RawValue>]);

impl<'de> Visitor<'de> for NamesVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of five elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        for name in self.0 {
            *name = sequence.next_element()?;
        }
        Ok(())
    }
}

type Elements<'a> = [Option<&'a RawValue>; N_ELEMENTS];

fn elements(text: &str) -> Result<Elements<'_>, FrameError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let elements = deserializer.deserialize_seq(ElementsVisitor).and_then(|elements| {
        deserializer.end()?;
        Ok(elements)
    });
    // Raw elements fail by syntax only, so an error of type is the outer value's.
    elements.map_err(
        |error| {
            if error.is_data() { FrameError::NotAnArray } else { FrameError::Json(error) }
        },
    )
}

struct ElementsVisitor;

impl<'de> Visitor<'de> for ElementsVisitor {
    type Value = Elements<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of five elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = [None; N_ELEMENTS];
        for element in &mut elements {
            *element = sequence.next_element::<&'de RawValue>()?;
        }
        Ok(elements)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Err(E::invalid_type(serde::de::Unexpected::Unit, &self))
    }
}

fn optional_string(
    raw: &RawValue,
    element: FrameElement,
) -> Result<Option<Cow<'_, str>>, FrameError> {
    if raw.get() == "null" { Ok(None) } else { string(raw, element).map(Some) }
}

fn string(raw: &RawValue, element: FrameElement) -> Result<Cow<'_, str>, FrameError> {
    let json = raw.get();
    let Some(body) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Err(FrameError::NotAString { element });
    };
    let string = if body.contains('\\') {
        let unescaped = serde_json::from_str(json);
        Cow::Owned(unescaped.map_err(|source| FrameError::BrokenEscape { element, source })?)
    } else {
        Cow::Borrowed(body)
    };
    match string.len() {
        n_bytes if n_bytes > MAX_ELEMENT_BYTES => Err(FrameError::TooLong { element, n_bytes }),
        _ => Ok(string),
    }
}
