//! What a user does on a page, as a typed value.
//!
//! ```text
//! template ─▶ phx-click=(Event::Delete { id }) ─▶ HTML attribute
//! click ─▶ EventPayload ─▶ EventValue ─▶ LiveEvent::decode ─▶ handle_event
//! ```
//!
//! An author derives [`LiveEvent`] for an enum; its variants are the only events its view can
//! receive, and the template names them as values, so a misspelt one does not compile. What arrives
//! is read leniently (HTML knows only text) but completely: an event that lacks a field never
//! reaches the view. How the payload travels is the business of `wire::message`.
//!
//! ```
//! use belvedere::event::{EventValue, LiveEvent};
//! use serde::Deserialize;
//! use serde_json::value::RawValue;
//!
//! #[derive(LiveEvent, Debug, PartialEq)]
//! enum Event {
//!     Refresh,
//!     Delete { id: u32 },
//!     Save(UserForm),
//! }
//!
//! #[derive(Deserialize, Debug, PartialEq)]
//! struct UserForm {
//!     name: String,
//!     age: Option<u8>,
//! }
//!
//! // In a template.
//! let id = 7;
//! let buttons = maud::html! {
//!     button phx-click=(Event::Refresh) { "Refresh" }
//!     button phx-click=(Event::Delete { id }) { "Delete" }
//!     form phx-submit=(Event::SAVE) {}
//! };
//! assert!(buttons.0.contains(r#"phx-click="refresh""#));
//! assert!(buttons.0.contains("{&quot;id&quot;:7}"));
//! assert!(buttons.0.contains(r#"phx-submit="save""#));
//!
//! // From the wire.
//! let clicked: &RawValue = serde_json::from_str(r#"{"id":"7","value":""}"#)?;
//! let event = Event::decode("delete", &EventValue::from_json(clicked)?)?;
//! assert_eq!(event, Event::Delete { id: 7 });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod command;
mod decode;
mod error;
mod exact;
mod fields;
pub(crate) mod form;
pub(crate) mod measured;
mod name;
pub(crate) mod names;
pub(crate) mod rendered;
mod value;
pub(crate) mod written;

pub use command::PushEvent;
pub use error::{EventError, FieldProblem, Found, ValueError};
pub use fields::{EventField, EventFields, EventForm};
pub use form::FormLimits;
pub use name::EventName;
pub use value::EventValue;
pub(crate) use value::read_text;

pub use belvedere_macros::LiveEvent;

/// The events of one view; derived, see the [derive macro](derive@LiveEvent).
///
/// `()` stands for a view without events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of events",
    note = "derive it: `#[derive(LiveEvent)] enum Event {{ … }}`, or use `()` for no events"
)]
pub trait LiveEvent: Sized + Send + 'static {
    /// The declared names, as they stand in attributes and on the wire, in order of declaration.
    const NAMES: &'static [&'static str];

    /// The declared name of this event, for spans and metrics.
    fn name(&self) -> &'static str;

    /// Whether this event changes nothing beyond its page: `#[live_event(reads)]` says so. For guards
    /// ([`GuardedEvent::only_reads`](crate::GuardedEvent::only_reads)), which take an event of which
    /// nothing is said for one that may change anything.
    fn only_reads(&self) -> bool {
        false
    }

    /// Reads an event that came from a browser.
    ///
    /// # Errors
    /// [`EventError::Unknown`] when no such event is declared, [`EventError::Malformed`] when the
    /// payload lacks what the event needs.
    fn decode(name: &str, payload: &EventValue) -> Result<Self, EventError>;

    /// The event of this name, if it has nothing to be read: then its payload is not looked at.
    #[must_use]
    fn without_fields(name: &str) -> Option<Self> {
        let _ = name;
        None
    }

    /// The declared name equal to one a client sent: spans and metrics take this one, so that
    /// clients mint no names.
    #[must_use]
    fn declared_name(name: &str) -> Option<&'static str> {
        Self::NAMES.iter().copied().find(|declared| *declared == name)
    }
}

/// What a guard is told of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    /// Its declared name.
    pub(crate) name: &'static str,
    /// It was declared to change nothing.
    pub(crate) only_reads: bool,
}

impl Declared {
    pub(crate) fn of(event: &impl LiveEvent) -> Self {
        Self { name: event.name(), only_reads: event.only_reads() }
    }
}

impl LiveEvent for () {
    const NAMES: &'static [&'static str] = &[];

    fn name(&self) -> &'static str {
        ""
    }

    fn decode(name: &str, _payload: &EventValue) -> Result<Self, EventError> {
        Err(EventError::unknown::<Self>(name))
    }
}

#[cfg(test)]
mod tests;
