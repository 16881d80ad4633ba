//! Forms: what a person typed, what it means, and what is wrong with it, as one value.
//!
#![doc = include_str!("docs/forms.md")]

mod apply;
pub(crate) mod bind;
mod data;
mod errors;
mod field;
mod kept;
mod live_form;
mod path;
#[doc(hidden)]
pub mod private;
mod read;
mod rows;
mod schema;
mod state;
mod value;
mod words;

pub use belvedere_macros::Form;
pub use data::FormData;
pub use errors::Errors;
pub use field::{ErrorText, Field, Id, Name};
pub use kept::KeptForm;
pub use live_form::LiveForm;
pub use path::{InputPath, RowsPath};
pub use rows::{Row, RowEdit, Rows};
pub use value::{FormField, FormItem, FormText};
pub use words::{English, Words};

use read::{Checker, Reader, Writer};
use schema::{Schema, SchemaBuilder};

/// A struct that a form asks for; derived, see the [derive macro](macro@Form).
///
/// It needs neither serde nor a default. A struct in it is a group of inputs, a `Vec` of one a list of
/// rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a form asks for",
    note = "derive it: `#[derive(Form)] struct SignUp {{ email: String }}`"
)]
pub trait Form: Sized + Send + 'static {
    /// Where its fields stand: `f` in `form.field(|f| f.email)`.
    type Fields: Copy + std::fmt::Debug;

    #[doc(hidden)]
    fn schema() -> &'static Schema;

    #[doc(hidden)]
    fn fields(slot: &mut usize) -> Self::Fields;

    #[doc(hidden)]
    fn describe_fields(schema: &mut SchemaBuilder);

    #[doc(hidden)]
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);

    #[doc(hidden)]
    fn walk(&self, checker: &mut Checker<'_>);

    #[doc(hidden)]
    fn check(&self, errors: &mut Errors<'_, Self>);
}

/// An enum whose variants a person chooses from: `#[derive(Form)]` on one without fields.
///
/// ```
/// use belvedere::{Form, form::Choice, live, template::to_html};
///
/// #[derive(Form)]
/// enum Plan { Free, ForTeams }
///
/// let options = to_html(&live! {
///     @for plan in Plan::ALL { option value=(plan.value()) { (plan.value()) } }
/// });
/// assert!(options.contains(r#"<option value="for_teams">"#));
/// ```
pub trait Choice: FormText {
    /// All of them, in order of declaration.
    const ALL: &'static [Self];

    /// What stands for it in an input: the variant's name in snake_case.
    fn value(&self) -> &'static str;
}
