//! What the derive macro and `__form_text!` name. Not part of the API: it changes with them.

use std::marker::PhantomData;

use super::path::{InputPath, RowsPath};
pub use super::read::{Checker, Reader, Writer};
use super::schema::Kind;
pub use super::schema::{Schema, SchemaBuilder};
use super::state::Raw;
pub use super::value::Foreign;
use super::value::{read_one, wrong_shape};
use super::{Form, FormText};
use crate::event::{FieldProblem, Found};

#[must_use]
pub const fn path<V>(slot: &mut usize) -> InputPath<V> {
    InputPath::next(slot)
}

#[must_use]
pub const fn rows_path<R>(slot: &mut usize) -> RowsPath<R> {
    RowsPath::next(slot)
}

pub fn describe<V: FormText>(key: &'static str, schema: &mut SchemaBuilder) {
    schema.slot(key, if V::IS_FLAG { Kind::Flag } else { Kind::Text });
}

pub fn describe_list(key: &'static str, schema: &mut SchemaBuilder) {
    schema.slot(key, Kind::List);
}

pub fn describe_rows<R: Form>(key: &'static str, schema: &mut SchemaBuilder) {
    schema.slot(key, Kind::Rows(R::schema));
}

#[must_use]
pub fn read<V: FormText>(reader: &mut Reader<'_>) -> Option<V> {
    reader.input(read_one, V::blank)
}

#[must_use]
pub fn read_list<V: FormText>(reader: &mut Reader<'_>) -> Option<Vec<V>> {
    let read = |raw: &Raw| match raw {
        Raw::Wrong(shape) => Err(wrong_shape(*shape)),
        raw => raw.texts().iter().map(|text| V::read_text(text)).collect(),
    };
    reader.input(read, || Some(Vec::new()))
}

#[must_use]
pub fn read_rows<R: Form>(reader: &mut Reader<'_>) -> Option<Vec<R>> {
    reader.rows()
}

pub fn write<V: FormText>(value: &V, writer: &mut Writer<'_>) {
    writer.input(Raw::One(value.to_text()));
}

pub fn write_list<V: FormText>(values: &[V], writer: &mut Writer<'_>) {
    writer.input(Raw::Many(values.iter().map(V::to_text).collect()));
}

pub fn write_rows<R: Form>(rows: &[R], writer: &mut Writer<'_>) {
    writer.rows(rows);
}

/// What is wrong with a text that is none of the choices.
#[must_use]
pub fn no_choice(text: &str) -> FieldProblem {
    match text.trim() {
        "" => FieldProblem::Empty,
        _ => FieldProblem::Type { found: Found::Text, expected: "one of its choices".to_owned() },
    }
}

pub fn skip(checker: &mut Checker<'_>) {
    checker.skip();
}

pub fn walk<T: Form>(value: &T, checker: &mut Checker<'_>) {
    checker.all(value);
}

pub fn walk_rows<R: Form>(rows: &[R], checker: &mut Checker<'_>) {
    checker.rows(rows);
}

/// Where a field of the form stands that has one slot: an input, or a list of rows.
#[diagnostic::on_unimplemented(
    message = "this field is a group of inputs, not one input or one list",
    label = "a struct of its own",
    note = "name an input: a constraint stands in the struct of the group, and so does a check of its fields"
)]
pub trait OneSlot {
    /// Its number.
    fn slot(&self) -> usize;
}

impl<V> OneSlot for InputPath<V> {
    fn slot(&self) -> usize {
        self.slot
    }
}

impl<R> OneSlot for RowsPath<R> {
    fn slot(&self) -> usize {
        self.slot
    }
}

/// The number of a slot.
pub fn slot<P: OneSlot>(path: P) -> usize {
    path.slot()
}

/// Compiles where a field has one slot.
pub const fn one_slot<P: OneSlot>() {}

/// Where a list of rows stands.
#[diagnostic::on_unimplemented(
    message = "`max_rows` bounds a list of rows, and this field is none",
    label = "not a `Vec` of a struct",
    note = "how many choices a `Vec` of an enum has is said by a check"
)]
pub trait ListOfRows {}

impl<R> ListOfRows for RowsPath<R> {}

/// Compiles where a field is a list of rows.
pub const fn list_of_rows<P: ListOfRows>() {}

/// Finds out whether a type has a default, while the author's crate compiles.
#[derive(Debug)]
pub struct Blank<T>(PhantomData<T>);

impl<T> Blank<T> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

/// First choice: it has one.
pub trait ViaDefault<T> {
    fn blank(&self) -> Option<T>;
}

/// It has none.
pub trait ViaNothing<T> {
    fn blank(&self) -> Option<T>;
}

impl<T: Default> ViaDefault<T> for &Blank<T> {
    fn blank(&self) -> Option<T> {
        Some(T::default())
    }
}

impl<T> ViaNothing<T> for Blank<T> {
    fn blank(&self) -> Option<T> {
        None
    }
}
