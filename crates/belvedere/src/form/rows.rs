//! Repeated rows as a template shows them.

use std::fmt;
use std::marker::PhantomData;

use super::Form;
use super::apply::{ADD, DOWN, ORDER, REMOVE, UP, VERSION};
use super::field::{ERROR, ErrorText, Field, Id, Name};
use super::path::{InputPath, RowsPath};
use super::schema::{Kind, Schema, Slot};
use super::state::{Group, RowState, RowsState, State};

/// Where inputs are found: a form or one of its rows.
pub(super) struct Inputs<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'static Schema,
    pub(super) group: &'a Group,
}

impl<'a> Inputs<'a> {
    pub(super) fn field(&self, slot: usize) -> Field<'a> {
        let (slot, state) = (&self.schema.slots[slot], self.group.input(slot));
        Field { of: self.name, slot, state }
    }

    pub(super) fn rows<R: Form>(&self, slot: usize) -> Rows<'a, R> {
        let (slot, state) = (&self.schema.slots[slot], self.group.rows(slot));
        Rows { name: self.name, slot, state, of: PhantomData }
    }
}

/// A list of rows: `form.rows(|f| f.members)`. `@for` runs over it:
///
/// ```text
/// @for row in self.form.rows(|f| f.members) {
///     fieldset key=(row.key()) {
///         input type="email" field=(row.field(|m| m.email));
///         button field=(row.remove()) { "Remove" }
///     }
/// }
/// ```
pub struct Rows<'a, R> {
    name: &'a str,
    slot: &'a Slot,
    state: &'a RowsState,
    of: PhantomData<fn() -> R>,
}

impl<'a, R: Form> Rows<'a, R> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.state.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.state.rows.is_empty()
    }

    /// The rows, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'a, R>> + use<'a, R> {
        let Self { name, slot, state, .. } = *self;
        let n_rows = state.rows.len();
        state.rows.iter().enumerate().map(move |(index, state)| Row {
            name,
            slot,
            state,
            index,
            n_rows,
            of: PhantomData,
        })
    }

    /// What is wrong with the list, such as too few; empty before it was touched.
    #[must_use]
    pub fn error(&self) -> ErrorText<'a> {
        let wrong = &self.state.wrong;
        ErrorText((self.state.used && !wrong.is_empty()).then_some(wrong))
    }

    /// The id of the element that shows what is wrong with the list.
    #[must_use]
    pub const fn error_id(&self) -> Id<'a> {
        Id { name: Name { name: self.name, suffix: self.slot.suffix.as_str() }, end: ERROR }
    }

    /// Adds a row at the end, as a button or a box of the form.
    #[must_use]
    pub fn add(&self) -> RowEdit {
        RowEdit::of(self.name, self.slot, ADD, "1".to_owned())
    }
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Rows<'_, R> {}

impl<R> fmt::Debug for Rows<'_, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Rows({}{}, {})", self.name, self.slot.suffix, self.state.rows.len())
    }
}

impl<'a, R: Form> IntoIterator for Rows<'a, R> {
    type Item = Row<'a, R>;
    type IntoIter = std::vec::IntoIter<Row<'a, R>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

/// One row, known by a key that it keeps wherever it moves.
pub struct Row<'a, R> {
    name: &'a str,
    slot: &'a Slot,
    state: &'a RowState,
    index: usize,
    n_rows: usize,
    of: PhantomData<fn() -> R>,
}

impl<'a, R: Form> Row<'a, R> {
    /// Its key, which no other row of the list has had: for `key=(row.key())`, and for
    /// [`LiveForm::remove_row`](super::LiveForm::remove_row).
    #[must_use]
    pub const fn key(&self) -> u32 {
        self.state.key
    }

    /// Its place, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Whether none stands before it.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.index == 0
    }

    /// Whether none stands after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.index + 1 == self.n_rows
    }

    fn inputs(&self) -> Inputs<'a> {
        Inputs { name: &self.state.name, schema: R::schema(), group: &self.state.group }
    }

    /// One of its inputs.
    pub fn field<V>(&self, path: impl FnOnce(R::Fields) -> InputPath<V>) -> Field<'a> {
        self.inputs().field(path(R::fields(&mut 0)).slot)
    }

    /// A list of rows within it.
    pub fn rows<N: Form>(&self, path: impl FnOnce(R::Fields) -> RowsPath<N>) -> Rows<'a, N> {
        self.inputs().rows(path(R::fields(&mut 0)).slot)
    }

    /// An id for the element of the row.
    #[must_use]
    pub fn id(&self) -> Id<'a> {
        Id { name: Name { name: &self.state.name, suffix: "" }, end: "" }
    }

    /// Takes the row away.
    #[must_use]
    pub fn remove(&self) -> RowEdit {
        self.edit(REMOVE)
    }

    /// Moves the row before the one above.
    #[must_use]
    pub fn up(&self) -> RowEdit {
        self.edit(UP)
    }

    /// Moves the row after the one below.
    #[must_use]
    pub fn down(&self) -> RowEdit {
        self.edit(DOWN)
    }

    /// The row's place among the others, as a hidden input within it: for pages whose script moves
    /// rows, as by drag and drop. Where it is there, the order in the page counts.
    #[must_use]
    pub fn order(&self) -> RowEdit {
        self.edit(ORDER)
    }

    fn edit(&self, prefix: &'static str) -> RowEdit {
        RowEdit::of(self.name, self.slot, prefix, self.state.key.to_string())
    }
}

impl<R> fmt::Debug for Row<'_, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Row({})", self.state.name)
    }
}

/// What a person asks of a list of rows: the name and value of a button or a box in the form, which
/// travel with everything else that was typed.
///
/// ```text
/// button field=(row.remove()) { "Remove" }
/// label { input type="checkbox" field=(row.remove()); "Remove" }
/// ```
///
/// Such a button sends the form as a change; without JavaScript it sends the form to its `action`, whose
/// handler gets `None` from [`LiveForm::submit`](super::LiveForm::submit) and shows the form again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEdit {
    name: String,
    value: String,
    prefix: &'static str,
}

impl RowEdit {
    pub(super) fn of(name: &str, slot: &Slot, prefix: &'static str, value: String) -> Self {
        let around: String =
            slot.keys[..slot.keys.len() - 1].iter().map(|key| format!("[{key}]")).collect();
        Self { name: format!("{name}{around}[{prefix}{}][]", slot.key()), value, prefix }
    }

    /// The name by which it is sent.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is sent.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// An id for an input that sends it.
    pub(super) fn id(&self) -> String {
        let name = self.name.trim_end_matches("[]");
        format!("{}--{}", Id { name: Name { name, suffix: "" }, end: "" }, self.value)
    }

    /// The id of the element that shows what is wrong with the list.
    pub(super) fn error_id(&self) -> String {
        let (before, key) = self.name.rsplit_once(self.prefix).unwrap_or((&self.name, ""));
        Id { name: Name { name: before, suffix: key }, end: ERROR }.to_string()
    }
}

/// The hidden inputs that say which rows a browser has, for all lists of a form and of its rows.
pub(super) fn orders(inputs: &Inputs<'_>, visit: &mut dyn FnMut(RowEdit)) {
    for (slot, state) in inputs.schema.slots.iter().zip(&inputs.group.slots) {
        let (State::Rows(rows), Kind::Rows(schema)) = (state, slot.kind) else { continue };
        visit(RowEdit::of(inputs.name, slot, ORDER, format!("{VERSION}{}", rows.version)));
        for row in &rows.rows {
            visit(RowEdit::of(inputs.name, slot, ORDER, row.key.to_string()));
            orders(&Inputs { name: &row.name, schema: schema(), group: &row.group }, visit);
        }
    }
}
