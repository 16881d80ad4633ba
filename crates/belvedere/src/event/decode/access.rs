//! Walking lists, objects and enum variants, remembering the way for an error.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::{Map, Value};

use super::{DecodeError, Lenient};

/// Prefix of keys the client adds between those of an index map: `tags[_unused_0]`.
const CLIENT_KEY_PREFIX: &str = "_";

/// Items of a list, each with its key where the list came as an index map.
#[derive(Default)]
pub(super) struct Items<'de> {
    items: std::vec::IntoIter<(Option<&'de str>, &'de Value)>,
    index: usize,
}

/// The items of a JSON array, or the values of an object whose keys are numbers, in their order.
pub(super) fn list_of(value: &Value) -> Option<Items<'_>> {
    let items: Vec<_> = match value {
        Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
        Value::Object(members) => {
            let mut numbered = members
                .iter()
                .filter(|(key, _)| !key.starts_with(CLIENT_KEY_PREFIX))
                .map(|(key, item)| Some((key.parse::<u64>().ok()?, key.as_str(), item)))
                .collect::<Option<Vec<_>>>()?;
            numbered.sort_by_key(|(number, ..)| *number);
            numbered.into_iter().map(|(_, key, item)| (Some(key), item)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    Some(Items { items: items.into_iter(), index: 0 })
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some((key, item)) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        Lenient::new(item).read(seed).map(Some).map_err(|error| match key {
            Some(key) => error.within(key),
            None => error.within(index.to_string()),
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// Members of an object.
pub(super) struct Members<'de> {
    members: serde_json::map::Iter<'de>,
    /// The member whose key was handed out and whose value comes next.
    current: Option<(&'de String, &'de Value)>,
}

impl<'de> Members<'de> {
    pub(super) fn new(object: &'de Map<String, Value>) -> Self {
        Self { members: object.iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = self.members.next();
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        seed.deserialize(Lenient::Text(key)).map(Some).map_err(|error| error.within(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let (key, value) = self.current.expect("serde asks for a value after its key");
        Lenient::new(value).read(seed).map_err(|error| error.within(key))
    }
}

/// An enum's variant with a payload: `{"circle":{"radius":"2"}}`.
pub(super) struct Variant<'de> {
    name: &'de String,
    value: &'de Value,
}

impl<'de> Variant<'de> {
    /// `None` unless the value is an object with one member.
    pub(super) fn of(value: &'de Value) -> Option<Self> {
        let mut members = value.as_object()?.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => Some(Self { name, value }),
            _ => None,
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        Ok((seed.deserialize(Lenient::Text(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        let value = Lenient::new(self.value).read(seed);
        value.map_err(|error| error.within(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Lenient::new(self.value).list(visitor).map_err(|error| error.within(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Lenient::new(self.value).object(visitor).map_err(|error| error.within(self.name))
    }
}
