//! Frames to the browser, written straight into a `String`.
//!
//! The caller owns the buffer and reuses it; a payload is written by a closure into the same
//! buffer, so a diff is never copied. What stands in a response besides a diff is
//! [`super::response`]'s.
//!
//! Source of the format: protocol section "Text frames (serializer 2.0.0)".

use super::json::write_json_string;
use super::keys;

/// The incarnation of a topic a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// Ref of the join; the client drops frames whose join ref is not the current one. `None` only
    /// where nothing is joined: heartbeats, refusals without a channel.
    pub join_ref: Option<&'a str>,
    /// The topic.
    pub topic: &'a str,
}

impl Address<'static> {
    /// Where heartbeats are answered.
    pub const HEARTBEAT: Self = Self { join_ref: None, topic: keys::TOPIC_HEARTBEAT };
}

/// Whether a request was granted.
///
/// An `Error` does not unlock the elements that wait for the reply: `event`, `live_patch` and
/// `progress` are always answered `Ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `"ok"`
    Ok,
    /// `"error"`
    Error,
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// Appends the reply to one message; `response` must write exactly one JSON object.
///
/// `["4","5","lv:x","phx_reply",{"status":"ok","response":{"diff":{"0":"1"}}}]`
///
/// ```
/// use belvedere::wire::{Address, Status, reply::write_reply};
///
/// let mut out = String::new();
/// let address = Address { join_ref: Some("4"), topic: "lv:x" };
/// write_reply(&mut out, &address, Some("5"), Status::Ok, |out| out.push_str("{}"));
/// assert_eq!(out, r#"["4","5","lv:x","phx_reply",{"status":"ok","response":{}}]"#);
/// ```
pub fn write_reply(
    out: &mut String,
    address: &Address<'_>,
    message_ref: Option<&str>,
    status: Status,
    response: impl FnOnce(&mut String),
) {
    write_head(out, address, message_ref, keys::REPLY);
    out.push_str("{\"");
    out.push_str(keys::STATUS);
    out.push_str("\":\"");
    out.push_str(status.as_str());
    out.push_str("\",\"");
    out.push_str(keys::RESPONSE);
    out.push_str("\":");
    response(out);
    out.push_str("}]");
}

/// Appends a push; `payload` must write exactly one JSON object.
///
/// `["4",null,"lv:x","diff",{"0":"2"}]`
pub fn write_push(
    out: &mut String,
    address: &Address<'_>,
    event: &str,
    payload: impl FnOnce(&mut String),
) {
    write_head(out, address, None, event);
    payload(out);
    out.push(']');
}

/// Appends `phx_close`: the topic has ended and the client left it or is about to.
///
/// The client never joins a closed topic again; anything that should come back is
/// [`write_error`].
pub fn write_close(out: &mut String, address: &Address<'_>) {
    write_head(out, address, address.join_ref, keys::CLOSE);
    out.push_str("{}]");
}

/// Appends `phx_error`: the view crashed and the client should join again.
///
/// `["4","4","lv:x","phx_error",{"reason":"channel_crash"}]`
pub fn write_error(out: &mut String, address: &Address<'_>) {
    write_head(out, address, address.join_ref, keys::ERROR);
    out.push_str("{\"");
    out.push_str(keys::REASON);
    out.push_str("\":\"channel_crash\"}]");
}

/// Appends the answer to a heartbeat.
///
/// `[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]`
pub fn write_heartbeat_reply(out: &mut String, message_ref: Option<&str>) {
    write_reply(out, &Address::HEARTBEAT, message_ref, Status::Ok, |out| out.push_str("{}"));
}

/// Everything up to the payload, its comma included.
fn write_head(out: &mut String, address: &Address<'_>, message_ref: Option<&str>, event: &str) {
    out.push('[');
    write_ref(out, address.join_ref);
    out.push(',');
    write_ref(out, message_ref);
    out.push(',');
    write_json_string(out, address.topic);
    out.push(',');
    write_json_string(out, event);
    out.push(',');
}

fn write_ref(out: &mut String, reference: Option<&str>) {
    match reference {
        Some(reference) => write_json_string(out, reference),
        None => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests;
