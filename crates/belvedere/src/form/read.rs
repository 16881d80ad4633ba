//! From texts to the form's type, every field tried, and back.

use super::Form;
use super::schema::{Kind, Schema};
use super::state::{Group, Raw, State, Wrong};
use super::words::Words;
use crate::event::FieldProblem;

/// Reads the fields of a struct from the slots of a group, one after the other.
pub struct Reader<'a> {
    slots: std::slice::IterMut<'a, State>,
    words: &'static dyn Words,
    is_clean: &'a mut bool,
}

/// What reading a form gave.
pub(super) struct Read<T> {
    /// The value, in which a placeholder stands for each text that cannot be read; `None` when there
    /// is none for one.
    pub(super) value: Option<T>,
    /// Whether all texts could be read.
    pub(super) is_clean: bool,
}

/// Reads all of a form, and notes at each input why it cannot be read.
pub(super) fn read<T: Form>(group: &mut Group, words: &'static dyn Words) -> Read<T> {
    let mut is_clean = true;
    let mut reader = Reader { slots: group.slots.iter_mut(), words, is_clean: &mut is_clean };
    let value = T::read(&mut reader);
    Read { value, is_clean }
}

impl Reader<'_> {
    /// Reads the next input; `blank` stands for it when it cannot be read.
    pub(super) fn input<V>(
        &mut self,
        read: impl FnOnce(&Raw) -> Result<V, FieldProblem>,
        blank: impl FnOnce() -> Option<V>,
    ) -> Option<V> {
        let Some(State::Input(input)) = self.slots.next() else {
            unreachable!("the schema says which slots are inputs")
        };
        match read(&input.raw) {
            Ok(value) => Some(value),
            Err(problem) => {
                input.wrong.found.push(self.words.problem(&problem));
                input.wrong.is_unread = true;
                *self.is_clean = false;
                blank()
            }
        }
    }

    /// Reads the next list of rows.
    pub(super) fn rows<R: Form>(&mut self) -> Option<Vec<R>> {
        let Some(State::Rows(rows)) = self.slots.next() else {
            unreachable!("the schema says which slots are rows")
        };
        let words = self.words;
        let mut values = Vec::with_capacity(rows.rows.len());
        for row in &mut rows.rows {
            let slots = row.group.slots.iter_mut();
            let mut reader = Reader { slots, words, is_clean: &mut *self.is_clean };
            values.push(R::read(&mut reader));
        }
        values.into_iter().collect()
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Reader(..)")
    }
}

/// Puts the fields of a struct into the slots of a group, one after the other.
#[derive(Debug)]
pub struct Writer<'a> {
    group: &'a mut Group,
    schema: &'static Schema,
    name: &'a str,
    slot: usize,
}

/// A group in which `value` stands.
pub(super) fn write<T: Form>(value: &T, name: &str) -> Group {
    let schema = T::schema();
    let mut group = Group::blank(schema);
    value.write(&mut Writer { group: &mut group, schema, name, slot: 0 });
    group
}

impl Writer<'_> {
    /// Fills the next input.
    pub(super) fn input(&mut self, raw: Raw) {
        self.group.input_mut(self.slot).raw = raw;
        self.slot += 1;
    }

    /// Fills the next list of rows.
    pub(super) fn rows<R: Form>(&mut self, values: &[R]) {
        let slot = &self.schema.slots[self.slot];
        let Kind::Rows(schema) = slot.kind else {
            unreachable!("the schema says which slots are rows")
        };
        let name = format!("{}{}", self.name, slot.suffix);
        let rows = self.group.rows_mut(self.slot);
        for value in values {
            if rows.add(&name, schema(), slot.max_rows.max(values.len())).is_some()
                && let Some(row) = rows.rows.last_mut()
            {
                row.group = write(value, &row.name);
            }
        }
        rows.used = false;
        self.slot += 1;
    }
}

/// Goes with a value through the slots of its group, for the checks of each struct in it.
pub struct Checker<'a> {
    pub(super) group: &'a mut Group,
    pub(super) schema: &'static Schema,
    pub(super) slot: usize,
    /// What is wrong with the form as a whole.
    pub(super) whole: &'a mut Wrong,
    /// Whether the value is the one that was typed, without placeholders.
    pub(super) is_clean: bool,
}

impl Checker<'_> {
    /// Passes the next input by: its text was read.
    pub(super) fn skip(&mut self) {
        self.slot += 1;
    }

    /// Checks the fields of a struct, then the struct.
    pub(super) fn all<T: Form>(&mut self, value: &T) {
        let start = self.slot;
        value.walk(self);
        value.check(&mut super::Errors::new(self, start));
    }

    /// Checks the next rows, each in its own group.
    pub(super) fn rows<R: Form>(&mut self, values: &[R]) {
        let rows = self.group.rows_mut(self.slot);
        for (value, row) in values.iter().zip(&mut rows.rows) {
            let group = &mut row.group;
            let (whole, is_clean) = (&mut *self.whole, self.is_clean);
            Checker { group, schema: R::schema(), slot: 0, whole, is_clean }.all(value);
        }
        self.slot += 1;
    }
}

impl std::fmt::Debug for Checker<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Checker(..)")
    }
}
