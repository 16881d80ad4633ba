//! What a browser sent of a form, before it is known what to make of it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::event::{EventValue, FormLimits, ValueError};
use crate::wire::keys::FORM_TARGET;

/// What a browser sent of a form for a `T`: what an event carries that a form fills, and what the
/// handler of a plain `POST` takes.
///
/// ```
/// use belvedere::{Form, FormData, LiveEvent};
///
/// #[derive(Form)]
/// struct SignUp { email: String }
///
/// #[derive(LiveEvent)]
/// enum Event {
///     Validate(FormData<SignUp>),
///     Save(FormData<SignUp>),
/// }
/// # let _ = (Event::VALIDATE, Event::SAVE);
/// ```
///
/// Whatever is in it, it reaches the view, and [`LiveForm`](super::LiveForm) makes of it texts and
/// errors. `Debug` shows no content: what people type stays out of logs.
pub struct FormData<T> {
    pub(super) fields: Map<String, Value>,
    of: PhantomData<fn() -> T>,
}

impl<T> FormData<T> {
    /// Reads a form as browsers send it, `user[name]=Ann&user[age]=12a`, such as the body of a plain
    /// `POST`. In a handler, `FormData<T>` is an extractor that does so.
    ///
    /// # Errors
    /// One variant per limit.
    pub fn parse(encoded: &str, limits: &FormLimits) -> Result<Self, ValueError> {
        Ok(Self::of(match EventValue::from_form(encoded, None, limits)?.to_json() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }))
    }

    const fn of(fields: Map<String, Value>) -> Self {
        Self { fields, of: PhantomData }
    }

    /// The keys of the input that a change came from.
    pub(super) fn target(&self) -> Vec<&str> {
        let keys = self.fields.get(FORM_TARGET).and_then(Value::as_array);
        keys.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

impl<'de, T> Deserialize<'de> for FormData<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a struct and not as a map, which would be without the marks of fields that nobody has used.
        deserializer.deserialize_struct("FormData", &[], FieldsVisitor).map(Self::of)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Map::deserialize(MapAccessDeserializer::new(map))
    }
}

impl<T> Clone for FormData<T> {
    fn clone(&self) -> Self {
        Self::of(self.fields.clone())
    }
}

impl<T> fmt::Debug for FormData<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FormData(redacted)")
    }
}
