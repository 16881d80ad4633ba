//! What a frame from the browser asks for.
//!
//! [`Frame::message`] turns the event name and the raw payload into a [`ClientMessage`]. Texts
//! borrow from the frame; values that only a view can interpret (an event's value, its meta data,
//! upload entries) stay raw. Whether the topic is joined is the connection's question, what an
//! event means is [`crate::event`]'s.
//!
//! Source of the format: protocol sections "Join payload" and "Client → server messages".

mod error;
mod join;
mod plain;
#[cfg(test)]
mod tests;
mod unread;
mod upload;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::Deserializer;

use super::frame::{Frame, Payload};
use super::{keys, text};

pub use error::MessageError;
pub use join::{JoinParams, JoinPayload, OwnParams};
pub use unread::Unread;
pub use upload::{AllowUpload, Announced, ClientFile, Progress, Reported, UploadJoin};

/// A message from the browser.
#[derive(Debug)]
pub enum ClientMessage<'a> {
    /// `heartbeat` on topic `phoenix`; answered by the connection itself.
    Heartbeat,
    /// `phx_join`: attach a view.
    Join(JoinPayload<'a>),
    /// `phx_leave`: let go of the topic; its payload is not read.
    Leave,
    /// `event`: a user acted.
    Event(EventPayload<'a>),
    /// `live_patch`: show another URL of the same view.
    LivePatch {
        /// Absolute URL.
        url: Cow<'a, str>,
    },
    /// `cids_will_destroy`: these components have no element left.
    CidsWillDestroy(Vec<u64>),
    /// `cids_destroyed`: these components are gone from the browser.
    CidsDestroyed(Vec<u64>),
    /// `allow_upload`: the files of one input ask to be uploaded.
    AllowUpload(AllowUpload<'a>),
    /// `progress`: an upload went on.
    Progress(Progress<'a>),
    /// Any other event, by the name the client gave it (never a span or metric name).
    Unknown(Cow<'a, str>),
}

/// Payload of `event`.
///
/// ```json
/// {"type":"click","event":"save","value":{"id":"7","value":""},"cid":2}
/// {"type":"form","event":"validate","value":"name=Ann","meta":{"_target":"name"},"uploads":{}}
/// ```
#[derive(Debug, Deserialize)]
pub struct EventPayload<'a> {
    /// How the value is encoded. Key `type`; absent or `null` reads as [`EventKind::Other`].
    #[serde(rename = "type", default)]
    pub kind: EventKind,
    /// The event's name as the client gave it; names beginning `lv:` belong to the runtime.
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    /// A form's URL-encoded text as a JSON string, or any JSON; absent reads as `null`.
    #[serde(borrow, default = "null")]
    pub value: Unread<'a>,
    /// The component addressed, if any.
    #[serde(default)]
    pub cid: Option<u64>,
    /// Object laid over a form's fields; only with [`EventKind::Form`].
    #[serde(borrow, default)]
    pub meta: Option<Unread<'a>>,
    /// Files announced by a form's change: `{upload_ref: [entry, …]}`.
    #[serde(borrow, default)]
    pub uploads: Option<Unread<'a>>,
}

impl EventPayload<'_> {
    /// The URL-encoded text of a form; `None` where the value is no text.
    pub(crate) fn form_text(&self) -> Option<Cow<'_, str>> {
        self.value.text()
    }
}

/// How the value of an event is encoded. The client's `type` is no closed set; only `form` changes
/// the decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EventKind {
    /// `value` is a URL-encoded string.
    Form,
    /// `value` is JSON.
    #[default]
    Other,
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = text::optional(deserializer)?;
        Ok(if name.as_deref() == Some("form") { Self::Form } else { Self::Other })
    }
}

impl Frame<'_> {
    /// What the frame asks for.
    ///
    /// # Errors
    /// [`MessageError::Payload`] when the payload is not what the named event needs,
    /// [`MessageError::Binary`] when it is raw bytes.
    pub fn message(&self) -> Result<ClientMessage<'_>, MessageError> {
        Ok(match &*self.event {
            keys::HEARTBEAT if self.topic == keys::TOPIC_HEARTBEAT => ClientMessage::Heartbeat,
            keys::LEAVE => ClientMessage::Leave,
            keys::JOIN => ClientMessage::Join(self.read(keys::JOIN)?),
            keys::EVENT => ClientMessage::Event(match plain::event(self.json(keys::EVENT)?) {
                Some(payload) => payload,
                None => self.read(keys::EVENT)?,
            }),
            keys::LIVE_PATCH => {
                let LivePatch { url } = self.read(keys::LIVE_PATCH)?;
                ClientMessage::LivePatch { url }
            }
            keys::CIDS_WILL_DESTROY => {
                ClientMessage::CidsWillDestroy(self.read::<Cids>(keys::CIDS_WILL_DESTROY)?.cids)
            }
            keys::CIDS_DESTROYED => {
                ClientMessage::CidsDestroyed(self.read::<Cids>(keys::CIDS_DESTROYED)?.cids)
            }
            keys::ALLOW_UPLOAD => ClientMessage::AllowUpload(self.read(keys::ALLOW_UPLOAD)?),
            keys::PROGRESS => ClientMessage::Progress(self.read(keys::PROGRESS)?),
            unknown => ClientMessage::Unknown(Cow::Borrowed(unknown)),
        })
    }

    /// The payload of a join on the topic of an upload.
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn upload_join(&self) -> Result<UploadJoin<'_>, MessageError> {
        self.read(keys::JOIN)
    }

    fn read<'a, T: Deserialize<'a>>(&'a self, event: &'static str) -> Result<T, MessageError> {
        serde_json::from_str(self.json(event)?)
            .map_err(|source| MessageError::Payload { event, source })
    }

    const fn json(&self, event: &'static str) -> Result<&str, MessageError> {
        match self.payload {
            Payload::Json(json) => Ok(json),
            Payload::Binary(_) => Err(MessageError::Binary { event }),
        }
    }
}

#[derive(Deserialize)]
struct LivePatch<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Cids {
    cids: Vec<u64>,
}

const fn null() -> Unread<'static> {
    Unread::NULL
}
