//! What `field=(…)` and `errors=(…)` of `live!` take, each with words for what does not fit.

use std::fmt;

use super::field::{ErrorText, Field, Id};
use super::rows::{RowEdit, Rows};
use super::{Form, LiveForm};
use crate::template::Render;

/// What `field=(…)` takes on an input.
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

/// The value of `field=(…)` on an input.
pub fn field<'a, T: AsField<'a>>(value: &T) -> Field<'a> {
    value.as_field()
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
    fn element(&self) -> FormElement;
}

impl<T: Form> AsForm for LiveForm<T> {
    fn element(&self) -> FormElement {
        FormElement {
            id: self.id(),
            start: Box::new(self.start()),
            inside: Box::new(self.inside()),
        }
    }
}

impl<T: AsForm> AsForm for &T {
    fn element(&self) -> FormElement {
        T::element(self)
    }
}

/// The form of an element, for the methods that the macro calls.
pub struct FormElement {
    id: Id<'static>,
    start: Box<dyn Render>,
    inside: Box<dyn Render>,
}

impl FormElement {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Id<'static> {
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

impl fmt::Debug for FormElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("FormElement").field(&self.id).finish()
    }
}

/// The value of `field=(…)` on a form.
pub fn form<T: AsForm>(value: &T) -> FormElement {
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
