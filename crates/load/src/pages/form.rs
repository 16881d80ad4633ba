//! `/form`: 30 inputs in one form, sent whole at every keystroke.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use serde::Deserialize;

/// Inputs of the form.
pub const N_FIELDS: usize = 30;

/// Shortest value without an error, in bytes.
const MIN_BYTES: usize = 2;

/// The form as it was last sent.
#[derive(Debug)]
pub struct Form {
    values: Vec<String>,
}

/// What the form asks for.
#[derive(Debug, LiveEvent)]
pub enum FormEvent {
    /// Something was typed.
    Validate(FormFields),
}

/// All inputs by their number.
#[derive(Debug, Deserialize)]
pub struct FormFields {
    field: BTreeMap<usize, String>,
}

impl LiveView for Form {
    type Extract = ();
    type Params = ();
    type Event = FormEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::with_first(""))
    }

    async fn handle_event(&mut self, event: FormEvent, _: &mut Socket<Self>) -> Result {
        self.handle(event);
        Ok(())
    }

    fn render(&self) -> impl Render {
        self.page()
    }
}

impl Form {
    pub(super) const fn of(values: Vec<String>) -> Self {
        Self { values }
    }

    pub(super) fn values(&self) -> &[String] {
        &self.values
    }

    pub(super) fn handle(&mut self, FormEvent::Validate(fields): FormEvent) {
        for (index, value) in fields.field {
            if let Some(field) = self.values.get_mut(index) {
                *field = value;
            }
        }
    }

    /// A form in which `value` stands in the first input.
    #[must_use]
    pub fn with_first(value: &str) -> Self {
        let mut values = vec![String::new(); N_FIELDS];
        values[0].push_str(value);
        Self { values }
    }

    /// The page's content. Here and not in the view, for benchmarks without one.
    #[must_use]
    pub fn page(&self) -> impl Render {
        live! {
            h1 { "Form" }
            form #user-form phx-change=(FormEvent::VALIDATE) {
                @for (index, value) in self.values.iter().enumerate() {
                    p {
                        label for={ "field-" (index) } { "Field " (index) }
                        input #{ "field-" (index) } name={ "field[" (index) "]" } value=(value);
                        @if !value.is_empty() && value.len() < MIN_BYTES {
                            span.error { "must be at least 2 characters" }
                        }
                    }
                }
            }
        }
    }
}

/// The form's event as the browser sends it after typing `first` into its first input.
#[must_use]
pub fn form_payload(first: &str) -> String {
    let mut fields = String::new();
    for index in 0..N_FIELDS {
        let value = if index == 0 { first.replace(' ', "+") } else { String::new() };
        let unused = if index == 0 { "" } else { &format!("field%5B_unused_{index}%5D=&") };
        // Writing to a string does not fail.
        let _ = write!(fields, "{unused}field%5B{index}%5D={value}&");
    }
    format!(
        r#"{{"type":"form","event":"validate","value":"{fields}_target=field%5B0%5D","uploads":{{}}}}"#
    )
}
