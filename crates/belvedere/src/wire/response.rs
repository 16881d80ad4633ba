//! What stands in the `response` of a reply, or in the payload of a push, besides a diff.
//!
//! Joins granted and refused, navigation, deleted components. Each writer appends one JSON object
//! (or, where it says so, one member of it), for use inside [`super::reply`]'s closures.
//!
//! Source of the format: protocol sections "Success reply", "Error replies" of joins and "Response
//! keys".

use super::json::{self, write_json_string};
use super::keys;
use crate::navigation::History;

mod upload;

pub use upload::{Grant, Granted, Preflight, UploadConfig, UploadRefusal};

/// Appends the response to a granted join: `{"liveview_version":"1.2.12","rendered":{…}}`.
///
/// `rendered` must write the whole tree as one JSON object. `patched` is the URL the view moved to
/// while it mounted, if it did. `container` is the element that a live navigation shows the view in,
/// tag and attributes: `["main",{"class":"wide"}]`.
pub fn write_joined(
    out: &mut String,
    version: &str,
    patched: Option<&Navigation<'_>>,
    container: Option<&(&str, Vec<(&str, &str)>)>,
    rendered: impl FnOnce(&mut String),
) {
    out.push('{');
    write_text_member(out, keys::VERSION, version);
    out.push(',');
    write_key(out, keys::RENDERED);
    rendered(out);
    if let Some(patched) = patched {
        out.push(',');
        patched.write_member(out);
    }
    if let Some((tag, attributes)) = container {
        out.push(',');
        write_key(out, keys::CONTAINER);
        out.push('[');
        write_json_string(out, tag);
        out.push_str(",{");
        for (index, (name, value)) in attributes.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            write_json_string(out, name);
            out.push(':');
            write_json_string(out, value);
        }
        out.push_str("}]");
    }
    out.push('}');
}

/// Appends the response to a join that shows nothing:
/// `{"liveview_version":"1.2.12","rendered":{"s":[""]}}`.
pub fn write_blank(out: &mut String, version: &str) {
    write_joined(out, version, None, None, |out| {
        out.push('{');
        write_key(out, keys::STATICS);
        out.push_str("[\"\"]}");
    });
}

/// Appends the response to `cids_destroyed`: `{"cids":[3]}`, those really deleted.
pub fn write_cids(out: &mut String, cids: &[u64]) {
    out.push('{');
    write_key(out, keys::CIDS);
    out.push('[');
    for (index, cid) in cids.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        json::number(out, *cid);
    }
    out.push_str("]}");
}

/// Appends `{"link_redirect":true}`: the URL of a `live_patch` request belongs to another view.
pub fn write_link_redirect(out: &mut String) {
    out.push('{');
    write_key(out, keys::LINK_REDIRECT);
    out.push_str("true}");
}

/// Why a join is refused; the response of a reply with status `error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinRefusal<'a> {
    /// A token is missing, forged, of another version, expired or of another page; the client
    /// loads the page anew and gets fresh ones.
    Stale,
    /// The route is gone or yields another view; the client loads the page anew.
    Unauthorized,
    /// The view failed; the client reloads after a few seconds.
    Crashed,
    /// The browser keeps no cookies, so that it is nobody's; the client reloads after a few seconds.
    NoCookies,
    /// The server is too busy to mount the view; the client reloads after a few seconds.
    Busy,
    /// No view can have that topic, or a message came for one that is not joined.
    UnmatchedTopic,
    /// The connection has as many views as it may.
    TooManyJoins,
    /// More joins come than the server takes; the client reloads after a few seconds.
    Crowded,
    /// More joins come from the client's address than it may have.
    CrowdedAddress,
    /// As many views are joined as the server takes; the client reloads after a few seconds.
    Full,
    /// As many views are joined from the client's address as it may have.
    FullAddress,
    /// The page answers with an error status; the client loads it with `token` in a cookie.
    Reload {
        /// HTTP status of the page.
        status: u16,
        /// Signed [`super::token::ReloadToken`].
        token: &'a str,
    },
    /// The view sends the client elsewhere.
    Navigate(Navigation<'a>),
}

impl JoinRefusal<'_> {
    /// The word the client is told, which is also the value of a metric's attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Unauthorized => "unauthorized",
            Self::Crashed => "join crashed",
            Self::NoCookies => "no cookies",
            Self::Busy => "busy",
            Self::UnmatchedTopic => "unmatched topic",
            Self::TooManyJoins => "too many channels joined",
            Self::Crowded => "too many joins",
            Self::CrowdedAddress => "too many joins of one address",
            Self::Full => "too many views",
            Self::FullAddress => "too many views of one address",
            Self::Reload { .. } => "reload",
            Self::Navigate(navigation) => navigation.key(),
        }
    }

    /// Appends `{"reason":"stale"}`, `{"reason":"reload","status":404,"token":"…"}` or
    /// `{"redirect":{…}}`.
    pub fn write(&self, out: &mut String) {
        out.push('{');
        match self {
            Self::Navigate(navigation) => navigation.write_member(out),
            refusal => write_text_member(out, keys::REASON, refusal.reason()),
        }
        if let Self::Reload { status, token } = self {
            out.push(',');
            write_key(out, keys::STATUS);
            json::number(out, *status);
            out.push(',');
            write_text_member(out, keys::TOKEN, token);
        }
        out.push('}');
    }
}

/// A move the server asks the browser to make.
///
/// `to` is written as it is: that it is a local path was checked where it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Navigation<'a> {
    /// Same view, new URL: `{"kind":"push","to":"/users?page=1"}`.
    Patch {
        /// Local path.
        to: &'a str,
        /// Which history operation.
        kind: History,
    },
    /// Another view on the same connection: `{"kind":"push","to":"/users","flash":"F…"}`.
    Navigate {
        /// Local path.
        to: &'a str,
        /// Which history operation.
        kind: History,
        /// Flash token; absent when there is no flash.
        flash: Option<&'a str>,
    },
    /// A full load: `{"to":"/login","flash":"F…"}`.
    Redirect {
        /// Local path or checked external URL.
        to: &'a str,
        /// Flash token; absent when there is no flash.
        flash: Option<&'a str>,
    },
}

impl Navigation<'_> {
    /// Name of the push, or of the key in a response: `live_patch`, `live_redirect`, `redirect`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Patch { .. } => keys::LIVE_PATCH,
            Self::Navigate { .. } => keys::LIVE_REDIRECT,
            Self::Redirect { .. } => keys::REDIRECT,
        }
    }

    /// Where it leads.
    #[must_use]
    pub const fn to(&self) -> &str {
        match self {
            Self::Patch { to, .. } | Self::Navigate { to, .. } | Self::Redirect { to, .. } => to,
        }
    }

    /// Appends the object alone, the payload of a push named [`Navigation::key`].
    pub fn write(&self, out: &mut String) {
        let (to, kind, flash) = match *self {
            Self::Patch { to, kind } => (to, Some(kind), None),
            Self::Navigate { to, kind, flash } => (to, Some(kind), flash),
            Self::Redirect { to, flash } => (to, None, flash),
        };
        out.push('{');
        if let Some(kind) = kind {
            write_text_member(out, keys::KIND, kind.as_str());
            out.push(',');
        }
        write_text_member(out, keys::TO, to);
        if let Some(flash) = flash {
            out.push(',');
            write_text_member(out, keys::FLASH, flash);
        }
        out.push('}');
    }

    /// Appends `"live_redirect":{…}`, one member of a response.
    pub fn write_member(&self, out: &mut String) {
        write_key(out, self.key());
        self.write(out);
    }
}

/// Appends a key that needs no escaping, with its quotes and colon.
fn write_key(out: &mut String, key: &str) {
    out.push('"');
    out.push_str(key);
    out.push_str("\":");
}

fn write_text_member(out: &mut String, key: &str, text: &str) {
    write_key(out, key);
    write_json_string(out, text);
}
