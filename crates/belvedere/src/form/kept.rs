//! What a person has typed into a form, as a [snapshot](crate::Snapshot) keeps it.
//!
//! By the names of the inputs, not by their numbers: the form that it is put into may be another
//! build's, with fields more or less.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::schema::{Kind, Schema, Slot};
use super::state::{Group, InputState, Raw, RowsState, State, Wrong};

/// What a person has typed into a form, which inputs were used, and what its author has said is wrong:
/// what [`LiveForm::keep`](crate::LiveForm::keep) gives and [`LiveForm::restore`](crate::LiveForm::restore)
/// takes. What checks find is found again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptForm {
    fields: KeptGroup,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<String>,
    pub(super) is_submitted: bool,
}

/// By what ends the names of its inputs: `[address][city]`.
type KeptGroup = BTreeMap<String, Kept>;

/// An input, or a list of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// None of an input that the browser has not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<KeptRows>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    used: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_many: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct KeptRows {
    rows: Vec<(u32, KeptGroup)>,
    next_key: u32,
    version: u32,
    gone: Vec<u32>,
}

impl KeptForm {
    pub(super) fn of(group: &Group, schema: &Schema, whole: &Wrong, is_submitted: bool) -> Self {
        Self { fields: group.keep(schema), said: whole.said.clone(), is_submitted }
    }

    /// Puts it into a form, input by input; what the form has no place for is dropped.
    pub(super) fn restore(self, name: &str, group: &mut Group, schema: &Schema, whole: &mut Wrong) {
        whole.said = self.said;
        group.restore(name, schema, self.fields);
    }
}

impl Group {
    fn keep(&self, schema: &Schema) -> KeptGroup {
        let slots = schema.slots.iter().zip(&self.slots);
        slots.map(|(slot, state)| (slot.suffix.clone(), state.keep(slot))).collect()
    }

    fn restore(&mut self, name: &str, schema: &Schema, mut kept: KeptGroup) {
        for (slot, state) in schema.slots.iter().zip(&mut self.slots) {
            let Some(kept) = kept.remove(&slot.suffix) else { continue };
            match (state, slot.kind) {
                (State::Rows(rows), Kind::Rows(schema)) => {
                    rows.restore(&format!("{name}{}", slot.suffix), slot, schema(), kept);
                }
                (State::Input(input), kind) => input.restore(kind, kept),
                (State::Rows(_), _) => unreachable!("a state is of its slot's kind"),
            }
        }
    }
}

impl State {
    fn keep(&self, slot: &Slot) -> Kept {
        match (self, slot.kind) {
            (Self::Rows(rows), Kind::Rows(schema)) => {
                let schema = schema();
                let kept = KeptRows {
                    rows: rows.rows.iter().map(|row| (row.key, row.group.keep(schema))).collect(),
                    next_key: rows.next_key,
                    version: rows.version,
                    gone: rows.gone.clone(),
                };
                Kept { rows: Some(kept), ..Kept::of(rows.used, &rows.wrong) }
            }
            (Self::Input(input), _) => {
                let texts = match &input.raw {
                    Raw::Missing | Raw::Wrong(_) => None,
                    typed @ (Raw::One(_) | Raw::Many(_)) => Some(typed.texts().to_vec()),
                };
                Kept { texts, ..Kept::of(input.used, &input.wrong) }
            }
            (Self::Rows(_), _) => unreachable!("a state is of its slot's kind"),
        }
    }
}

impl Kept {
    fn of(used: bool, wrong: &Wrong) -> Self {
        let (said, too_many) = (wrong.said.clone(), wrong.too_many.clone());
        Self { used, said, too_many, ..Self::default() }
    }
}

impl InputState {
    fn restore(&mut self, kind: Kind, kept: Kept) {
        let Kept { texts, used, said, .. } = kept;
        self.raw = match (texts, kind) {
            (None, _) => Raw::Missing,
            (Some(texts), Kind::List) => Raw::Many(texts),
            (Some(texts), _) => texts.into_iter().next().map_or(Raw::Missing, Raw::One),
        };
        (self.used, self.wrong.said) = (used, said);
    }
}

impl RowsState {
    fn restore(&mut self, name: &str, slot: &Slot, schema: &Schema, kept: Kept) {
        let Kept { rows, used, said, too_many, .. } = kept;
        let KeptRows { rows, next_key, version, gone } = rows.unwrap_or_default();
        let max_rows = slot.max_rows.max(rows.len());
        *self = Self { version, used, ..Self::default() };
        for (key, fields) in rows {
            if self.index(key).is_none()
                && self.insert(key, name, schema, max_rows)
                && let Some(row) = self.rows.last_mut()
            {
                row.group.restore(&row.name, schema, fields);
            }
        }
        self.next_key = self.next_key.max(next_key);
        self.gone = gone;
        (self.wrong.said, self.wrong.too_many) = (said, too_many);
    }
}
