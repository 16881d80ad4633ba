//! What `field=(…)` and `errors=(…)` of `live!` take, each with words for what does not fit.

use std::fmt::{self, Display};

use super::field::{ErrorText, Field, Id, Name};
use super::rows::{RowEdit, Rows};
use super::{Form, LiveForm};
use crate::template::Render;

/// What `field=(…)` takes on an element that belongs to an input, but for the input itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no input of a form",
    label = "`field=(…)` takes a `Field` here",
    note = "such as `form.field(|f| f.email)`"
)]
pub trait AsField<'a> {
    /// The input.
    fn as_field(&self) -> Field<'a>;
}

impl<'a> AsField<'a> for Field<'a> {
    fn as_field(&self) -> Self {
        *self
    }
}

impl<'a, T: AsField<'a>> AsField<'a> for &T {
    fn as_field(&self) -> Field<'a> {
        T::as_field(self)
    }
}

/// The value of `field=(…)` on an element that belongs to an input.
pub fn field<'a, T: AsField<'a>>(value: &T) -> Field<'a> {
    value.as_field()
}

/// What `field=(…)` takes on an `input`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no input of a form",
    label = "`field=(…)` takes a `Field` here, or a `RowEdit`",
    note = "such as `form.field(|f| f.email)`, or `row.remove()` on a box"
)]
pub trait AsInput {
    /// What the macro writes the attributes from.
    type Input;

    /// The input.
    fn as_input(&self) -> Self::Input;
}

impl<'a> AsInput for Field<'a> {
    type Input = FieldInput<'a>;

    fn as_input(&self) -> FieldInput<'a> {
        FieldInput(*self)
    }
}

impl AsInput for RowEdit {
    type Input = RowInput;

    fn as_input(&self) -> RowInput {
        RowInput(self.clone())
    }
}

impl<T: AsInput> AsInput for &T {
    type Input = T::Input;

    fn as_input(&self) -> T::Input {
        T::as_input(self)
    }
}

/// The value of `field=(…)` on an `input`.
pub fn input<T: AsInput>(value: &T) -> T::Input {
    value.as_input()
}

/// An `input` of a field.
#[derive(Debug)]
pub struct FieldInput<'a>(Field<'a>);

impl<'a> FieldInput<'a> {
    /// Its id, unless it is one of several.
    #[must_use]
    pub const fn id(&self) -> Id<'a> {
        self.0.id()
    }

    /// Its id, as one of several.
    pub fn choice_id(&self, value: impl Display) -> String {
        self.0.choice_id(value)
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> Name<'a> {
        self.0.name()
    }

    /// The text in it.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.0.value()
    }

    /// What a box sends that has no value of its own.
    #[must_use]
    pub const fn box_value(&self) -> &'static str {
        "true"
    }

    /// Whether it is ticked.
    pub fn holds(&self, value: impl Display) -> bool {
        self.0.holds(value)
    }

    /// The value of `aria-invalid`.
    #[must_use]
    pub fn invalid(&self) -> &'static str {
        self.0.invalid()
    }

    /// The id of what shows its errors.
    #[must_use]
    pub const fn error_id(&self) -> Id<'a> {
        self.0.error_id()
    }
}

/// An `input` that asks something of a list of rows: a box, or a hidden one for a row's place.
#[derive(Debug)]
pub struct RowInput(RowEdit);

impl RowInput {
    /// Its id: of each row another.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// What it sends.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.value()
    }

    /// What it sends as a box.
    #[must_use]
    pub fn box_value(&self) -> &str {
        self.0.value()
    }

    /// A box is ticked in the browser alone: what it asks for was done then.
    pub fn holds(&self, _: impl Display) -> bool {
        false
    }

    /// The value of `aria-invalid`: it is the list that may be wrong.
    #[must_use]
    pub const fn invalid(&self) -> &'static str {
        "false"
    }

    /// The id of what shows the errors of the list.
    #[must_use]
    pub fn error_id(&self) -> String {
        self.0.error_id()
    }
}

/// What `field=(…)` takes on a button.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a button asks of a form's rows",
    label = "`field=(…)` takes a `RowEdit` here",
    note = "such as `rows.add()` or `row.remove()`"
)]
pub trait AsRowEdit {
    /// What is asked.
    fn as_row_edit(&self) -> &RowEdit;
}

impl AsRowEdit for RowEdit {
    fn as_row_edit(&self) -> &RowEdit {
        self
    }
}

impl<T: AsRowEdit> AsRowEdit for &T {
    fn as_row_edit(&self) -> &RowEdit {
        T::as_row_edit(self)
    }
}

/// The value of `field=(…)` on a button.
pub fn row_edit<T: AsRowEdit>(value: &T) -> RowEdit {
    value.as_row_edit().clone()
}

/// What `field=(…)` takes on a form.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no form",
    label = "`field=(…)` takes a `LiveForm` here",
    note = "such as `form field=(&self.form) {{ … }}`"
)]
pub trait AsForm {
    /// Its id, and what stands at its start and its end.
    fn element(&self) -> FormElement<'_>;
}

impl<T: Form> AsForm for LiveForm<T> {
    fn element(&self) -> FormElement<'_> {
        FormElement {
            id: self.id(),
            start: Box::new(self.start()),
            inside: Box::new(self.inside()),
        }
    }
}

impl<T: AsForm> AsForm for &T {
    fn element(&self) -> FormElement<'_> {
        T::element(self)
    }
}

/// The form of an element, for the methods that the macro calls.
pub struct FormElement<'a> {
    id: Id<'a>,
    start: Box<dyn Render>,
    inside: Box<dyn Render>,
}

impl<'a> FormElement<'a> {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Id<'a> {
        self.id
    }

    /// What stands at its start.
    #[must_use]
    pub fn start(&self) -> &dyn Render {
        &*self.start
    }

    /// What stands at its end.
    #[must_use]
    pub fn inside(&self) -> &dyn Render {
        &*self.inside
    }
}

impl fmt::Debug for FormElement<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("FormElement").field(&self.id).finish()
    }
}

/// The value of `field=(…)` on a form.
pub fn form<T: AsForm>(value: &T) -> FormElement<'_> {
    value.element()
}

/// What `errors=(…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no errors to show",
    label = "`errors=(…)` takes a `Field`, `Rows` or a reference to a `LiveForm`",
    note = "such as `p errors=(form.field(|f| f.email)) {{}}`"
)]
pub trait HasErrors<'a> {
    /// The id of the element that shows them, and what it shows.
    fn errors(&self) -> ErrorElement<'a>;
}

/// What an element with `errors=(…)` shows.
#[derive(Debug)]
pub struct ErrorElement<'a> {
    id: Id<'a>,
    error: ErrorText<'a>,
}

impl<'a> ErrorElement<'a> {
    /// The element's id.
    #[must_use]
    pub const fn error_id(&self) -> Id<'a> {
        self.id
    }

    /// Its text.
    #[must_use]
    pub const fn error(&self) -> ErrorText<'a> {
        self.error
    }
}

impl<'a> HasErrors<'a> for Field<'a> {
    fn errors(&self) -> ErrorElement<'a> {
        ErrorElement { id: self.error_id(), error: self.error() }
    }
}

impl<'a, R: Form> HasErrors<'a> for Rows<'a, R> {
    fn errors(&self) -> ErrorElement<'a> {
        ErrorElement { id: self.error_id(), error: self.error() }
    }
}

impl<'a, T: Form> HasErrors<'a> for &'a LiveForm<T> {
    fn errors(&self) -> ErrorElement<'a> {
        ErrorElement { id: self.error_id(), error: self.error() }
    }
}

impl<'a> HasErrors<'a> for &Field<'a> {
    fn errors(&self) -> ErrorElement<'a> {
        <Field<'a> as HasErrors<'a>>::errors(self)
    }
}

/// The value of `errors=(…)`.
pub fn errors<'a, T: HasErrors<'a>>(value: &T) -> ErrorElement<'a> {
    value.errors()
}
