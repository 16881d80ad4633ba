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

/// A frame that was read: how it is to be answered, and its part of the backlog until it is.
#[derive(Debug)]
pub(crate) struct Request {
    message_ref: Option<Box<str>>,
    _load: Load,
}

impl Request {
    pub(crate) fn message_ref(&self) -> Option<&str> {
        self.message_ref.as_deref()
    }
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

    /// What is left when it was read.
    pub(crate) fn into_request(self) -> Request {
        Request { message_ref: self.message_ref, _load: self.load }
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
