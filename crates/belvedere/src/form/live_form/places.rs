//! What stands in a form's element besides what its author writes: which rows the browser has, and
//! where the focus goes.

use super::LiveForm;
use crate::form::Form;
use crate::form::apply::{ADD, FIRST};
use crate::form::field::{Id, Name};
use crate::form::rows::{Inputs, RowEdit, orders};
use crate::form::schema::Kind;
use crate::form::state::{RowState, State};
use crate::js::Js;
use crate::template::Render;
use belvedere_macros::live;

impl<T: Form> LiveForm<T> {
    /// What `form field=(…)` puts at the start of the form: an input that nobody sees, and before buttons
    /// of rows one more that nobody sees. The client sends a form again, when the connection is back, as if
    /// its first input that is not of the type `hidden` had changed; a button would be pressed by that.
    /// Enter in an input presses the first button, which none of a row's shall be.
    pub fn start(&self) -> impl Render + use<T> {
        let name = format!("{}[{FIRST}]", self.name);
        let has_rows = T::schema().slots.iter().any(|slot| matches!(slot.kind, Kind::Rows(_)));
        live! {
            input hidden name=(name) value="1" readonly tabindex="-1" aria-hidden="true"
                autocomplete="off" phx-no-unused-field;
            @if has_rows { button hidden tabindex="-1" aria-hidden="true" data-row-edit {} }
        }
    }

    /// What `form field=(…)` puts at the end of the form: a hidden input for each row, and after a
    /// refusal an element that gives the first input with an error the focus.
    pub fn inside(&self) -> impl Render + use<T> {
        let mut rows = Vec::new();
        orders(&self.inputs(), &mut |edit| rows.push(edit));
        let focus = self.focus.as_ref().map(FirstWrong::focus);
        // The same until the form is sent again: the client runs its commands once.
        let id = Id { name: Name { name: &self.name, suffix: "" }, end: "--refused" };
        let id = format!("{id}-{}", self.n_submits);
        live! {
            @for row in &rows { input type="hidden" name=(row.name()) value=(row.value()); }
            @if let Some(focus) = &focus { i hidden id=(id) phx-mounted=(focus) {} }
        }
    }

    /// Gives the first input with an error the focus, unless something was typed since the form was
    /// sent.
    pub(super) fn focus_first_wrong(&mut self) {
        if self.is_just_sent {
            self.focus = first_wrong(&self.inputs());
        }
    }
}

/// What has the focus after a refusal.
#[derive(Debug)]
pub(super) struct FirstWrong {
    id: String,
    name: String,
}

impl FirstWrong {
    /// By its name, if the author has given it an id; by its id, if it is one of several of that name; the
    /// first of a group, which has the id at its `fieldset`. The last that is there has the focus.
    fn focus(&self) -> Js {
        let Self { id, name } = self;
        Js::new()
            .focus(&format!("[name=\"{name}\"]:not([type=hidden])"))
            .focus_first(&format!("fieldset#{id}"))
            .focus(&format!("#{id}:not(fieldset)"))
    }
}

/// The first input with an error, in the order of the struct's fields; what adds a row where a list is
/// wrong, such as too short.
fn first_wrong(inputs: &Inputs<'_>) -> Option<FirstWrong> {
    inputs.group.slots.iter().zip(&inputs.schema.slots).enumerate().find_map(
        |(index, (state, slot))| match (state, slot.kind) {
            (State::Rows(rows), Kind::Rows(schema)) => {
                let first = |row: &RowState| {
                    first_wrong(&Inputs { name: &row.name, schema: schema(), group: &row.group })
                };
                let add = || {
                    let add = RowEdit::of(inputs.name, slot, ADD, "1".to_owned());
                    FirstWrong { id: add.id(), name: add.name().to_owned() }
                };
                let is_wrong = rows.used && !rows.wrong.is_empty();
                rows.rows.iter().find_map(first).or_else(|| is_wrong.then(add))
            }
            _ => {
                let field = inputs.field(index);
                let first =
                    || FirstWrong { id: field.id().to_string(), name: field.name().to_string() };
                field.is_wrong().then(first)
            }
        },
    )
}
