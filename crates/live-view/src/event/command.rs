//! The client's `push` command as an attribute's text.
//!
//! `[["push",{"event":"delete","value":{"id":7}}]]`, escaped for HTML: an event with its payload,
//! ready in the page, so a click sends both. Written by the code of the derive macro.
//!
//! Source of the format: protocol section "JS command encoding".

use std::fmt::Write as _;
use std::io;

use maud::Escaper;

use super::EventField;

/// Everything before the event's name. Quotes are escaped already, as they are in all constants
/// here; names are identifiers and need no escaping.
const HEAD: &str = "[[&quot;push&quot;,{&quot;event&quot;:&quot;";
const VALUE: &str = "&quot;,&quot;value&quot;:{";
const TAIL: &str = "}}]]";

/// A push command being written, field by field, into a page.
///
/// If a field cannot be serialised, what was written is taken back and the bare name stands in the
/// attribute: the page stays whole and the event arrives without its payload, to be refused with
/// its field named.
#[derive(Debug)]
pub struct PushCommand<'a> {
    out: &'a mut String,
    start: usize,
    event: &'static str,
    fields: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fields {
    None,
    Some,
    Failed,
}

impl<'a> PushCommand<'a> {
    /// Begins a command for a declared event.
    pub fn begin(out: &'a mut String, event: &'static str) -> Self {
        let start = out.len();
        out.push_str(HEAD);
        out.push_str(event);
        out.push_str(VALUE);
        Self { out, start, event, fields: Fields::None }
    }

    /// Adds one field of its payload.
    #[must_use]
    pub fn field<T: EventField>(mut self, key: &'static str, value: &T) -> Self {
        if self.fields == Fields::Failed {
            return self;
        }
        self.out.push_str(if self.fields == Fields::Some { ",&quot;" } else { "&quot;" });
        self.out.push_str(key);
        self.out.push_str("&quot;:");
        self.fields = match serde_json::to_writer(EscapedWriter(self.out), value) {
            Ok(()) => Fields::Some,
            Err(_) => Fields::Failed,
        };
        self
    }

    /// Ends the command.
    pub fn end(self) {
        if self.fields == Fields::Failed {
            self.out.truncate(self.start);
            self.out.push_str(self.event);
        } else {
            self.out.push_str(TAIL);
        }
    }
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
