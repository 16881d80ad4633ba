//! What comes with a DOM event.

use serde_json::{Map, Value};

use crate::event::command::Object;

/// How [`Js::dispatch_with`](super::Js::dispatch_with) dispatches an event.
///
/// ```
/// use belvedere::js::{Dispatch, Js, Target};
///
/// let text = "Hello";
/// # let _ =
/// Js::new().dispatch_with(
///     "app:copy",
///     Target::This,
///     Dispatch { detail: vec![("text", text.into()), ("times", 2.into())], ..Dispatch::default() },
/// )
/// # ;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch<'a> {
    /// The event's `detail`, key by key; the browser adds `dispatcher`, the element. Not for an
    /// event `click`, which is a mouse event. Default: none.
    pub detail: Vec<(&'a str, Value)>,
    /// Whether ancestors hear it. Default: yes.
    pub bubbles: bool,
    /// Whether what the server sends waits until a script has called `detail.done()`. Default: no.
    pub blocking: bool,
}

impl Default for Dispatch<'_> {
    fn default() -> Self {
        Self { detail: Vec::new(), bubbles: true, blocking: false }
    }
}

impl Dispatch<'_> {
    pub(super) fn write(self, args: &mut Object<'_>) {
        if !self.detail.is_empty() {
            let named = self.detail.into_iter().map(|(key, value)| (key.to_owned(), value));
            args.entry("detail", &Map::from_iter(named));
        }
        args.optional("bubbles", (!self.bubbles).then_some(false));
        args.optional("blocking", self.blocking.then_some(true));
    }
}
