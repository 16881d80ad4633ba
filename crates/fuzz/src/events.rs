//! Typed events: what a strict reading takes is taken alike, text stands for what it says, and an event
//! that a template wrote comes back as it was.

use std::collections::BTreeMap;

use belvedere::LiveEvent;
use belvedere::event::{EventError, EventValue, FormLimits};
use belvedere::template::to_html;
use belvedere::wire::frame::{Frame, Payload};
use belvedere::wire::keys;
use belvedere::wire::message::ClientMessage;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::dice::Dice;

#[derive(Clone, Debug, Deserialize, LiveEvent, PartialEq)]
enum Event {
    Refresh,
    Move { row: u32, by: i8, exact: u64, far: i128 },
    Weigh { grams: f64, of: Option<i64>, is_gross: bool },
    Tag { name: String, tags: Vec<String>, kind: Kind, sign: char },
    Fill(Filled),
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Kind {
    Plain,
    Rich,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Filled {
    name: String,
    #[serde(default)]
    ages: BTreeMap<String, u8>,
    #[serde(default)]
    lists: Vec<Vec<i16>>,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    match dice.below(3) {
        0 => is_written_and_read(&mut dice),
        1 => json_is_read(dice.rest()),
        _ => form_is_read(dice.rest()),
    }
}

/// An event in a template, pushed by its browser.
fn is_written_and_read(dice: &mut Dice<'_>) {
    let event = match dice.below(4) {
        0 => Event::Refresh,
        1 => {
            let (row, by, exact) = (dice.number() as u32, dice.byte() as i8, dice.number());
            Event::Move { row, by, exact, far: i128::from_be_bytes(dice.array()) }
        }
        2 => {
            // Of few digits: `serde_json` may read one of seventeen as its neighbour.
            let grams = f64::from(dice.number() as i32) / 8.0;
            let of = dice.flag().then(|| dice.number() as i64);
            Event::Weigh { grams, of, is_gross: dice.flag() }
        }
        _ => {
            let n_tags = dice.below(4);
            let tags = (0..n_tags).map(|_| dice.text(32)).collect();
            let kind = if dice.flag() { Kind::Plain } else { Kind::Rich };
            let sign = char::from_u32(dice.number() as u32 % 0x11_0000).unwrap_or('é');
            Event::Tag { name: dice.text(64), tags, kind, sign }
        }
    };
    let written = &event;
    let html = to_html(&belvedere::live! { b phx-click=(written) {} });
    let written =
        html.strip_prefix("<b phx-click=\"").and_then(|rest| rest.strip_suffix("\"></b>"));
    let command = unescaped(written.expect("one attribute"));
    let (name, value) = match serde_json::from_str::<Value>(&command) {
        Ok(mut commands) => {
            let pushed = commands[0][1].take();
            (pushed["event"].as_str().expect("its name").to_owned(), pushed["value"].clone())
        }
        Err(_) => (command, Value::Null),
    };
    let payload = serde_json::json!({ "type": "click", "event": name, "value": value });
    let payload = payload.to_string();
    let frame = Frame {
        join_ref: None,
        message_ref: None,
        topic: "lv:x".into(),
        event: keys::EVENT.into(),
        payload: Payload::Json(&payload),
    };
    let Ok(ClientMessage::Event(pushed)) = frame.message() else { panic!("no event: {payload}") };
    let value = EventValue::from_payload(&pushed, &FormLimits::default()).expect("a value");
    let read = Event::decode(&pushed.event, &value).expect("what was written can be read");
    assert_eq!(read, event, "{payload}");
    assert_eq!(read.name(), name);
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// A payload of JSON for each event.
fn json_is_read(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<&RawValue>(bytes) else { return };
    let Ok(value) = EventValue::from_json(json) else { return };
    for name in Event::NAMES {
        let Ok(lenient) = Event::decode(name, &value).map_err(|error| is_told(&error)) else {
            assert!(strict(name, json).is_none(), "{name} refuses {json}");
            continue;
        };
        assert_eq!(lenient.name(), *name);
        if let Some(strict) = strict(name, json) {
            assert_eq!(lenient, strict, "{json}");
        }
    }
}

/// The event as serde reads it, from an object and without leniency.
fn strict(name: &str, json: &RawValue) -> Option<Event> {
    let members: Map<String, Value> = serde_json::from_str(json.get()).ok()?;
    let variant = match name {
        "refresh" => return Some(Event::Refresh),
        "move" => "Move",
        "weigh" => "Weigh",
        "tag" => "Tag",
        _ => "Fill",
    };
    let event = serde_json::from_value(serde_json::json!({ variant: members })).ok()?;
    match &event {
        // These are read more strictly: by a value of another kind in the place of a list or a map.
        Event::Fill(filled) if filled.lists.iter().any(Vec::is_empty) => None,
        _ => Some(event),
    }
}

/// A form for the event that takes one, and for those that do not.
fn form_is_read(bytes: &[u8]) {
    let encoded = String::from_utf8_lossy(bytes);
    let Ok(value) = EventValue::from_form(&encoded, None, &FormLimits::default()) else { return };
    for name in Event::NAMES {
        match Event::decode(name, &value) {
            Ok(event) => assert_eq!(event.name(), *name),
            Err(error) => is_told(&error),
        }
    }
}

/// An error can be said, to its author and to a visitor.
fn is_told(error: &EventError) {
    assert!(!error.to_string().is_empty());
}
