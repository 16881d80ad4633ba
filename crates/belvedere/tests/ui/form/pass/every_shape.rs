//! What a form may ask for; public, so what the derive writes must be documented.

#![deny(warnings)]
#![deny(missing_docs, missing_debug_implementations)]

use belvedere::form::Choice;
use belvedere::{Form, FormData, LiveForm};

/// Of every kind.
#[derive(Debug, Form)]
#[form(check = checked)]
pub struct Everything {
    /// A raw identifier.
    pub r#type: String,
    number: Option<i64>,
    ratio: f32,
    letter: char,
    is_on: bool,
    /// A choice.
    pub colour: Colour,
    colours: Vec<Colour>,
    words: Vec<String>,
    #[form(value, constraint("everything_address_key", "is taken"))]
    address: Option<std::net::IpAddr>,
    /// A group.
    pub inner: Inner,
    #[form(max_rows = 3)]
    rows: Vec<Inner>,
}

/// Nested and a row, and within itself.
#[derive(Debug, Form)]
pub struct Inner {
    /// Its name.
    pub name: String,
    /// More of its kind.
    pub more: Vec<Self>,
}

/// A choice.
#[derive(Clone, Copy, Debug, PartialEq, Form)]
pub enum Colour {
    /// The first.
    Red,
    /// Two words.
    DarkBlue,
}

/// Nothing at all.
#[derive(Debug, Form)]
pub struct Nothing {}

fn checked(_: &Everything, errors: &mut belvedere::form::Errors<'_, Everything>) {
    errors.add(|f| f.inner.name, "is checked");
}

mod names_of_the_prelude {
    #[expect(dead_code, reason = "what they hide matters")]
    struct Option;
    #[expect(dead_code, reason = "what they hide matters")]
    struct Result;
    #[expect(dead_code, reason = "what they hide matters")]
    struct String;
    #[expect(dead_code, reason = "what they hide matters")]
    struct Vec;

    #[derive(belvedere::Form)]
    struct Private {
        n: u8,
    }

    #[derive(belvedere::Form, PartialEq, Debug)]
    enum Kind {
        Some,
        None,
    }

    #[test]
    fn prelude_names_may_be_taken() {
        let form = belvedere::LiveForm::<Private>::new("p");
        assert_eq!(form.field(|f| f.n).value(), "");
        assert!(form.value().is_none_or(|private| private.n == 0));
        assert_ne!(Kind::Some, Kind::None);
    }
}

#[test]
fn every_shape_is_read() {
    let mut form = LiveForm::<Everything>::new("e");
    let data = "e[type]=t&e[ratio]=1.5&e[letter]=x&e[colour]=dark_blue&e[colours][]=red\
                &e[words][]=a&e[words][]=b&e[address]=::1&e[inner][name]=n\
                &e[rows][0][name]=r&e[rows][0][more][0][name]=s";
    let data = FormData::parse(data, &Default::default()).expect("within the limits");
    assert!(form.submit(data).is_none(), "the check refuses");
    assert_eq!(form.field(|f| f.inner.name).error().to_string(), "is checked");
    for error in [
        form.field(|f| f.ratio).error(),
        form.field(|f| f.letter).error(),
        form.field(|f| f.colours).error(),
        form.field(|f| f.address).error(),
    ] {
        assert_eq!(error.to_string(), "");
    }
    let row = form.rows(|f| f.rows).into_iter().next().expect("a row");
    assert_eq!(row.rows(|r| r.more).len(), 1);
    assert_eq!(Colour::ALL.map_value(), ["red", "dark_blue"]);
    assert!(LiveForm::<Nothing>::new("n").value().is_some());
}

trait MapValue {
    fn map_value(&self) -> Vec<&'static str>;
}

impl MapValue for [Colour] {
    fn map_value(&self) -> Vec<&'static str> {
        self.iter().map(Choice::value).collect()
    }
}
