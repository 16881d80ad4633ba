//! An event's declared name as a value for templates.

use std::fmt;

use super::rendered;

/// The declared name of an event, for attributes where the browser brings the payload:
/// `phx-change=(Event::VALIDATE)`, `phx-submit=(Event::SAVE)`.
///
/// Made by the derive macro from an identifier, so it needs no escaping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventName(&'static str);

impl EventName {
    /// For the derive macro; a name that no view declares is answered as unknown.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl maud::Render for EventName {
    fn render_to(&self, buffer: &mut String) {
        rendered::note(self.0);
        self.0.render_to(buffer);
    }
}
