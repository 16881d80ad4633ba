//! An object that was sent, of JSON or of a form.

use std::vec::IntoIter;

use serde_json::{Map, Value};

use super::Lenient;
use crate::event::form::Branch;
use crate::wire::keys::FORM_UNUSED;

/// Fields of a form, over which members of JSON may be laid; or those alone.
#[derive(Clone, Copy)]
pub(in crate::event) struct Object<'de> {
    fields: Option<Branch<'de>>,
    over: Option<&'de Map<String, Value>>,
}

impl<'de> Object<'de> {
    pub(in crate::event) const fn of_json(members: &'de Map<String, Value>) -> Self {
        Self { fields: None, over: Some(members) }
    }

    pub(super) const fn of_form(fields: Branch<'de>) -> Self {
        Self { fields: Some(fields), over: None }
    }

    pub(in crate::event) const fn laid_over(
        fields: Branch<'de>,
        members: &'de Map<String, Value>,
    ) -> Self {
        Self { fields: Some(fields), over: Some(members) }
    }

    pub(in crate::event) fn get(self, key: &str) -> Option<Lenient<'de>> {
        match self.over.and_then(|over| over.get(key)) {
            Some(value) => Some(Lenient::new(value)),
            None => self.fields?.member(key).map(Lenient::of_form),
        }
    }

    /// All members in the order of their keys.
    pub(super) fn members(self) -> IntoIter<(&'de str, Lenient<'de>)> {
        self.wanted(|_| true)
    }

    /// The same without the client's marks of fields that nobody has used.
    pub(super) fn inputs(self) -> IntoIter<(&'de str, Lenient<'de>)> {
        self.wanted(|key| !key.starts_with(FORM_UNUSED))
    }

    fn wanted(self, is_wanted: fn(&str) -> bool) -> IntoIter<(&'de str, Lenient<'de>)> {
        let n_fields = self.fields.map_or(0, Branch::n_members);
        let mut members = Vec::with_capacity(n_fields + self.over.map_or(0, Map::len));
        let over = self.over.into_iter().flatten().filter(|(key, _)| is_wanted(key));
        members.extend(over.map(|(key, value)| (key.as_str(), Lenient::new(value))));
        if let Some(fields) = self.fields {
            let is_laid_over = |key| self.over.is_some_and(|over| over.contains_key(key));
            let fields = fields.members().filter(|(key, _)| is_wanted(key) && !is_laid_over(*key));
            members.extend(fields.map(|(key, shape)| (key, Lenient::of_form(shape))));
            members.sort_unstable_by_key(|(key, _)| *key);
        }
        members.into_iter()
    }
}
