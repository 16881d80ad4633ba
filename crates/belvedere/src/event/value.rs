//! What the payload of an event becomes before its view reads it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::decode::{DecodeError, Lenient};
use super::{EventError, EventFields, EventForm, FieldProblem, FormLimits, ValueError, form};
use crate::wire::keys::{FORM_TARGET, FORM_TARGET_NAMELESS};
use crate::wire::{EventKind, EventPayload};

/// The payload of an event: text, numbers, lists and objects, whichever way it was encoded.
///
/// Owned, so that it can travel from the connection to its view. `Debug` shows no content: users'
/// input stays out of logs.
#[derive(Clone, PartialEq)]
pub struct EventValue(Value);

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
                Self::from_form(&encoded, payload.meta, limits)
            }
            EventKind::Other => Self::from_json(payload.value),
        }
    }

    /// Reads the JSON value of a click, a key press, a hook.
    ///
    /// # Errors
    /// [`ValueError::Json`] beyond 128 levels of nesting.
    pub fn from_json(value: &RawValue) -> Result<Self, ValueError> {
        serde_json::from_str(value.get()).map(Self).map_err(ValueError::Json)
    }

    /// Reads a form: URL-encoded text with bracket nesting (`a[b]`, `a[]`, `a[b][]`; of repeated
    /// plain names the last wins), over which the keys of `meta` are laid.
    ///
    /// `_target`, the name of the input a change came from, becomes its list of keys:
    /// `user[name]` is `["user","name"]`, `tags[]` is `["tags"]`, and an input without a name is
    /// the empty list. Markers of fields never touched (`user[_unused_age]`) stay as they are.
    ///
    /// # Errors
    /// One variant per limit, and [`ValueError::MetaNotObject`].
    pub fn from_form(
        encoded: &str,
        meta: Option<&RawValue>,
        limits: &FormLimits,
    ) -> Result<Self, ValueError> {
        let mut fields = form::parse(encoded, limits)?;
        if let Some(meta) = meta {
            let meta: Option<Map<String, Value>> =
                serde_json::from_str(meta.get()).map_err(|_| ValueError::MetaNotObject)?;
            fields.extend(meta.unwrap_or_default());
        }
        if let Some(target) = fields.get_mut(FORM_TARGET) {
            name_to_path(target);
        }
        Ok(Self(Value::Object(fields)))
    }

    /// The fields of a form.
    pub(crate) fn into_object(self) -> Map<String, Value> {
        match self.0 {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// The value under a path of keys, for a caller without a type for the whole:
    /// `value.text(&["key"])`. `None` when it is not there or no text.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))?.as_str()
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
        Lenient::new(&self.0).read(PhantomData).map_err(|error| error.of_event(event))
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
        match &self.0 {
            Value::Object(object) => Ok(EventFields::new(event, object)),
            other => Err(Lenient::new(other).unexpected(&"an object").of_event(event)),
        }
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

/// Turns `_target` from a field's name into its keys; anything but text is left as it came.
fn name_to_path(target: &mut Value) {
    let Value::String(name) = target else { return };
    let path = match name.as_str() {
        FORM_TARGET_NAMELESS => None,
        name => Some(form::Path::of(name)),
    };
    let keys = path.into_iter().flat_map(form::Path::keys).filter(|key| !key.is_empty());
    *target = keys.map(|key| Value::String(key.to_owned())).collect();
}

#[cfg(test)]
mod tests;
