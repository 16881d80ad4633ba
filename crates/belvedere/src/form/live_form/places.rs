//! What stands in a form's element besides what its author writes: which rows the browser has, and
//! where the focus goes.

use super::LiveForm;
use crate::form::Form;
use crate::form::rows::{Inputs, orders};
use crate::form::schema::Kind;
use crate::form::state::{RowState, State};
use crate::js::Js;
use crate::template::Render;
use belvedere_macros::live;

impl<T: Form> LiveForm<T> {
    /// What `form field=(…)` puts at the end of the form: a hidden input for each row, and after a
    /// refusal an element that gives the first input with an error the focus.
    pub fn inside(&self) -> impl Render + use<T> {
        let mut rows = Vec::new();
        orders(&self.inputs(), &mut |edit| rows.push(edit));
        let focus = self.is_refused.then(|| self.first_wrong()).flatten();
        let id = format!("{}_refused_{}", self.name, self.n_refused);
        live! {
            @for row in &rows { input type="hidden" name=(row.name()) value=(row.value()); }
            @if let Some(focus) = &focus { i hidden id=(id) phx-mounted=(focus) {} }
        }
    }

    /// The commands that give the first input with an error the focus.
    fn first_wrong(&self) -> Option<Js> {
        let id = first_wrong(&self.inputs())?;
        // A group of inputs has the id at its `fieldset`.
        let (group, input) = (format!("fieldset#{id}"), format!("#{id}:not(fieldset)"));
        Some(Js::new().focus_first(&group).focus(&input))
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
