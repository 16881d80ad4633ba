use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn form(encoded: &str) -> Value {
    EventValue::from_form(encoded, None, &FormLimits::default()).unwrap().to_json()
}

fn with_meta(encoded: &str, meta: &str) -> Value {
    let meta = serde_json::from_str(meta).unwrap();
    EventValue::from_form(encoded, Some(meta), &FormLimits::default()).unwrap().to_json()
}

#[test]
fn brackets_nest() {
    assert_eq!(form("a=1&b=2"), json!({"a": "1", "b": "2"}));
    assert_eq!(
        form("user%5Bname%5D=Ann+Lee&user[age]="),
        json!({"user": {"name": "Ann Lee", "age": ""}})
    );
    assert_eq!(form("tags[]=x&tags[]=y"), json!({"tags": ["x", "y"]}));
    assert_eq!(form("a[b][]=1&a[b][]=2"), json!({"a": {"b": ["1", "2"]}}));
    assert_eq!(form("a[][b]=1&a[][b]=2"), json!({"a": [{"b": "1"}, {"b": "2"}]}));
    assert_eq!(form("i[0][n]=x&i[1][n]=y"), json!({"i": {"0": {"n": "x"}, "1": {"n": "y"}}}));
    assert_eq!(form(""), json!({}));
    assert_eq!(form("a&=b&&"), json!({"a": "", "": "b"}));
}

#[test]
fn the_last_value_wins_whatever_its_shape() {
    assert_eq!(form("a=1&a=2"), json!({"a": "2"}));
    assert_eq!(form("a=1&a[b]=2"), json!({"a": {"b": "2"}}));
    assert_eq!(form("a[b]=1&a[]=2"), json!({"a": ["2"]}));
    assert_eq!(form("a[]=1&a=2"), json!({"a": "2"}));
}

#[test]
fn brackets_that_do_not_pair_up_belong_to_the_name() {
    for name in ["a[b", "a]b", "[b]", "a[b]c", "a[b][", "a[[b]]", "[", "a["] {
        assert_eq!(form(&format!("{name}=1")), json!({ name: "1" }), "{name}");
    }
}

#[test]
fn markers_of_unused_fields_stay() {
    assert_eq!(
        form("user[_unused_age]=&user[age]=&_unused_tags[]="),
        json!({"user": {"_unused_age": "", "age": ""}, "_unused_tags": [""]})
    );
}

#[test]
fn meta_is_laid_over_the_top_level() {
    assert_eq!(
        with_meta("a[b]=1&c=2", r#"{"a":{"d":3},"e":null}"#),
        json!({"a": {"d": 3}, "c": "2", "e": null})
    );
    assert_eq!(with_meta("a=1", "null"), json!({"a": "1"}));
}

#[test]
fn a_target_becomes_its_keys() {
    for (name, expected) in [
        (r#""user[name]""#, json!(["user", "name"])),
        (r#""name""#, json!(["name"])),
        (r#""tags[]""#, json!(["tags"])),
        (r#""a[""#, json!(["a["])),
        (r#""undefined""#, json!([])),
        (r#"["kept"]"#, json!(["kept"])),
        ("7", json!(7)),
    ] {
        let value = with_meta("", &format!(r#"{{"_target":{name}}}"#));
        assert_eq!(value, json!({ "_target": expected }));
    }
    assert_eq!(form("_target=user%5Bname%5D"), json!({"_target": ["user", "name"]}));
}

#[test]
fn a_form_beyond_a_limit_is_refused() {
    let limits = FormLimits { max_bytes: 20, max_fields: 3, max_depth: 2 };
    let parse = |encoded: &str| EventValue::from_form(encoded, None, &limits);
    assert!(parse("a[b]=1&b=2&cccccc=33").is_ok());
    assert!(matches!(
        parse("a[b]=1&b=2&cccccc=333"),
        Err(ValueError::FormTooLong { n_bytes: 21, max_bytes: 20 })
    ));
    assert!(matches!(parse("a&b&c&d"), Err(ValueError::TooManyFields { max_fields: 3 })));
    assert!(matches!(parse("a[b][c]"), Err(ValueError::TooDeep { depth: 3, max_depth: 2 })));
}

#[test]
fn a_payload_is_read_as_its_kind_says() {
    let read = |payload: &str| {
        let payload: EventPayload<'_> = serde_json::from_str(payload).unwrap();
        EventValue::from_payload(&payload, &FormLimits::default())
    };
    let form = read(r#"{"type":"form","event":"e","value":"a=\u0062","meta":{"_target":"a"}}"#);
    assert_eq!(form.unwrap().to_json(), json!({"a": "b", "_target": ["a"]}));
    let click = read(r#"{"type":"click","event":"e","value":{"a":[1,null]},"meta":{"b":1}}"#);
    assert_eq!(click.unwrap().to_json(), json!({"a": [1, null]}));
    let not_text = read(r#"{"type":"form","event":"e","value":{"a":1}}"#);
    assert!(matches!(not_text, Err(ValueError::FormNotText)));
    let meta = read(r#"{"type":"form","event":"e","value":"","meta":[]}"#);
    assert!(matches!(meta, Err(ValueError::MetaNotObject)));
    let deep = format!(r#"{{"event":"e","value":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    assert!(matches!(read(&deep), Err(ValueError::Json(_))));
}

#[test]
fn text_is_found_by_its_path() {
    let value = EventValue::from_form("user[name]=Ann", None, &FormLimits::default()).unwrap();
    assert_eq!(value.text(&["user", "name"]), Some("Ann"));
    assert_eq!(value.text(&["user"]), None);
    assert_eq!(value.text(&["nobody", "name"]), None);
}

proptest! {
    #[test]
    fn no_form_panics(
        encoded in "([ab_%5BD\\[\\]=&+0-9]|\\PC){0,60}",
        meta in prop::option::of(r#"(\{("(_target|a)":"[ab\[\]]{0,6}",?)?\}|null|\[\])"#),
    ) {
        let meta: Option<Box<RawValue>> =
            meta.and_then(|meta| serde_json::from_str(&meta).ok());
        let _ = EventValue::from_form(&encoded, meta.as_deref(), &FormLimits::default());
    }

    #[test]
    fn plain_fields_survive(fields in prop::collection::btree_map("[^\\[\\]]{1,9}", any::<String>(), 0..9)) {
        prop_assume!(!fields.contains_key(FORM_TARGET));
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(&fields);
        let value = EventValue::from_form(&encoded.finish(), None, &FormLimits::default()).unwrap();
        prop_assert_eq!(value.read::<BTreeMap<String, String>>("e").unwrap(), fields);
    }
}
