//! Forms: the tree is what a plain reading of the pairs gives, the limits are kept, a flat form is read
//! as `serde_urlencoded` reads it, and what a form keeps is what it gives back.

use std::collections::BTreeMap;

use belvedere::event::{EventValue, FormLimits, ValueError};
use belvedere::form::KeptForm;
use belvedere::{Form, FormData, LiveForm};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::dice::Dice;

#[derive(Debug, Deserialize, PartialEq)]
struct Flat {
    name: String,
    age: u8,
    height: i32,
    is_member: bool,
}

#[derive(Clone, Debug, Form, PartialEq)]
struct Person {
    name: String,
    age: Option<u8>,
    is_member: bool,
    tags: Vec<String>,
    plan: Plan,
    address: Address,
    #[form(max_rows = 4)]
    friends: Vec<Friend>,
}

#[derive(Clone, Copy, Debug, Form, PartialEq)]
enum Plan {
    Free,
    ForTeams,
}

#[derive(Clone, Debug, Form, PartialEq)]
struct Address {
    city: String,
    zip: u32,
}

#[derive(Clone, Debug, Form, PartialEq)]
struct Friend {
    name: String,
    since: Option<i16>,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    match dice.below(4) {
        0 => limits_are_kept(&mut dice),
        1 => is_kept(&String::from_utf8_lossy(dice.rest())),
        2 => any_kept_is_taken(dice.rest()),
        _ => is_read(&String::from_utf8_lossy(dice.rest())),
    }
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

fn is_read(encoded: &str) {
    let Ok(value) = EventValue::from_form(encoded, None, &FormLimits::default()) else { return };
    let mut fields = pairs(encoded);
    // It is laid over the fields as the list of its keys.
    fields.retain(|(name, _)| keys(name)[0] != "_target");
    let mut expected = Tree::default();
    for (name, text) in &fields {
        expected.put(&keys(name), text, true);
    }
    let mut read: Map<String, Value> = value.read("form").expect("any form is an object");
    read.remove("_target");
    assert_eq!(Value::Object(read), expected.into_json(), "{encoded}");
    let is_flat = fields.iter().all(|(name, _)| keys(name).len() == 1);
    if let (true, Ok(strict)) = (is_flat, serde_urlencoded::from_str::<Flat>(encoded)) {
        assert_eq!(value.read::<Flat>("form").expect("a flat form"), strict, "{encoded}");
    }
}

/// The keys of a name, read as people would.
fn keys(name: &str) -> Vec<&str> {
    let whole = vec![name];
    let Some((first, rest)) = name.split_once('[').filter(|(first, _)| !first.is_empty()) else {
        return whole;
    };
    let Some(rest) = rest.strip_suffix(']') else { return whole };
    let inner: Vec<_> = rest.split("][").collect();
    if inner.iter().any(|key| key.contains(['[', ']'])) {
        return whole;
    }
    [vec![first], inner].concat()
}

/// What a form says.
#[derive(Debug)]
enum Tree {
    Text(String),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Default for Tree {
    fn default() -> Self {
        Self::Object(BTreeMap::new())
    }
}

impl Tree {
    /// Of two that disagree about what something is, the later one counts.
    fn put(&mut self, keys: &[&str], text: &str, is_root: bool) {
        let Some((key, rest)) = keys.split_first() else {
            *self = Self::Text(text.to_owned());
            return;
        };
        if key.is_empty() && !is_root {
            if !matches!(self, Self::List(_)) {
                *self = Self::List(Vec::new());
            }
            let Self::List(items) = self else { return };
            let mut item = Self::Text(String::new());
            item.put(rest, text, false);
            items.push(item);
            return;
        }
        if !matches!(self, Self::Object(_)) {
            *self = Self::default();
        }
        let Self::Object(members) = self else { return };
        let member = members.entry((*key).to_owned()).or_insert(Self::Text(String::new()));
        member.put(rest, text, false);
    }

    fn into_json(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text),
            Self::List(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Object(members) => {
                members.into_iter().map(|(key, member)| (key, member.into_json())).collect()
            }
        }
    }
}

fn limits_are_kept(dice: &mut Dice<'_>) {
    let limits = FormLimits {
        max_bytes: usize::from(dice.byte()) * 4,
        max_fields: dice.below(12),
        max_depth: dice.below(6),
    };
    let encoded = String::from_utf8_lossy(dice.rest());
    let pairs = pairs(&encoded);
    let deepest = pairs.iter().map(|(name, _)| keys(name).len()).max().unwrap_or_default();
    let is_within = encoded.len() <= limits.max_bytes
        && pairs.len() <= limits.max_fields
        && deepest <= limits.max_depth;
    match EventValue::from_form(&encoded, None, &limits) {
        Ok(_) => assert!(is_within, "{limits:?} {encoded}"),
        Err(ValueError::FormTooLong { .. }) => assert!(encoded.len() > limits.max_bytes),
        Err(ValueError::TooManyFields { .. }) => assert!(pairs.len() > limits.max_fields),
        Err(ValueError::TooDeep { .. }) => assert!(deepest > limits.max_depth),
        Err(error) => panic!("{error}"),
    }
}

/// Changes, separated by line breaks, of which the last is sent to be saved.
fn is_kept(changes: &str) {
    let mut form = LiveForm::<Person>::new("person");
    let mut last = None;
    for encoded in changes.split('\n').take(8) {
        let Ok(data) = FormData::parse(encoded, &FormLimits::default()) else { return };
        form.change(data.clone());
        comes_back(&form);
        last = Some(data);
    }
    let Some(person) = last.and_then(|data| form.submit(data)) else { return };
    assert_eq!(form.value(), Some(&person));
    comes_back(&form);
    // Written into a form of its own it reads as it was.
    assert_eq!(LiveForm::filled("person", &person).value(), Some(&person));
}

/// A form that takes over what this one keeps shows the same.
fn comes_back(form: &LiveForm<Person>) {
    let kept = form.keep();
    let json = serde_json::to_string(&kept).expect("texts and numbers");
    let read: KeptForm = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(read, kept);
    let mut next = LiveForm::<Person>::new("person");
    next.restore(read);
    assert_eq!(next.keep(), kept, "{json}");
    // A list in the place of a text, which no browser sends, is wrong here and not kept.
    if form.value().is_some() {
        assert_eq!(next.value(), form.value(), "{json}");
    }
}

/// What another build, or nobody, has kept.
fn any_kept_is_taken(json: &[u8]) {
    let Ok(kept) = serde_json::from_slice::<KeptForm>(json) else { return };
    let mut form = LiveForm::<Person>::new("person");
    form.restore(kept);
    comes_back(&form);
}
