//! One message on the wire, parted into its five elements.
//!
//! A text frame is the JSON array `[join_ref, message_ref, topic, event, payload]`; a binary frame
//! is a push of raw bytes (an upload's chunk) with the same elements in front, each with a length
//! byte. What the payload means is [`super::message`]'s business; here it stays raw.
//!
//! Source of the format: protocol sections "Text frames (serializer 2.0.0)" and "Binary frames".

mod binary;
mod error;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

pub use error::{FrameElement, FrameError};

/// Longest ref, topic or event name, in bytes: what one length byte of a binary frame can say.
///
/// Refs are counters chosen by the client and are treated as opaque; topics are short DOM ids.
pub const MAX_ELEMENT_BYTES: usize = 255;

/// What is kept of a message that is too long: enough for its four names.
pub const HEAD_BYTES: usize = 2048;

/// One frame from the browser, borrowing from the bytes it came in.
///
/// ```
/// use belvedere::wire::Frame;
///
/// let text = r#"["4","8","lv:phx-K1","event",{"type":"click","event":"inc","value":{}}]"#;
/// let frame = Frame::from_text(text).unwrap();
/// assert_eq!(frame.topic, "lv:phx-K1");
/// assert_eq!(frame.message_ref.as_deref(), Some("8"));
/// ```
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The incarnation of the topic the message belongs to; `None` for heartbeats and for a leave
    /// of a topic that was never joined. At most [`MAX_ELEMENT_BYTES`].
    pub join_ref: Option<Cow<'a, str>>,
    /// What the reply repeats. At most [`MAX_ELEMENT_BYTES`].
    pub message_ref: Option<Cow<'a, str>>,
    /// `phoenix`, `lv:<dom id>` or `lvu:<entry ref>`. At most [`MAX_ELEMENT_BYTES`].
    pub topic: Cow<'a, str>,
    /// Name of the message, one of [`super::keys`] or unknown. At most [`MAX_ELEMENT_BYTES`].
    pub event: Cow<'a, str>,
    /// The message's body, unread.
    pub payload: Payload<'a>,
}

/// The fifth element of a [`Frame`].
#[derive(Debug, Clone, Copy)]
pub enum Payload<'a> {
    /// JSON of any kind, as it stood in a text frame. Whether it is well-formed is seen when it is read.
    Json(&'a str),
    /// The rest of a binary frame.
    Binary(&'a [u8]),
}

impl<'a> Frame<'a> {
    /// Reads a text frame.
    ///
    /// # Errors
    /// The variant of [`FrameError`] that names what is wrong: not JSON, no array, not five
    /// elements, or an element that is no string, or too long, or has a broken escape. Where the payload
    /// is an object, an element after it is found by who reads that.
    pub fn from_text(text: &'a str) -> Result<Self, FrameError> {
        text::parse(text)
    }

    /// Reads the names of a text frame of which only the beginning is there; its payload reads as
    /// `null`. `None` when they are not all there, or malformed.
    ///
    /// ```
    /// use belvedere::wire::frame::Frame;
    ///
    /// let frame = Frame::from_head(r#"["4","8","lv:phx-K1","event",{"type":"form","val"#).unwrap();
    /// assert_eq!(frame.event, "event");
    /// ```
    #[must_use]
    pub fn from_head(text: &'a str) -> Option<Self> {
        text::parse_head(text)
    }

    /// Reads a binary frame from the client: a kind byte (`0`, push), four length bytes, then join
    /// ref, ref, topic and event, then the payload.
    ///
    /// A ref of length zero reads as absent: a binary frame has no `null`.
    ///
    /// # Errors
    /// [`FrameError::EmptyBinary`], [`FrameError::BinaryKind`], [`FrameError::Truncated`] or
    /// [`FrameError::NotUtf8`].
    pub fn from_binary(bytes: &'a [u8]) -> Result<Self, FrameError> {
        binary::parse(bytes)
    }
}
