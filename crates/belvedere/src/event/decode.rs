//! Reading typed events from values that were typed by users.
//!
//! A serde deserializer over a borrowed form or JSON that takes text for numbers, booleans and lists where
//! the type asks for them. Its rules are documented on [`super::EventValue::read`].

mod access;
mod error;
mod number;
mod object;
#[cfg(test)]
mod tests;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Expected, IntoDeserializer, Visitor};
use serde_json::Value;

use access::{Items, Members, Variant};
use number::{Float, whole};

use super::form::{Branch, Shape};
use super::{FieldProblem, Found};
pub(super) use error::DecodeError;
pub(super) use object::Object;

/// A value being read leniently.
#[derive(Clone, Copy)]
pub(super) enum Lenient<'de> {
    /// Text, be it a JSON string, a form's or an object's key.
    Text(&'de str),
    /// JSON that is neither text nor an object.
    Other(&'de Value),
    /// A list of a form.
    List(Branch<'de>),
    /// Of JSON, of a form, or of both.
    Object(Object<'de>),
}

impl<'de> Lenient<'de> {
    pub(super) fn new(value: &'de Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            Value::Object(members) => Self::Object(Object::of_json(members)),
            other => Self::Other(other),
        }
    }

    pub(super) fn of_form(shape: Shape<'de>) -> Self {
        match shape {
            Shape::Text(text) => Self::Text(text),
            Shape::List(items) => Self::List(items),
            Shape::Object(fields) => Self::Object(Object::of_form(fields)),
        }
    }

    /// Reads the value; one that was left blank is called empty, whatever its type says of it.
    pub(super) fn read<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(self).map_err(|error| match self {
            Self::Text(text) if text.trim().is_empty() => error.of_blank(),
            _ => error,
        })
    }

    /// The member of an object.
    pub(super) fn member(self, key: &str) -> Option<Self> {
        match self {
            Self::Object(object) => object.get(key),
            Self::Text(_) | Self::Other(_) | Self::List(_) => None,
        }
    }

    /// The same as JSON.
    pub(super) fn to_json(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.to_owned()),
            Self::Other(value) => value.clone(),
            Self::List(items) => items.items().map(|item| Self::of_form(item).to_json()).collect(),
            Self::Object(object) => {
                object.members().map(|(key, value)| (key.to_owned(), value.to_json())).collect()
            }
        }
    }

    const fn found(self) -> Found {
        match self {
            Self::Text(_) | Self::Other(Value::String(_)) => Found::Text,
            Self::Other(Value::Null) => Found::Null,
            Self::Other(Value::Bool(_)) => Found::Boolean,
            Self::Other(Value::Number(_)) => Found::Number,
            Self::List(_) | Self::Other(Value::Array(_)) => Found::List,
            Self::Object(_) | Self::Other(Value::Object(_)) => Found::Object,
        }
    }

    pub(super) fn unexpected(self, expected: &dyn Expected) -> DecodeError {
        let (found, expected) = (self.found(), expected.to_string());
        DecodeError::new(FieldProblem::Type { found, expected })
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Text(text) => visitor.visit_borrowed_str(text),
            Self::Other(Value::Number(number)) => visitor.visit_string(number.to_string()),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match Items::of(self) {
            Some(items) => visitor.visit_seq(items),
            None => Err(self.unexpected(&visitor)),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Object(object) => visitor.visit_map(Members::new(object.members())),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    /// As [`object`](Self::object), of inputs under keys of any type, which the client's marks are not.
    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Object(object) => visitor.visit_map(Members::new(object.inputs())),
            _ => Err(self.unexpected(&visitor)),
        }
    }
}

/// Methods of [`Deserializer`] that read alike.
macro_rules! alike {
    ($($method:ident => $reader:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.$reader(visitor)
        }
    )*};
}

/// Methods of [`Deserializer`] for numbers.
macro_rules! numbers {
    ($($method:ident => $reader:expr,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            $reader.read(self, visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Lenient<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Text(text) => visitor.visit_borrowed_str(text),
            Self::Other(Value::Null) => visitor.visit_unit(),
            Self::Other(Value::Bool(flag)) => visitor.visit_bool(*flag),
            Self::Other(Value::Number(number)) => {
                if let Some(number) = number.as_u64() {
                    visitor.visit_u64(number)
                } else if let Some(number) = number.as_i64() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Self::Other(Value::String(text)) => visitor.visit_borrowed_str(text),
            Self::Other(Value::Array(_)) | Self::List(_) => self.list(visitor),
            Self::Other(Value::Object(_)) | Self::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Text("true" | "on" | "1") => visitor.visit_bool(true),
            Self::Text("false" | "off" | "0" | "") => visitor.visit_bool(false),
            Self::Text(_) => Err(self.unexpected(&visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Text("") | Self::Other(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    numbers! {
        deserialize_i8 => whole!(i8),
        deserialize_i16 => whole!(i16),
        deserialize_i32 => whole!(i32),
        deserialize_i64 => whole!(i64),
        deserialize_i128 => whole!(i128),
        deserialize_u8 => whole!(u8),
        deserialize_u16 => whole!(u16),
        deserialize_u32 => whole!(u32),
        deserialize_u64 => whole!(u64),
        deserialize_u128 => whole!(u128),
        deserialize_f32 => Float::F32,
        deserialize_f64 => Float::F64,
    }

    alike! {
        deserialize_char => text,
        deserialize_str => text,
        deserialize_string => text,
        deserialize_bytes => text,
        deserialize_byte_buf => text,
        deserialize_identifier => text,
        deserialize_unit => deserialize_any,
        deserialize_seq => list,
        deserialize_map => map,
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self {
            Self::Text(text) => {
                let variant: StrDeserializer<'de, DecodeError> = text.into_deserializer();
                visitor.visit_enum(variant)
            }
            _ => match Variant::of(self) {
                Some(variant) => visitor.visit_enum(variant),
                None => Err(self.unexpected(&visitor)),
            },
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }
}
