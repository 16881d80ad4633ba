//! An object that was sent, of JSON or of a form.

use std::cmp::Ordering;

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
    pub(super) fn members(self) -> impl Iterator<Item = (&'de str, Lenient<'de>)> + use<'de> {
        self.wanted(|_| true)
    }

    /// The same without the client's marks of fields that nobody has used.
    pub(super) fn inputs(self) -> impl Iterator<Item = (&'de str, Lenient<'de>)> + use<'de> {
        self.wanted(|key| !key.starts_with(FORM_UNUSED))
    }

    fn wanted(
        self,
        is_wanted: fn(&str) -> bool,
    ) -> impl Iterator<Item = (&'de str, Lenient<'de>)> + use<'de> {
        let fields = self.fields.into_iter();
        let mut fields = fields.flat_map(move |fields| fields.members(is_wanted)).peekable();
        let over = self.over.into_iter().flatten();
        let mut over = over.filter(move |(key, _)| is_wanted(key)).peekable();
        std::iter::from_fn(move || {
            let order = match (fields.peek(), over.peek()) {
                (Some((field, _)), Some((member, _))) => (*field).cmp(member.as_str()),
                (_, None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            if order == Ordering::Equal {
                fields.next();
            }
            if order == Ordering::Less {
                return fields.next().map(|(key, shape)| (key, Lenient::of_form(shape)));
            }
            over.next().map(|(key, value)| (key.as_str(), Lenient::new(value)))
        })
    }
}
