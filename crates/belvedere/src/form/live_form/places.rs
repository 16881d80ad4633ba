//! What stands in a form's element besides what its author writes: which rows the browser has, and
//! where the focus goes.

use super::LiveForm;
use crate::form::Form;
use crate::form::apply::FIRST;
use crate::form::rows::{Inputs, orders};
use crate::form::schema::Kind;
use crate::form::state::{RowState, State};
use crate::js::Js;
use crate::template::Render;
use belvedere_macros::live;

impl<T: Form> LiveForm<T> {
    /// What `form field=(…)` puts at the start of the form: an input that nobody sees. The client sends a form again, when the connection is back, as if its
    /// first input that is not of the type `hidden` had changed; a button would be pressed by that.
    pub fn start(&self) -> impl Render + use<T> {
        let name = format!("{}[{FIRST}]", self.name);
        live! {
            input hidden name=(name) value="1" readonly tabindex="-1" aria-hidden="true"
                autocomplete="off" phx-no-unused-field;
        }
    }

    /// What `form field=(…)` puts at the end of the form: a hidden input for each row, and after a
    /// refusal an element that gives the first input with an error the focus.
    pub fn inside(&self) -> impl Render + use<T> {
        let mut rows = Vec::new();
        orders(&self.inputs(), &mut |edit| rows.push(edit));
        // A group of inputs has the id at its `fieldset`.
        let focus = self.focus.as_ref().map(|id| {
            let (group, input) = (format!("fieldset#{id}"), format!("#{id}:not(fieldset)"));
            Js::new().focus_first(&group).focus(&input)
        });
        // The same until the form is sent again: the client runs its commands once.
        let id = format!("{}_refused_{}", self.name, self.n_submits);
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

/// The id of the first input with an error, in the order of the struct's fields.
fn first_wrong(inputs: &Inputs<'_>) -> Option<String> {
    inputs.group.slots.iter().enumerate().find_map(|(slot, state)| match state {
        State::Input(_) => {
            let field = inputs.field(slot);
            field.is_wrong().then(|| field.id().to_string())
        }
        State::Rows(rows) => {
            let Kind::Rows(schema) = inputs.schema.slots[slot].kind else { return None };
            let inputs = |row: &RowState| {
                first_wrong(&Inputs { name: &row.name, schema: schema(), group: &row.group })
            };
            rows.rows.iter().find_map(inputs)
        }
    })
}
