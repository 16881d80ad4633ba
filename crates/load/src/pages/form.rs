//! `/form`: 30 inputs in one form, sent whole at every keystroke.

use std::collections::BTreeMap;

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
        let FormEvent::Validate(fields) = event;
        for (index, value) in fields.field {
            if let Some(field) = self.values.get_mut(index) {
                *field = value;
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        self.page()
    }
}

impl Form {
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
