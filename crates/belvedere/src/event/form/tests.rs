use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::*;
use crate::event::EventValue;

/// A form as nested maps, made of one field after the other as it came.
fn as_maps(encoded: &str) -> Value {
    let mut form = Value::Object(Map::new());
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
        let mut slot = &mut form;
        for (index, key) in path::keys(name.as_bytes()).enumerate() {
            let key = &name[key];
            slot = if index > 0 && key.is_empty() {
                if !slot.is_array() {
                    *slot = Value::Array(Vec::new());
                }
                let items = slot.as_array_mut().unwrap();
                items.push(Value::Null);
                items.last_mut().unwrap()
            } else {
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                slot.as_object_mut().unwrap().entry(key).or_insert(Value::Null)
            };
        }
        *slot = Value::String(value.into_owned());
    }
    form
}

#[derive(Deserialize, Debug)]
#[expect(dead_code, reason = "only compared as it prints")]
struct Page {
    a: Option<Part>,
    #[serde(default)]
    b: Vec<Part>,
    c: Option<BTreeMap<u8, u8>>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only compared as it prints")]
enum Part {
    A,
    B(u8),
    C {
        a: bool,
        b: Option<Box<Self>>,
    },
    #[serde(rename = "0")]
    List(Vec<u8>, String),
}

/// What `encoded` is as a `T`, or why it is none, both ways.
fn both<T: DeserializeOwned + Debug>(encoded: &str) -> [String; 2] {
    let form = EventValue::from_form(encoded, None, &FormLimits::default()).unwrap();
    let json = serde_json::value::to_raw_value(&as_maps(encoded)).unwrap();
    let json = EventValue::from_json(&json).unwrap();
    [form, json].map(|value| format!("{:?}", value.read::<T>("e")))
}

fn encoded_form() -> impl Strategy<Value = String> {
    let key = "(a|b|c|0|1|10|_unused_0|é|a!|\\]|\\[)?";
    let name = (key, prop::collection::vec(key, 0..4));
    let name =
        name.prop_map(|(head, keys)| keys.iter().fold(head, |name, key| format!("{name}[{key}]")));
    let field = (name, "(|on|1|7|300|x|a|é)");
    prop::collection::vec(field, 0..12).prop_map(|fields| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    })
}

/// Whether the only field of a form is the mark of another.
fn is_sent_as_mark(name: &str, value: &str) -> bool {
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    FormTree::parse(&encoded, &FormLimits::default()).unwrap().sent().count() == 0
}

#[test]
fn a_mark_is_known_by_its_name() {
    for name in
        ["_unused_a", "a[_unused_b]", "a[_unused_b][]", "_unused_a[]", "a[b]", "a_unused_b", "a[]"]
    {
        assert_eq!(is_sent_as_mark(name, "_unused_[_unused_"), is_mark(name), "{name}");
    }
}

#[test]
fn fields_are_kept_as_they_were_sent() {
    let encoded = "a%5B_unused_b%5D=&a%5Bb%5D=1+2&&c&_unused_c=&a[d]=%41&_x=";
    let form = FormTree::parse(encoded, &FormLimits::default()).unwrap();
    assert_eq!(form.sent().collect::<Vec<_>>(), ["a%5Bb%5D=1+2", "c", "a[d]=%41", "_x="]);
}

proptest! {
    #[test]
    fn texts_are_decoded_as_everywhere(encoded in "[a-cA-F0-9%+=&é]{0,40}") {
        let form = EventValue::from_form(&encoded, None, &FormLimits::default()).unwrap();
        let expected: BTreeMap<_, _> =
            form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        prop_assert_eq!(form.read::<BTreeMap<String, String>>("e").unwrap(), expected);
    }

    #[test]
    fn a_form_is_what_its_fields_make_of_it_one_after_the_other(encoded in encoded_form()) {
        let form = EventValue::from_form(&encoded, None, &FormLimits::default()).unwrap();
        prop_assert_eq!(form.to_json(), as_maps(&encoded), "{}", encoded);
    }

    #[test]
    fn a_form_is_read_as_the_same_in_json_is(encoded in encoded_form()) {
        for [form, json] in [
            both::<Page>(&encoded),
            both::<BTreeMap<String, Part>>(&encoded),
            both::<BTreeMap<String, BTreeMap<u8, Option<u8>>>>(&encoded),
            both::<BTreeMap<String, Vec<String>>>(&encoded),
            both::<Vec<Vec<u8>>>(&encoded),
            both::<(u8, Part)>(&encoded),
        ] {
            prop_assert_eq!(form, json, "{}", encoded);
        }
    }

    #[test]
    fn a_mark_of_any_name_with_brackets_in_pairs_is_known(name in "(a|_unused_|b){1,3}(\\[(a|_unused_|b){0,2}\\]){0,3}") {
        // A list within a list is no field's name.
        prop_assume!(!name.contains("[]["));
        prop_assert_eq!(is_sent_as_mark(&name, ""), is_mark(&name), "{}", name);
    }

    #[test]
    fn names_are_parted_alike_encoded_or_not(encoded in encoded_form()) {
        let plain = encoded.replace("%5B", "[").replace("%5D", "]");
        let [encoded, plain] = [&encoded, &plain].map(|encoded| {
            EventValue::from_form(encoded, None, &FormLimits::default()).unwrap().to_json()
        });
        prop_assert_eq!(encoded, plain);
    }
}
