//! The one place where messages about a form are made, which an author may replace.

use crate::event::FieldProblem;

/// What a form says of what is wrong with it. [`English`] is the default;
/// [`LiveForm::with_words`](super::LiveForm::with_words) takes another.
///
/// ```
/// use belvedere::event::FieldProblem;
/// use belvedere::{Form, LiveForm, form::Words};
///
/// struct German;
///
/// impl Words for German {
///     fn problem(&self, problem: &FieldProblem) -> String {
///         match problem {
///             FieldProblem::Empty | FieldProblem::Missing => "fehlt".to_owned(),
///             _ => "ist nicht lesbar".to_owned(),
///         }
///     }
/// }
///
/// #[derive(Form)]
/// struct Person { age: u8 }
///
/// let mut form = LiveForm::<Person>::new("person").with_words(&German);
/// form.submit(belvedere::FormData::parse("person[age]=12a", &Default::default())?);
/// assert_eq!(form.field(|f| f.age).error().to_string(), "ist nicht lesbar");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Words: Send + Sync + 'static {
    /// A text that cannot be read; reads on after the name of the input.
    fn problem(&self, problem: &FieldProblem) -> String {
        problem.for_visitor()
    }

    /// More rows came than the list may have.
    fn too_many_rows(&self, max_rows: usize) -> String {
        format!("has too many rows: at most {max_rows}")
    }

    /// A constraint of the database refused; `text` is what the field's attribute says.
    fn refused(&self, constraint: &'static str, text: &'static str) -> String {
        let _ = constraint;
        text.to_owned()
    }

    /// Runs the checks of a form. Words that a library for validation keeps for the thread are set
    /// here: `garde::with_i18n(German, check)`.
    fn during(&self, check: &mut dyn FnMut()) {
        check();
    }
}

/// The words of this crate.
#[derive(Debug, Clone, Copy, Default)]
pub struct English;

impl Words for English {}
