//! Binary frames: length bytes, names, then the payload.
//!
//! ```text
//! 00  02  02  05  05  "12" "13" "lvu:0" "chunk"  <bytes>
//! │   │   │   │   └ event       names, UTF-8       payload
//! │   │   │   └ topic
//! │   │   └ message ref
//! │   └ join ref
//! └ kind: push
//! ```

use std::borrow::Cow;

use super::{Frame, FrameElement, FrameError, Payload};

/// The only kind a client sends.
const KIND_PUSH: u8 = 0;

pub(super) fn parse(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let (&kind, rest) = bytes.split_first().ok_or(FrameError::EmptyBinary)?;
    if kind != KIND_PUSH {
        return Err(FrameError::BinaryKind(kind));
    }
    let Some((&[join_ref, message_ref, topic, event], rest)) = rest.split_first_chunk::<4>() else {
        return Err(FrameError::Truncated { element: FrameElement::Header });
    };
    let (join_ref, rest) = name(rest, join_ref, FrameElement::JoinRef)?;
    let (message_ref, rest) = name(rest, message_ref, FrameElement::MessageRef)?;
    let (topic, rest) = name(rest, topic, FrameElement::Topic)?;
    let (event, rest) = name(rest, event, FrameElement::Event)?;
    Ok(Frame {
        join_ref: unless_empty(join_ref),
        message_ref: unless_empty(message_ref),
        topic: Cow::Borrowed(topic),
        event: Cow::Borrowed(event),
        payload: Payload::Binary(rest),
    })
}

fn name(bytes: &[u8], n_bytes: u8, element: FrameElement) -> Result<(&str, &[u8]), FrameError> {
    let (name, rest) =
        bytes.split_at_checked(usize::from(n_bytes)).ok_or(FrameError::Truncated { element })?;
    let name =
        std::str::from_utf8(name).map_err(|source| FrameError::NotUtf8 { element, source })?;
    Ok((name, rest))
}

fn unless_empty(name: &str) -> Option<Cow<'_, str>> {
    (!name.is_empty()).then_some(Cow::Borrowed(name))
}
