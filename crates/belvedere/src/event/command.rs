//! The client's commands as an attribute's text: JSON, escaped for HTML.
//!
//! `[["push",{"event":"delete","value":{"id":7}}]]` is an event with its payload, ready in the page,
//! so a click sends both. The code of the derive macro writes it; [`crate::js`] writes it among
//! other commands.
//!
//! Source of the format: protocol section "JS command encoding".

use std::fmt::Write as _;
use std::io;

use maud::Escaper;
use serde::Serialize;
use serde_json::Serializer;

use super::exact::Exact;
use super::measured::is_measured;
use super::{EventField, EventName, rendered};

/// Around the arguments of a push command that stands alone. Quotes are escaped already, as they
/// are in all constants here.
const HEAD: &str = "[[&quot;push&quot;,";
const TAIL: &str = "}]]";

/// An event as a push command has it: its name and its fields. `#[derive(LiveEvent)]` implements it,
/// and [`EventName`] does for events whose payload the browser brings.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "push a variant of an enum with `#[derive(LiveEvent)]`, such as `Event::Close`, or the \
            name of one that a form fills, such as `Event::SAVE`"
)]
pub trait PushEvent {
    /// Begins the arguments of a push command.
    #[doc(hidden)]
    fn push<'a>(&self, out: &'a mut String) -> PushCommand<'a>;
}

impl<T: PushEvent> PushEvent for &T {
    fn push<'a>(&self, out: &'a mut String) -> PushCommand<'a> {
        T::push(self, out)
    }
}

impl PushEvent for EventName {
    fn push<'a>(&self, out: &'a mut String) -> PushCommand<'a> {
        PushCommand::begin(out, self.as_str())
    }
}

/// Writes an event as the whole value of an attribute: its bare name, or a push command when it has
/// fields.
///
/// If a field cannot be serialised, the bare name stands in the attribute too: the page stays whole
/// and the event arrives without its payload, to be refused with its field named.
pub fn render_event<T: PushEvent>(event: &T, out: &mut String) {
    render(out, |out| event.push(out));
}

/// As [`render_event`], of the command that `push` writes.
pub(super) fn render(
    out: &mut String,
    push: impl for<'a> FnOnce(&'a mut String) -> PushCommand<'a>,
) {
    let start = out.len();
    out.push_str(HEAD);
    let command = push(out);
    let name = command.event;
    if command.end() {
        out.push_str(TAIL);
    } else {
        out.truncate(start);
        out.push_str(name);
    }
}

/// The arguments of a push command being written, field by field: `{"event":…,"value":{…}`, still
/// open for more.
#[derive(Debug)]
pub struct PushCommand<'a> {
    out: &'a mut String,
    event: &'static str,
    /// Whether it asks for what the browser measures.
    asks: bool,
    /// Where the payload begins.
    start: usize,
    fields: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fields {
    None,
    Some,
    Failed,
}

impl<'a> PushCommand<'a> {
    /// Begins a command for a declared event, whose name is an identifier and needs no escaping.
    pub fn begin(out: &'a mut String, event: &'static str) -> Self {
        rendered::note(event);
        out.push_str("{&quot;event&quot;:&quot;");
        out.push_str(event);
        out.push_str("&quot;");
        let start = out.len();
        Self { out, event, asks: false, start, fields: Fields::None }
    }

    /// Asks for those of these keys that the browser's script measures.
    pub(super) fn brings(mut self, keys: impl Iterator<Item = &'static str>) -> Self {
        for key in keys.filter(|key| is_measured(key)) {
            let is_first = !std::mem::replace(&mut self.asks, true);
            self.out.push_str(if is_first { ",&quot;brings&quot;:&quot;" } else { " " });
            self.out.push_str(key);
        }
        if self.asks {
            self.out.push_str("&quot;");
        }
        self.start = self.out.len();
        self
    }

    /// Adds one field of its payload.
    #[must_use]
    pub fn field<T: EventField>(mut self, key: &'static str, value: &T) -> Self {
        if self.fields == Fields::Failed {
            return self;
        }
        self.key(key);
        if !json_of_field(value, self.out) {
            self.fields = Fields::Failed;
        }
        self
    }

    /// Adds one field whose value stands where `mark` is.
    pub(super) fn mark(mut self, key: &'static str, mark: &str, is_text: bool) -> Self {
        self.key(key);
        let quote = if is_text { "&quot;" } else { "" };
        for part in [quote, mark, quote] {
            self.out.push_str(part);
        }
        self
    }

    fn key(&mut self, key: &'static str) {
        let is_first = self.fields == Fields::None;
        self.out.push_str(if is_first { ",&quot;value&quot;:{&quot;" } else { ",&quot;" });
        self.out.push_str(key);
        self.out.push_str("&quot;:");
        self.fields = Fields::Some;
    }

    /// Ends the payload, and takes it back if a field could not be serialised. Says whether the command
    /// says more than the event's name.
    pub(crate) fn end(self) -> bool {
        match self.fields {
            Fields::None => {}
            Fields::Some => self.out.push('}'),
            Fields::Failed => self.out.truncate(self.start),
        }
        self.fields == Fields::Some || self.asks && self.fields == Fields::None
    }
}

/// A JSON object being written into HTML.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// An object without entries.
    pub(crate) fn begin(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, is_empty: true }
    }

    /// The arguments of a push command, which [`end`](Self::end) closes.
    pub(crate) fn push(out: &'a mut String, event: &impl PushEvent) -> Self {
        event.push(out).end();
        Self { out, is_empty: false }
    }

    /// Adds an entry.
    pub(crate) fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(',');
        }
        json(self.out, key);
        self.out.push(':');
        json(self.out, value);
    }

    /// Adds an entry if there is a value.
    pub(crate) fn optional<T: Serialize>(&mut self, key: &str, value: Option<T>) {
        if let Some(value) = value {
            self.entry(key, &value);
        }
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.out.push('}');
    }
}

/// Appends the value of a field, as JSON escaped for HTML. Says whether it could be serialised; what was
/// written before it could not stays.
pub(super) fn json_of_field<T: EventField>(value: &T, out: &mut String) -> bool {
    let mut serializer = Serializer::with_formatter(EscapedWriter(out), Exact::default());
    value.serialize(&mut serializer).is_ok()
}

/// Appends a value of a type whose serialisation cannot fail, as all that [`crate::js`] takes.
fn json<T: Serialize + ?Sized>(out: &mut String, value: &T) {
    serde_json::to_writer(EscapedWriter(out), value)
        .expect("text, numbers and JSON values are serialised without failing");
}

/// Writes JSON into HTML, escaped.
struct EscapedWriter<'a>(&'a mut String);

impl io::Write for EscapedWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The serialiser hands over whole characters, so this fails for none of its output.
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        Escaper::new(self.0).write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
