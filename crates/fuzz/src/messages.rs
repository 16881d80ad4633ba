//! What frames ask for: each message as a plain reading of its JSON has it.
//!
//! The first byte says which message, the rest is its payload.

use std::borrow::Cow;

use belvedere::wire::frame::{Frame, Payload};
use belvedere::wire::keys;
use belvedere::wire::message::{
    AllowUpload, ClientMessage, EventKind, EventPayload, JoinPayload, OwnParams, Progress,
    Reported, Unread,
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::dice::Dice;

const EVENTS: [&str; 9] = [
    keys::EVENT,
    keys::JOIN,
    keys::LIVE_PATCH,
    keys::ALLOW_UPLOAD,
    keys::PROGRESS,
    keys::CIDS_WILL_DESTROY,
    keys::CIDS_DESTROYED,
    keys::LEAVE,
    keys::HEARTBEAT,
];

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let event = EVENTS[dice.below(EVENTS.len())];
    let payload = dice.rest();
    let frame = |payload| Frame {
        join_ref: Some("4".into()),
        message_ref: Some("8".into()),
        topic: keys::TOPIC_HEARTBEAT.into(),
        event: event.into(),
        payload,
    };
    let has_payload = !matches!(event, keys::LEAVE | keys::HEARTBEAT);
    assert_eq!(frame(Payload::Binary(payload)).message().is_err(), has_payload);
    let Ok(json) = std::str::from_utf8(payload) else { return };
    // Serde takes a list for an object whose members stand in their order, which no client sends.
    if json.trim_ascii_start().starts_with('[') {
        return;
    }
    let frame = frame(Payload::Json(json));
    if let Ok(join) = frame.upload_join() {
        assert_eq!(text(&object(json), "token"), Some(&*join.token));
    }
    match frame.message() {
        Ok(ClientMessage::Event(read)) => event_agrees(&read, json),
        Ok(ClientMessage::Join(read)) => join_agrees(&read, &object(json)),
        Ok(ClientMessage::LivePatch { url }) => {
            assert_eq!(text(&object(json), "url"), Some(&*url));
        }
        Ok(ClientMessage::AllowUpload(read)) => files_agree(&read, &object(json)),
        Ok(ClientMessage::Progress(read)) => progress_agrees(&read, &object(json)),
        Ok(ClientMessage::CidsWillDestroy(cids) | ClientMessage::CidsDestroyed(cids)) => {
            assert_eq!(object(json)["cids"], Value::from(cids));
        }
        Ok(ClientMessage::Heartbeat | ClientMessage::Leave) => assert!(!has_payload),
        Ok(ClientMessage::Unknown(event)) => panic!("{event} is known"),
        Err(_) if event == keys::EVENT => {
            let read = serde_json::from_str::<EventPayload<'_>>(json);
            assert!(read.is_err(), "refused, and yet an event: {read:?}");
        }
        Err(error) => assert!(has_payload, "{error}"),
    }
}

/// What was read is an object.
fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("what was read is an object")
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn event_agrees(read: &EventPayload<'_>, json: &str) {
    let expected = match serde_json::from_str::<EventPayload<'_>>(json) {
        Ok(expected) => expected,
        // A value is looked at where it is read.
        Err(error) => {
            let read = serde_json::from_str::<IgnoredAny>(json);
            return assert!(read.is_err(), "{error}, and not because of a value");
        }
    };
    let parts = |event: &EventPayload<'_>| {
        let unread = |unread: Option<Unread<'_>>| unread.map(|unread| unread.json().to_owned());
        let EventPayload { kind, event, value, cid, meta, uploads } = event;
        (*kind, event.to_string(), value.json().to_owned(), *cid, unread(*meta), unread(*uploads))
    };
    assert_eq!(parts(read), parts(&expected));
    // A value that is deeper than serde reads is none for a view either.
    if let Ok(json) = serde_json::from_str::<Map<String, Value>>(json) {
        assert_eq!(read.kind == EventKind::Form, text(&json, "type") == Some("form"));
    }
    if let Ok(announced) = read.announced() {
        let uploads = read.uploads.map_or("{}", Unread::json);
        let n_uploads = serde_json::from_str::<Option<Map<String, Value>>>(uploads);
        assert_eq!(announced.len(), n_uploads.expect("an object").unwrap_or_default().len());
    }
}

fn join_agrees(read: &JoinPayload<'_>, json: &Map<String, Value>) {
    let optional = |text: &Option<Cow<'_, str>>| text.as_deref().map(ToOwned::to_owned);
    let same = |read: &Option<Cow<'_, str>>, json: &Map<String, Value>, key: &str| {
        assert_eq!(optional(read).as_deref(), text(json, key), "{key}");
    };
    assert_eq!(text(json, "session"), Some(&*read.session));
    same(&read.url, json, "url");
    same(&read.redirect, json, "redirect");
    same(&read.static_token, json, "static");
    same(&read.flash, json, "flash");
    assert_eq!(json.get("sticky").is_some_and(|sticky| sticky == true), read.sticky);
    let none = Map::new();
    let params = json.get("params").and_then(Value::as_object).unwrap_or(&none);
    same(&read.params.csrf_token, params, "_csrf_token");
    same(&read.params.live_referer, params, "_live_referer");
    same(&read.params.url, params, "_url");
    same(&read.params.snapshot, params, "_snapshot");
    let own = params.iter().filter(|(key, _)| !key.starts_with('_'));
    let own: Map<_, _> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
    match &read.params.own {
        OwnParams::Absent => assert!(own.is_empty(), "{own:?}"),
        OwnParams::Object(json) => {
            assert!(json.len() <= OwnParams::MAX_BYTES);
            assert_eq!(object(json), own);
        }
        OwnParams::TooLarge { bytes } => assert!(*bytes > OwnParams::MAX_BYTES),
    }
}

fn files_agree(read: &AllowUpload<'_>, json: &Map<String, Value>) {
    assert_eq!(text(json, "ref"), Some(&*read.upload));
    let entries = json["entries"].as_array().expect("the entries");
    assert_eq!(entries.len(), read.entries.len());
    for (file, json) in read.entries.iter().zip(entries) {
        let entry = json["ref"].as_str().and_then(|entry| entry.parse().ok());
        assert_eq!(entry, Some(file.entry));
        assert_eq!(json["name"].as_str(), Some(&*file.name));
        assert_eq!(json["size"].as_u64(), Some(file.size));
    }
}

fn progress_agrees(read: &Progress<'_>, json: &Map<String, Value>) {
    assert_eq!(text(json, "ref"), Some(&*read.upload));
    match read.reported {
        Reported::Percent(percent) => {
            assert!(percent <= 100);
            assert_eq!(json["progress"].as_u64(), Some(percent.into()));
        }
        Reported::Failed => assert!(json["progress"].is_object()),
    }
}
