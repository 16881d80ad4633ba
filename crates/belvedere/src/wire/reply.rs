//! Frames to the browser, written straight into a `String`.
//!
//! The caller owns the buffer and reuses it; a payload is written by a closure into the same
//! buffer, so a diff is never copied. What stands in a response besides a diff is
//! [`super::response`]'s.
//!
//! Source of the format: protocol section "Text frames (serializer 2.0.0)".

use super::json::write_json_string;
use super::keys;

/// The incarnation of a topic a frame is for, as each frame for it says it.
///
/// Written once for each join, since it stands in each frame: `["4",` before the message's ref, `,"lv:x",`
/// after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    written: Box<str>,
    /// Where the message's ref belongs.
    ref_at: usize,
}

impl Address {
    /// `join_ref` is the ref of the join; the client drops frames whose join ref is not the current one.
    /// `None` only where nothing is joined: refusals without a channel.
    #[must_use]
    pub fn new(join_ref: Option<&str>, topic: &str) -> Self {
        let mut written = String::from("[");
        write_ref(&mut written, join_ref);
        written.push(',');
        let ref_at = written.len();
        written.push(',');
        write_json_string(&mut written, topic);
        written.push(',');
        Self { written: written.into(), ref_at }
    }

    /// The ref of the join, as JSON.
    fn join_ref(&self) -> &str {
        &self.written[1..self.ref_at - 1]
    }

    /// Appends it with the message's ref in its place.
    fn write(&self, out: &mut String, message_ref: impl FnOnce(&mut String)) {
        let (before, after) = self.written.split_at(self.ref_at);
        out.push_str(before);
        message_ref(out);
        out.push_str(after);
    }
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
    /// What a reply with it says before its response.
    const fn head(self) -> &'static str {
        match self {
            Self::Ok => keys::REPLY_OK,
            Self::Error => keys::REPLY_ERROR,
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
/// let address = Address::new(Some("4"), "lv:x");
/// write_reply(&mut out, &address, Some("5"), Status::Ok, |out| out.push_str("{}"));
/// assert_eq!(out, r#"["4","5","lv:x","phx_reply",{"status":"ok","response":{}}]"#);
/// ```
pub fn write_reply(
    out: &mut String,
    address: &Address,
    message_ref: Option<&str>,
    status: Status,
    response: impl FnOnce(&mut String),
) {
    address.write(out, |out| write_ref(out, message_ref));
    write_response(out, status, response);
}

/// Appends the reply to the join itself; `response` must write exactly one JSON object.
///
/// `["4","4","lv:x","phx_reply",{"status":"ok","response":{"rendered":{…}}}]`
pub fn write_join_reply(
    out: &mut String,
    address: &Address,
    status: Status,
    response: impl FnOnce(&mut String),
) {
    address.write(out, |out| out.push_str(address.join_ref()));
    write_response(out, status, response);
}

fn write_response(out: &mut String, status: Status, response: impl FnOnce(&mut String)) {
    out.push_str(status.head());
    response(out);
    out.push_str("}]");
}

/// Appends a push; `payload` must write exactly one JSON object.
///
/// `["4",null,"lv:x","diff",{"0":"2"}]`
pub fn write_push(
    out: &mut String,
    address: &Address,
    event: &str,
    payload: impl FnOnce(&mut String),
) {
    address.write(out, |out| write_ref(out, None));
    write_json_string(out, event);
    out.push(',');
    payload(out);
    out.push(']');
}

/// Appends `phx_close`: the topic has ended and the client left it or is about to.
///
/// The client never joins a closed topic again; anything that should come back is
/// [`write_error`].
pub fn write_close(out: &mut String, address: &Address) {
    write_end(out, address, keys::CLOSE);
    out.push_str("{}]");
}

/// Appends `phx_error`: the view crashed and the client should join again.
///
/// `["4","4","lv:x","phx_error",{"reason":"channel_crash"}]`
pub fn write_error(out: &mut String, address: &Address) {
    write_end(out, address, keys::ERROR);
    out.push_str("{\"");
    out.push_str(keys::REASON);
    out.push_str("\":\"channel_crash\"}]");
}

/// Everything up to the payload, of a message that says the ref of the join once more.
fn write_end(out: &mut String, address: &Address, event: &str) {
    address.write(out, |out| out.push_str(address.join_ref()));
    write_json_string(out, event);
    out.push(',');
}

/// Appends the answer to a heartbeat.
///
/// `[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]`
pub fn write_heartbeat_reply(out: &mut String, message_ref: Option<&str>) {
    out.push_str("[null,");
    write_ref(out, message_ref);
    out.push_str(",\"");
    out.push_str(keys::TOPIC_HEARTBEAT);
    out.push_str("\",");
    write_response(out, Status::Ok, |out| out.push_str("{}"));
}

fn write_ref(out: &mut String, reference: Option<&str>) {
    match reference {
        Some(reference) => write_json_string(out, reference),
        None => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests;
