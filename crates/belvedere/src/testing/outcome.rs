//! [`Outcome`]: what can become of a page.

use serde_json::Value;

/// What became of the page, besides its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Never joined, or joined and well.
    #[default]
    Open,
    /// The join was refused with this response.
    Refused(Value),
    /// The view crashed; the client would join again.
    Crashed,
    /// The server closed this topic.
    Closed,
    /// The server sent the browser to this path by a full load.
    Redirected(String),
    /// The browser has loaded a page without a live view, which answers with this status; the view's
    /// HTML and texts are its.
    Loaded(u16),
    /// The server closed the socket with this code.
    Disconnected(u16),
}
