//! A frame on its way from the connection that read it to the view that handles it.

use std::borrow::Cow;

use tokio::time::Instant;

use crate::runtime::backlog::Load;
use crate::wire::frame::{Frame, Payload};
use crate::wire::keys;

/// What a view needs of a client's frame, read once and freed from the buffer it came in: the
/// socket reads its next frame into that buffer, and a copy is cheaper than another buffer.
#[derive(Debug)]
pub(crate) struct ClientFrame {
    /// The join it belongs to. A view drops what a browser sent that it no longer has.
    pub(crate) incarnation: u64,
    pub(crate) message_ref: Option<Box<str>>,
    /// How long the frame was, if its payload was too long to be kept.
    pub(crate) dropped_bytes: Option<usize>,
    /// When it came.
    pub(crate) came: Instant,
    event: Cow<'static, str>,
    payload: Box<str>,
    /// It waits, or is being handled.
    pub(crate) load: Load,
}

impl ClientFrame {
    /// `None` for a binary frame, which no view takes.
    pub(crate) fn of(
        frame: &Frame<'_>,
        incarnation: u64,
        dropped_bytes: Option<usize>,
        came: Instant,
        load: Load,
    ) -> Option<Self> {
        let Payload::Json(payload) = frame.payload else { return None };
        let event = match &*frame.event {
            // Of nearly all.
            keys::EVENT => Cow::Borrowed(keys::EVENT),
            other => Cow::Owned(other.to_owned()),
        };
        Some(Self {
            incarnation,
            message_ref: frame.message_ref.as_deref().map(Box::from),
            dropped_bytes,
            came,
            event,
            payload: Box::from(payload),
            load,
        })
    }

    /// What is left when it was read: how it is to be answered, and its part of the backlog until it
    /// is.
    pub(crate) fn answered(self) -> (Option<Box<str>>, Load) {
        (self.message_ref, self.load)
    }

    /// The frame as it was, without the topic: the view that has it knows its own.
    pub(crate) fn as_frame(&self) -> Frame<'_> {
        Frame {
            join_ref: None,
            message_ref: self.message_ref.as_deref().map(Cow::Borrowed),
            topic: Cow::Borrowed(""),
            event: Cow::Borrowed(&self.event),
            payload: Payload::Json(&self.payload),
        }
    }
}
