//! What the payload of an event becomes before its view reads it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::decode::{DecodeError, Lenient, Object};
use super::form::{FormTree, path};
use super::{EventError, EventFields, EventForm, FieldProblem, FormLimits, ValueError};
use crate::wire::keys::{FORM_TARGET, FORM_TARGET_NAMELESS};
use crate::wire::message::Unread;
use crate::wire::{EventKind, EventPayload};

/// The payload of an event: text, numbers, lists and objects, whichever way it was encoded.
///
/// Owned, so that it can travel from the connection to its view. `Debug` shows no content: users'
/// input stays out of logs.
#[derive(Clone)]
pub struct EventValue(Content);

#[derive(Clone)]
enum Content {
    Json(Value),
    Form {
        fields: FormTree,
        /// Laid over the fields.
        meta: Map<String, Value>,
    },
}

impl EventValue {
    /// Reads the value of an event as its kind says, with a form's meta data laid over.
    ///
    /// # Errors
    /// See [`Self::from_json`] and [`Self::from_form`]; [`ValueError::FormNotText`].
    pub fn from_payload(
        payload: &EventPayload<'_>,
        limits: &FormLimits,
    ) -> Result<Self, ValueError> {
        match payload.kind {
            EventKind::Form => {
                let encoded = payload.form_text().ok_or(ValueError::FormNotText)?;
                Self::of_form(&encoded, payload.meta.map(Unread::json), limits)
            }
            EventKind::Other => Self::of_json(payload.value.json()),
        }
    }

    /// Reads the JSON value of a click, a key press, a hook.
    ///
    /// # Errors
    /// [`ValueError::Json`] beyond 128 levels of nesting.
    pub fn from_json(value: &RawValue) -> Result<Self, ValueError> {
        Self::of_json(value.get())
    }

    fn of_json(json: &str) -> Result<Self, ValueError> {
        let value = serde_json::from_str(json).map_err(ValueError::Json)?;
        Ok(Self(Content::Json(value)))
    }

    /// Reads a form: URL-encoded text with bracket nesting (`a[b]`, `a[]`, `a[b][]`; of repeated
    /// plain names the last wins), over which the keys of `meta` are laid.
    ///
    /// `_target`, the name of the input a change came from, becomes its list of keys:
    /// `user[name]` is `["user","name"]`, `tags[]` is `["tags"]`, and an input without a name is
    /// the empty list. Markers of fields never touched (`user[_unused_age]`) stay as they are; a type reads
    /// no items and no entries of a map from them.
    ///
    /// # Errors
    /// One variant per limit, and [`ValueError::MetaNotObject`].
    pub fn from_form(
        encoded: &str,
        meta: Option<&RawValue>,
        limits: &FormLimits,
    ) -> Result<Self, ValueError> {
        Self::of_form(encoded, meta.map(RawValue::get), limits)
    }

    fn of_form(encoded: &str, meta: Option<&str>, limits: &FormLimits) -> Result<Self, ValueError> {
        let fields = FormTree::parse(encoded, limits)?;
        let meta = meta.map(serde_json::from_str::<Option<_>>);
        let meta = meta.transpose().map_err(|_| ValueError::MetaNotObject)?;
        let mut meta: Map<_, _> = meta.flatten().unwrap_or_default();
        let target = Object::laid_over(fields.root(), &meta).get(FORM_TARGET);
        if let Some(Lenient::Text(name)) = target {
            meta.insert(FORM_TARGET.to_owned(), path_of(name));
        }
        Ok(Self(Content::Form { fields, meta }))
    }

    /// The fields of a form as they were sent, less the marks of those that nobody has used; nothing of
    /// what is no form.
    pub(crate) fn sent(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.0 {
            Content::Json(_) => None,
            Content::Form { fields, .. } => Some(fields.sent()),
        }
    }

    /// What is laid over a form's fields.
    pub(crate) fn laid_over(&self) -> impl Iterator<Item = (&String, &Value)> {
        let meta = match &self.0 {
            Content::Json(_) => None,
            Content::Form { meta, .. } => Some(meta),
        };
        meta.into_iter().flatten()
    }

    /// The same as JSON.
    pub(crate) fn to_json(&self) -> Value {
        self.lenient().to_json()
    }

    fn lenient(&self) -> Lenient<'_> {
        match &self.0 {
            Content::Json(value) => Lenient::new(value),
            Content::Form { fields, meta } => {
                Lenient::Object(Object::laid_over(fields.root(), meta))
            }
        }
    }

    /// The value under a path of keys, for a caller without a type for the whole:
    /// `value.text(&["key"])`. `None` when it is not there or no text.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match path.iter().try_fold(self.lenient(), |value, key| value.member(key))? {
            Lenient::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Reads the payload as the type of a declared event.
    ///
    /// HTML knows only text, so the reading is lenient:
    ///
    /// - numbers are read from text, with blanks around them; text is read from numbers. Templates
    ///   write whole numbers beyond 2⁵³ as text, since JavaScript would round them; so does a hook
    ///   that sends one;
    /// - `true` is `"true"`, `"on"` or `"1"`, `false` is `"false"`, `"off"`, `"0"` or `""`. An
    ///   unchecked box sends nothing: put a hidden input with `false` before it, or
    ///   `#[serde(default)]` on the field;
    /// - an `Option` is `None` when the field is missing, `null` or the empty text;
    /// - a `Vec` is a list, the values of an object whose keys are numbers in their order, or the
    ///   empty text for an empty one;
    /// - an enum of unit variants is the variant's name;
    /// - keys that the type does not have are ignored, keys it lacks are refused.
    ///
    /// `#[serde(flatten)]`, `#[serde(untagged)]` and internally tagged enums are read by way of a
    /// buffer of serde's own, which knows no leniency: beneath them text is only text.
    ///
    /// # Errors
    /// [`EventError::Malformed`], naming the field.
    pub fn read<T: DeserializeOwned>(&self, event: &'static str) -> Result<T, EventError> {
        self.lenient().read(PhantomData).map_err(|error| error.of_event(event))
    }

    /// Reads the payload as a form's type; as [`Self::read`], with a compile error of its own.
    ///
    /// # Errors
    /// [`EventError::Malformed`], naming the field.
    pub fn form<T: EventForm>(&self, event: &'static str) -> Result<T, EventError> {
        self.read(event)
    }

    /// The payload as the fields of a declared event, to be read one by one.
    ///
    /// # Errors
    /// [`EventError::Malformed`] when it is no object.
    pub fn fields(&self, event: &'static str) -> Result<EventFields<'_>, EventError> {
        match self.lenient() {
            Lenient::Object(object) => Ok(EventFields::new(event, object)),
            other => Err(other.unexpected(&"an object").of_event(event)),
        }
    }
}

impl PartialEq for EventValue {
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}

impl fmt::Debug for EventValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EventValue(redacted)")
    }
}

/// Reads one text that a person typed, by the rules of [`EventValue::read`].
pub(crate) fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, FieldProblem> {
    Lenient::Text(text).read(PhantomData).map_err(DecodeError::into_problem)
}

/// The keys of a field's name, as `_target` has them.
fn path_of(name: &str) -> Value {
    if name == FORM_TARGET_NAMELESS {
        return Value::Array(Vec::new());
    }
    let keys = path::keys(name.as_bytes()).filter(|key| !key.is_empty());
    keys.map(|key| Value::String(name[key].to_owned())).collect()
}

#[cfg(test)]
mod tests;
