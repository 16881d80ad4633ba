//! The fields of an event's payload, read one by one; and what a field's type must be able to do.
//!
//! The derive macro reads with this rather than through a generated struct, so that a type without
//! serde is one error at the field, in words of its own.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::{Serialize, forward_to_deserialize_any};

use super::EventError;
use super::decode::{DecodeError, Object};

/// The payload of one declared event, an object. Made by [`super::EventValue::fields`].
pub struct EventFields<'a> {
    event: &'static str,
    object: Object<'a>,
}

impl<'a> EventFields<'a> {
    pub(super) const fn new(event: &'static str, object: Object<'a>) -> Self {
        Self { event, object }
    }

    /// Reads one field by the rules of [`super::EventValue::read`].
    ///
    /// # Errors
    /// [`EventError::Malformed`], naming the field.
    pub fn read<T: EventField>(&self, key: &'static str) -> Result<T, EventError> {
        self.read_or(key, || T::deserialize(Missing(key)))
    }
}

impl EventFields<'_> {
    /// As [`read`](Self::read); a field that is not there has its type's default.
    ///
    /// # Errors
    /// [`EventError::Malformed`], naming the field.
    pub fn read_or_default<T: EventField + Default>(
        &self,
        key: &'static str,
    ) -> Result<T, EventError> {
        self.read_or(key, || Ok(T::default()))
    }

    fn read_or<T: EventField>(
        &self,
        key: &'static str,
        missing: impl FnOnce() -> Result<T, DecodeError>,
    ) -> Result<T, EventError> {
        let read = match self.object.get(key) {
            Some(value) => value.read(PhantomData::<T>).map_err(|error| error.within(key)),
            None => missing(),
        };
        read.map_err(|error| error.of_event(self.event))
    }
}

impl fmt::Debug for EventFields<'_> {
    /// Shows no content: users' input stays out of logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventFields").field("event", &self.event).finish_non_exhaustive()
    }
}

/// A field that is not there: `None` for an `Option`, an error for all else.
struct Missing(&'static str);

impl<'de> Deserializer<'de> for Missing {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, DecodeError> {
        Err(DecodeError::missing_field(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A type that can be a field of an event: it travels to the browser in an attribute and comes
/// back in a payload. Implemented for all that serde can write and read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an event",
    label = "needs `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for `{Self}`: the template writes the field, the event reads it back"
)]
pub trait EventField: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> EventField for T {}

/// A type that can be read from a form as a whole. Implemented for all that serde can read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a form",
    label = "needs `serde::Deserialize`",
    note = "derive it for `{Self}`, with a field for each input of the form"
)]
pub trait EventForm: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> EventForm for T {}
