use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZero;
use std::str::FromStr;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;
use crate::event::{EventError, EventValue, FormLimits};

fn value(json: &Value) -> EventValue {
    EventValue::from_json(serde_json::from_str(&json.to_string()).unwrap()).unwrap()
}

/// What a form sends, as the JSON of a hook would say it.
fn form(encoded: &str) -> Value {
    let form = EventValue::from_form(encoded, None, &FormLimits::default()).unwrap();
    form.read("e").unwrap()
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    self::value(&value).read("e").unwrap()
}

/// The field and what is wrong with it.
fn refused<T: DeserializeOwned + fmt::Debug>(value: Value) -> (String, FieldProblem) {
    match self::value(&value).read::<T>("e").expect_err("the value is malformed") {
        EventError::Malformed { event: "e", field, problem } => (field, problem),
        other => panic!("{other}"),
    }
}

fn wrong_type(field: &str, found: Found, expected: &str) -> (String, FieldProblem) {
    (field.to_owned(), FieldProblem::Type { found, expected: expected.to_owned() })
}

#[derive(Deserialize, Debug, PartialEq)]
struct Scalars {
    count: u8,
    offset: i64,
    ratio: f64,
    done: bool,
    name: String,
    initial: char,
}

#[test]
fn scalars_are_read_from_text() {
    let scalars = form("count=7&offset=+-3&ratio=1.5&done=on&name=Ann&initial=A&value=");
    let expected =
        Scalars { count: 7, offset: -3, ratio: 1.5, done: true, name: "Ann".into(), initial: 'A' };
    assert_eq!(read::<Scalars>(scalars), expected);
    let json = json!({"count": 7, "offset": -3, "ratio": 1.5, "done": true, "name": "Ann",
        "initial": "A"});
    assert_eq!(read::<Scalars>(json), expected);
}

#[test]
fn flags_have_the_words_of_check_boxes() {
    for (text, expected) in [
        ("true", true),
        ("on", true),
        ("1", true),
        ("false", false),
        ("off", false),
        ("0", false),
        ("", false),
    ] {
        assert_eq!(read::<bool>(json!(text)), expected, "{text}");
    }
    assert_eq!(refused::<bool>(json!("yes")), wrong_type("", Found::Text, "a boolean"));
    assert_eq!(refused::<bool>(json!(1)), wrong_type("", Found::Number, "a boolean"));
    assert!(read::<HashMap<String, bool>>(form("done=false&done=true"))["done"]);
}

#[test]
fn numbers_out_of_range_or_out_of_this_world_are_refused() {
    let said = |problem: (String, FieldProblem)| problem.1.to_string();
    for large in [json!("300"), json!(300), json!(" +256"), json!("9".repeat(60)), json!(1e30)] {
        assert_eq!(said(refused::<u8>(large)), "is too large for `u8`, which ends at 255");
    }
    for small in [json!("-1"), json!(-1), json!(format!("-{}", "9".repeat(60)))] {
        assert_eq!(said(refused::<u8>(small)), "is too small for `u8`, which ends at 0");
    }
    assert_eq!(
        said(refused::<i64>(json!("9223372036854775808"))),
        "is too large for `i64`, which ends at 9223372036854775807"
    );
    assert_eq!(said(refused::<f32>(json!("1e39"))), "is too large for `f32`");
    assert_eq!(said(refused::<f64>(json!("-1e999"))), "is too small for `f64`");
    assert_eq!(said(refused::<NonZero<u8>>(json!("0"))), "is a number, expected a nonzero u8");
    for fraction in [json!("1.5"), json!(1.5), json!("-.5")] {
        assert_eq!(refused::<u8>(fraction), wrong_type("", Found::Fraction, "u8"));
    }
    for text in ["x", "1x", "--1", "0x10", "1 000"] {
        assert_eq!(refused::<u8>(json!(text)), wrong_type("", Found::Text, "u8"), "{text}");
    }
    for text in ["NaN", "inf", "-infinity", "x"] {
        assert_eq!(refused::<f64>(json!(text)), wrong_type("", Found::Text, "f64"), "{text}");
    }
    assert_eq!((read::<u8>(json!("-0")), read::<u8>(json!("0255"))), (0, 255));
    assert_eq!(read::<i8>(json!("-128")), -128);
    assert_eq!(read::<i128>(json!(i128::MIN.to_string())), i128::MIN);
    assert_eq!(read::<u128>(json!(u128::MAX.to_string())), u128::MAX);
    let rounded = "is a number beyond 2^53, which is exact as text only, expected u64";
    assert_eq!(said(refused::<u64>(json!(9_007_199_254_740_992.0))), rounded);
    assert_eq!(said(refused::<u8>(json!(1e16))), "is too large for `u8`, which ends at 255");
    assert_eq!(read::<String>(json!(7)), "7");
}

#[test]
fn a_field_left_blank_is_called_empty_whatever_its_type() {
    fn check<T: DeserializeOwned + fmt::Debug>() {
        for blank in ["", "  "] {
            assert_eq!(refused::<T>(json!(blank)), (String::new(), FieldProblem::Empty));
        }
        let (field, problem) = refused::<HashMap<String, T>>(form("at="));
        assert_eq!((&*field, problem.to_string()), ("at", "is empty".to_owned()));
    }
    check::<u8>();
    check::<f64>();
    check::<UserId>();
    check::<NonZero<i64>>();
    check::<Shape>();
    check::<std::net::Ipv4Addr>();
    check::<Person>();
}

#[derive(Debug, PartialEq)]
struct UserId(u64);

impl FromStr for UserId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("user-").unwrap_or("").parse().map(Self)
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Deserialize, Debug, PartialEq)]
struct TodoId(i32);

#[test]
fn ids_are_read_by_their_own_type() {
    assert_eq!(read::<TodoId>(json!("7")), TodoId(7));
    assert_eq!(read::<UserId>(json!("user-7")), UserId(7));
    let (field, problem) = refused::<HashMap<String, UserId>>(json!({"id": "7"}));
    assert_eq!(field, "id");
    assert_eq!(problem.to_string(), "was refused: cannot parse integer from empty string");
}

#[derive(Deserialize, Debug, PartialEq)]
struct Nested {
    user: Person,
    #[serde(rename = "_target", default)]
    target: Vec<String>,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Person {
    name: String,
    age: Option<u8>,
    note: Option<String>,
    #[serde(default)]
    tags: Vec<u8>,
}

#[test]
fn an_option_is_none_when_missing_null_or_empty() {
    let none = Person { name: "Ann".into(), age: None, note: None, tags: vec![] };
    for value in [
        form("name=Ann"),
        form("name=Ann&age=&note=&tags="),
        json!({"name": "Ann", "age": null, "note": null}),
    ] {
        assert_eq!(read::<Person>(value), none);
    }
    let some = read::<Person>(form("name=Ann&age=7&note=x"));
    assert_eq!((some.age, some.note.as_deref()), (Some(7), Some("x")));
}

#[test]
fn a_nested_form_is_read_with_its_target() {
    let value = form("user[name]=Ann&user[tags][]=1&_target=user%5Bname%5D");
    let nested = read::<Nested>(value);
    assert_eq!(nested.target, ["user", "name"]);
    assert_eq!(nested.user.tags, [1]);
}

#[test]
fn a_problem_names_the_input() {
    assert_eq!(
        refused::<Nested>(form("user[age]=1")),
        ("user[name]".into(), FieldProblem::Missing)
    );
    assert_eq!(refused::<Nested>(form("")), ("user".into(), FieldProblem::Missing));
    assert_eq!(
        refused::<Nested>(form("user[name]=Ann&user[age]=old")),
        wrong_type("user[age]", Found::Text, "u8")
    );
    assert_eq!(
        refused::<Nested>(form("user[name]=Ann&user[tags][]=1&user[tags][]=x")),
        wrong_type("user[tags][1]", Found::Text, "u8")
    );
    assert_eq!(
        refused::<Nested>(form("user[name]=Ann&user[tags][5]=x")),
        wrong_type("user[tags][5]", Found::Text, "u8")
    );
    assert_eq!(
        refused::<Nested>(form("user=Ann")),
        wrong_type("user", Found::Text, "struct Person")
    );
    assert_eq!(refused::<Person>(json!(null)), wrong_type("", Found::Null, "struct Person"));
}

#[test]
fn a_list_is_read_from_an_index_map_in_the_order_of_its_numbers() {
    assert_eq!(read::<Vec<u8>>(form("10=3&9=2&0=1&_unused_9=&_persistent_id=x")), [1, 2, 3]);
    assert_eq!(read::<(u8, String)>(json!(["1", 2])), (1, "2".into()));
    assert_eq!(
        refused::<Vec<u8>>(form("0=1&x=2")).1,
        wrong_type("", Found::Object, "a sequence").1
    );
    assert_eq!(refused::<Vec<u8>>(json!("7")).1, wrong_type("", Found::Text, "a sequence").1);
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Dot,
    Circle(u8),
    Box { width: u8 },
    Line(u8, u8),
}

#[test]
fn an_enum_is_a_name_or_an_object_of_one_member() {
    assert_eq!(read::<Shape>(json!("dot")), Shape::Dot);
    assert_eq!(read::<Shape>(json!({"dot": null})), Shape::Dot);
    assert_eq!(read::<Shape>(form("circle=3")), Shape::Circle(3));
    assert_eq!(read::<Shape>(form("box[width]=3")), Shape::Box { width: 3 });
    assert_eq!(read::<Shape>(form("line[]=3&line[]=4")), Shape::Line(3, 4));
    assert_eq!(refused::<Shape>(form("box[width]=x")), wrong_type("box[width]", Found::Text, "u8"));
    assert!(matches!(refused::<Shape>(json!("secret")).1, FieldProblem::Type { .. }));
    assert_eq!(refused::<Shape>(json!({})), wrong_type("", Found::Object, "enum Shape"));
    let keyed: BTreeMap<u8, bool> = read(form("1=on&20=0"));
    assert_eq!(keyed, BTreeMap::from([(1, true), (20, false)]));
}

#[test]
fn marks_of_fields_that_nobody_has_used_are_no_inputs() {
    fn read<T: DeserializeOwned>(encoded: &str) -> T {
        let form = EventValue::from_form(encoded, None, &FormLimits::default()).unwrap();
        form.read("e").unwrap()
    }
    let keyed: BTreeMap<u8, String> = read("_unused_1=&1=&2=b");
    assert_eq!(keyed, BTreeMap::from([(1, String::new()), (2, "b".into())]));
    assert_eq!(read::<Vec<u8>>("_unused_1=&1=3&_persistent_id=x"), [3]);
    assert_eq!(read::<Shape>("_unused_circle=&circle=3"), Shape::Circle(3));
}

#[test]
fn no_message_repeats_what_the_user_typed() {
    let messages = [
        value(&form("user[name]=Ann&user[age]=hunter2")).read::<Nested>("e").unwrap_err(),
        value(&json!("hunter2")).read::<Shape>("e").unwrap_err(),
        value(&json!("hunter2")).read::<char>("e").unwrap_err(),
        value(&json!("hunter2")).read::<u8>("e").unwrap_err(),
    ];
    for error in messages {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    assert_eq!(format!("{:?}", value(&json!("hunter2"))), "EventValue(redacted)");
}

proptest! {
    #[test]
    fn no_form_panics(encoded in "([ab_%5BD\\[\\]=&+0-9]|\\PC){0,60}") {
        if let Ok(value) = EventValue::from_form(&encoded, None, &FormLimits::default()) {
            let _ = value.read::<Nested>("e");
            let _ = value.read::<Vec<Shape>>("e");
            let _ = value.read::<HashMap<u8, Vec<bool>>>("e");
        }
    }
}
