use maud::{Render, html};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::*;

#[derive(LiveEvent, Debug, PartialEq)]
enum Event {
    Refresh,
    Delete { id: u32 },
    RenameUser { id: Option<u32>, name: String, r#type: Kind },
    Save(UserForm),
    Broken { broken: Broken },
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Admin,
}

#[derive(Deserialize, Debug, PartialEq)]
struct UserForm {
    name: String,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken on purpose"))
    }
}

fn value(json: &Value) -> EventValue {
    EventValue::from_json(serde_json::from_str(&json.to_string()).unwrap()).unwrap()
}

/// What the browser sees in an attribute.
fn unescaped(event: &Event) -> String {
    let html = event.render().0;
    html.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn names_are_declared_in_order() {
    assert_eq!(Event::NAMES, ["refresh", "delete", "rename_user", "save", "broken"]);
    assert_eq!(Event::Refresh.name(), "refresh");
    assert_eq!(Event::Delete { id: 1 }.name(), "delete");
    assert_eq!(Event::declared_name("save"), Some("save"));
    assert_eq!(Event::declared_name("mint"), None);
}

#[test]
fn events_are_read_from_what_the_client_sends() {
    let click = value(&json!({"value": ""}));
    assert_eq!(Event::decode("refresh", &click).unwrap(), Event::Refresh);
    let click = value(&json!({"id": "7", "value": ""}));
    assert_eq!(Event::decode("delete", &click).unwrap(), Event::Delete { id: 7 });
    let form = EventValue::from_form("name=Ann", None, &FormLimits::default()).unwrap();
    let saved = Event::Save(UserForm { name: "Ann".into() });
    assert_eq!(Event::decode("save", &form).unwrap(), saved);
}

#[test]
fn an_unknown_event_says_what_is_declared() {
    let error = Event::decode("delte", &value(&json!({}))).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"unknown event "delte", declared are ["refresh", "delete", "rename_user", "save", "broken"]"#
    );
    assert_eq!((error.reason(), error.event()), ("unknown_event", None));
    let long = Event::decode(&"é".repeat(500), &value(&json!({}))).unwrap_err();
    assert!(matches!(long, EventError::Unknown { name, .. } if name.chars().count() == 64));
}

#[test]
fn a_malformed_event_says_what_is_missing() {
    let error = Event::decode("delete", &value(&json!({"value": ""}))).unwrap_err();
    assert_eq!(error.to_string(), "event `delete`: field `id` is missing");
    assert_eq!((error.reason(), error.event()), ("malformed_event", Some("delete")));
    let error = Event::decode("delete", &value(&json!({"id": "x"}))).unwrap_err();
    assert_eq!(error.to_string(), "event `delete`: field `id` is text, expected u32");
    let error = Event::decode("delete", &value(&json!(null))).unwrap_err();
    assert_eq!(error.to_string(), "event `delete`: the payload is null, expected an object");
}

#[test]
fn an_event_without_fields_renders_its_name() {
    assert_eq!(
        html!(button phx-click=(Event::Refresh) {}).0,
        r#"<button phx-click="refresh"></button>"#
    );
    assert_eq!(html!(form phx-submit=(Event::SAVE) {}).0, r#"<form phx-submit="save"></form>"#);
    assert_eq!(Event::Save(UserForm { name: String::new() }).render().0, "save");
    assert_eq!(Event::SAVE.to_string(), Event::SAVE.as_str());
}

#[test]
fn an_event_with_fields_renders_a_push_command() {
    assert_eq!(
        html!(button phx-click=(Event::Delete { id: 7 }) {}).0,
        "<button phx-click=\"[[&quot;push&quot;,{&quot;event&quot;:&quot;delete&quot;,\
         &quot;value&quot;:{&quot;id&quot;:7}}]]\"></button>"
    );
    let rename = Event::RenameUser { id: None, name: "<\"&'>".into(), r#type: Kind::Admin };
    assert_eq!(
        unescaped(&rename),
        r#"[["push",{"event":"rename_user","value":{"id":null,"name":"<\"&'>","type":"admin"}}]]"#
    );
    assert!(!rename.render().0.contains(['<', '>', '"']));
}

#[test]
fn a_field_that_cannot_be_serialised_leaves_the_bare_name() {
    assert_eq!(html!(b a=(Event::Broken { broken: Broken }) {}).0, r#"<b a="broken"></b>"#);
}

#[test]
fn no_events_decode_nothing() {
    assert!(<()>::NAMES.is_empty());
    assert!(matches!(
        <()>::decode("", &value(&json!({}))),
        Err(EventError::Unknown { declared: [], .. })
    ));
}

#[derive(LiveEvent, Debug, PartialEq)]
enum PageEvent {
    Next,
    #[live_event(name = "page.go")]
    Go {
        #[live_event(name = "page-number")]
        page: u32,
    },
}

#[derive(LiveEvent, Debug, PartialEq)]
enum ListEvent {
    Refresh,
    #[live_event(events)]
    Pages(PageEvent),
    Check {
        id: u32,
        #[live_event(name = "value", default)]
        is_done: bool,
    },
    Rename {
        id: u32,
        #[live_event(form)]
        form: UserForm,
    },
}

#[test]
fn names_may_be_chosen_and_enums_composed() {
    assert_eq!(ListEvent::NAMES, ["refresh", "next", "page.go", "check", "rename"]);
    let go = ListEvent::Pages(PageEvent::Go { page: 3 });
    assert_eq!(go.name(), "page.go");
    assert_eq!(
        go.render().0.replace("&quot;", "'"),
        "[['push',{'event':'page.go','value':{'page-number':3}}]]"
    );
    let sent = value(&json!({"page-number": "3"}));
    assert_eq!(ListEvent::decode("page.go", &sent).unwrap(), go);
    let next = ListEvent::Pages(PageEvent::Next);
    assert_eq!(ListEvent::decode("next", &value(&json!({}))).unwrap(), next);
    let error = ListEvent::decode("page.go", &value(&json!({}))).unwrap_err();
    assert_eq!(error.to_string(), "event `page.go`: field `page-number` is missing");
    let error = ListEvent::decode("go", &value(&json!({}))).unwrap_err();
    assert!(error.to_string().contains(r#"["refresh", "next", "page.go""#), "{error}");
}

#[test]
fn an_event_writes_unless_it_says_that_it_reads() {
    #[derive(LiveEvent)]
    enum Own {
        Write,
        #[live_event(reads, name = "look")]
        Read {
            id: u32,
        },
        #[live_event(events)]
        Pages(PageEvent),
        #[live_event(events)]
        Views(ViewEvent),
    }
    #[derive(LiveEvent)]
    #[live_event(reads)]
    enum ViewEvent {
        Sort,
        Find(()),
    }
    let reads = [Own::Read { id: 1 }, Own::Views(ViewEvent::Sort), Own::Views(ViewEvent::Find(()))];
    let writes = [Own::Write, Own::Pages(PageEvent::Next)];
    assert!(reads.iter().all(Own::only_reads));
    assert!(!writes.iter().any(Own::only_reads));
}

#[test]
fn what_the_browser_brings_stands_beside_what_the_template_gives() {
    let check = |sent| ListEvent::decode("check", &value(&sent));
    let done = |is_done| ListEvent::Check { id: 7, is_done };
    assert_eq!(check(json!({"id": 7, "value": "on"})).unwrap(), done(true));
    assert_eq!(check(json!({"id": 7})).unwrap(), done(false), "an unchecked box sends nothing");
    let error = check(json!({"id": 7, "value": "maybe"})).unwrap_err();
    assert!(error.to_string().contains("field `value`"), "{error}");
    let meta = serde_json::value::to_raw_value(&json!({"id": 7})).unwrap();
    let form = EventValue::from_form("name=Ann", Some(&meta), &FormLimits::default()).unwrap();
    let renamed = ListEvent::Rename { id: 7, form: UserForm { name: "Ann".into() } };
    assert_eq!(ListEvent::decode("rename", &form).unwrap(), renamed);
    assert_eq!(
        renamed.render().0.replace("&quot;", "'"),
        "[['push',{'event':'rename','value':{'id':7}}]]"
    );
}

proptest! {
    /// What a template says is what the view receives, with the client's own `value` key added.
    #[test]
    fn a_rendered_event_comes_back(id: Option<u32>, name: String) {
        let event = Event::RenameUser { id, name, r#type: Kind::Admin };
        let command: Value = serde_json::from_str(&unescaped(&event)).unwrap();
        let push = &command[0][1];
        let mut sent = push["value"].clone();
        sent["value"] = json!("");
        let name = push["event"].as_str().unwrap();
        prop_assert_eq!(Event::decode(name, &value(&sent)).unwrap(), event);
    }
}

#[derive(LiveEvent, Debug, PartialEq)]
enum LargeEvent {
    Go { id: u64, offset: i128, by_key: std::collections::BTreeMap<u64, u64>, ratio: f64 },
}

/// What a JavaScript program has of a JSON value that it read: all its numbers are doubles.
fn in_javascript(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let double = number.as_f64().unwrap();
            let is_whole = double.fract() == 0.0 && double.abs() < 1e18;
            if is_whole { json!(double as i64) } else { json!(double) }
        }
        Value::Array(items) => items.iter().map(in_javascript).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), in_javascript(value))).collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_number_that_javascript_would_round_comes_back(
        id in prop_oneof![any::<u64>(), (1_u64 << 53) - 2..(1 << 53) + 3],
        offset: i128,
        key: u64,
        n in prop_oneof![any::<u64>(), 0..9_u64],
    ) {
        let event = LargeEvent::Go { id, offset, by_key: [(key, n)].into(), ratio: 1e300 };
        let text = event.render().0.replace("&quot;", "\"");
        let command: Value = serde_json::from_str(&text).unwrap();
        let sent = in_javascript(&command[0][1]["value"]);
        prop_assert_eq!(LargeEvent::decode("go", &value(&sent)).unwrap(), event);
    }
}
