//! Walking lists, objects and enum variants, remembering the way for an error.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::Value;

use super::{DecodeError, Lenient};

/// Prefix of keys the client adds between those of an index map: `tags[_unused_0]`.
const CLIENT_KEY_PREFIX: &str = "_";

/// Items of a list, each with its key where the list came as an index map.
pub(super) struct Items<'de> {
    items: std::vec::IntoIter<(Option<&'de str>, Lenient<'de>)>,
    index: usize,
}

impl<'de> Items<'de> {
    /// The items of a list, or the values of an object whose keys are numbers, in their order. An empty
    /// text has none.
    pub(super) fn of(value: Lenient<'de>) -> Option<Self> {
        let items: Vec<_> = match value {
            Lenient::Text("") => Vec::new(),
            Lenient::Other(Value::Array(items)) => {
                items.iter().map(|item| (None, Lenient::new(item))).collect()
            }
            Lenient::List(items) => {
                items.items().map(|item| (None, Lenient::of_form(item))).collect()
            }
            Lenient::Object(object) => {
                let members = object.inputs();
                let mut numbered = members
                    .filter(|(key, _)| !key.starts_with(CLIENT_KEY_PREFIX))
                    .map(|(key, item)| Some((key.parse::<u64>().ok()?, key, item)))
                    .collect::<Option<Vec<_>>>()?;
                numbered.sort_by_key(|(number, ..)| *number);
                numbered.into_iter().map(|(_, key, item)| (Some(key), item)).collect()
            }
            Lenient::Text(_) | Lenient::Other(_) => return None,
        };
        Some(Self { items: items.into_iter(), index: 0 })
    }
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
        item.read(seed).map(Some).map_err(|error| match key {
            Some(key) => error.within(key),
            None => error.within(index.to_string()),
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// Members of an object.
pub(super) struct Members<'de, I> {
    members: I,
    /// The member whose key was handed out and whose value comes next.
    current: Option<(&'de str, Lenient<'de>)>,
}

impl<'de, I: Iterator<Item = (&'de str, Lenient<'de>)>> Members<'de, I> {
    pub(super) const fn new(members: I) -> Self {
        Self { members, current: None }
    }
}

impl<'de, I: Iterator<Item = (&'de str, Lenient<'de>)>> MapAccess<'de> for Members<'de, I> {
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
        value.read(seed).map_err(|error| error.within(key))
    }
}

/// An enum's variant with a payload: `{"circle":{"radius":"2"}}`.
pub(super) struct Variant<'de> {
    name: &'de str,
    value: Lenient<'de>,
}

impl<'de> Variant<'de> {
    /// `None` unless the value is an object with one member.
    pub(super) fn of(value: Lenient<'de>) -> Option<Self> {
        let Lenient::Object(object) = value else { return None };
        let mut members = object.inputs();
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
        let value = self.value.read(seed);
        value.map_err(|error| error.within(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.value.list(visitor).map_err(|error| error.within(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.value.object(visitor).map_err(|error| error.within(self.name))
    }
}
