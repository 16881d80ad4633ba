//! What inputs a form's type has: one slot for each input and for each list of rows.
//!
//! Nested structs have no slot of their own: theirs stand in the slots of the struct around them. A
//! row has slots of its own.

use std::fmt;

use serde_json::{Map, Value};

use crate::wire::keys::FORM_UNUSED;

/// Whether a browser says of any input, at any depth, that nobody has used it.
pub(super) fn says_unused(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(key, value)| {
        key.starts_with(FORM_UNUSED) || value.as_object().is_some_and(says_unused)
    })
}

/// Most rows of one list, unless its field says `#[form(max_rows = …)]`.
const MAX_ROWS: usize = 200;

/// The slots of one form or one row, in the order of the struct's fields.
#[derive(Debug)]
pub struct Schema {
    pub(super) slots: Vec<Slot>,
}

impl Schema {
    /// The schema that `describe` writes; the derive macro keeps it in a `static`.
    #[must_use]
    pub fn new(describe: impl FnOnce(&mut SchemaBuilder)) -> Self {
        let mut builder = SchemaBuilder { slots: Vec::new(), keys: Vec::new() };
        describe(&mut builder);
        Self { slots: builder.slots }
    }
}

/// An input, or a list of rows.
#[derive(Debug)]
pub(crate) struct Slot {
    /// From the form or row to it: `["address", "city"]`.
    pub(super) keys: Vec<&'static str>,
    /// The same at the end of an input's name: `[address][city]`, and `[tags][]` of a list.
    pub(super) suffix: String,
    pub(super) kind: Kind,
    /// The key beside its own that says that nobody has used it.
    pub(super) unused: String,
    /// Names of constraints of a database, each with what is said when it refuses.
    pub(super) constraints: Vec<(&'static str, &'static str)>,
    pub(super) max_rows: usize,
}

impl Slot {
    /// Its own key in what holds it.
    pub(super) fn key(&self) -> &'static str {
        self.keys.last().expect("a slot has a key")
    }
}

/// What a slot holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// One text; not sent means that it is not in the page.
    Text,
    /// Yes or no; an empty text means no, not sent that it is not in the page.
    Flag,
    /// Any number of texts, of which empty ones do not count; not sent means that it is not in the page.
    List,
    /// Rows of this schema.
    Rows(fn() -> &'static Schema),
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text => "Text",
            Self::Flag => "Flag",
            Self::List => "List",
            Self::Rows(_) => "Rows",
        })
    }
}

/// Takes down the fields of a struct, one after the other.
#[derive(Debug)]
pub struct SchemaBuilder {
    slots: Vec<Slot>,
    /// The nested structs around.
    keys: Vec<&'static str>,
}

impl SchemaBuilder {
    /// Describes the fields of a nested struct under its key.
    pub fn nested(&mut self, key: &'static str, describe: impl FnOnce(&mut Self)) {
        self.keys.push(key);
        describe(self);
        self.keys.pop();
    }

    pub(super) fn slot(&mut self, key: &'static str, kind: Kind) {
        let keys: Vec<_> = self.keys.iter().copied().chain([key]).collect();
        let mut suffix: String = keys.iter().map(|key| format!("[{key}]")).collect();
        if matches!(kind, Kind::List) {
            suffix.push_str("[]");
        }
        let unused = format!("{FORM_UNUSED}{key}");
        let slot = Slot { keys, suffix, kind, unused, constraints: Vec::new(), max_rows: MAX_ROWS };
        self.slots.push(slot);
    }

    /// What is said at the field described last when the database's constraint of this name refuses.
    pub fn constraint(&mut self, name: &'static str, text: &'static str) {
        if let Some(slot) = self.slots.last_mut() {
            slot.constraints.push((name, text));
        }
    }

    /// Most rows of the list described last.
    pub fn max_rows(&mut self, max_rows: usize) {
        if let Some(slot) = self.slots.last_mut() {
            slot.max_rows = max_rows;
        }
    }
}
