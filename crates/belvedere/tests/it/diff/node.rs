//! Texts, nested templates and conditionals.

use belvedere::{
    diff::Memory,
    live,
    template::{Render, diff},
};

use super::{Client, diffs};

fn page(a: &'static str, b: Option<&'static str>) -> impl Render {
    live! { p { (a) } @if let Some(b) = b { b { (b) } } }
}

#[test]
fn changed_texts_travel() {
    let page = |a: &'static str, b: &'static str| live! { p { (a) } (b) };
    diffs! {
        page("hi", "yo") => r#"{"0":"hi","1":"yo","s":["<p>","</p>",""]}"#,
        page("ho", "yo") => r#"{"0":"ho"}"#,
        page("ho", "yo") => "{}",
        page("", "") => r#"{"0":"","1":""}"#,
    };
}

#[test]
fn displayed_numbers_are_strings() {
    let page = |n: u32| live! { (n) };
    diffs! {
        page(1) => r#"{"0":"1","s":["",""]}"#,
        page(2) => r#"{"0":"2"}"#,
    };
}

#[test]
fn texts_are_escaped_for_html_and_for_json() {
    let page = |text: &'static str| live! { (text) i title=(text) {} (maud::PreEscaped(text)) };
    diffs! {
        page("") => r#"{"0":"","1":"","2":"","s":["","<i title=\"","\"></i>",""]}"#,
        page("\"<\\\n\u{1}") => r#"{"0":"&quot;&lt;\\\n\u0001","1":"&quot;&lt;\\\n\u0001","2":"\"<\\\n\u0001"}"#,
    };
}

/// A text, a number, and markup can have one place by turns, and read alike where one is escaped.
#[test]
fn whatever_takes_turns_in_one_place_is_told_apart() {
    let texts: [fn() -> Box<dyn Render>; 10] = [
        || Box::new("&lt;"),
        || Box::new(maud::PreEscaped("&lt;")),
        || Box::new('<'),
        || Box::new("<"),
        || Box::new(97_u8),
        || Box::new('a'),
        || Box::new(-1_i64),
        || Box::new(u64::MAX),
        || Box::new(u128::MAX),
        || Box::new(""),
    ];
    for first in texts {
        let mut client = Client::new();
        for second in texts {
            client.render(&live! { p { (vec![first()]) } });
            client.render(&live! { p { (vec![second()]) } });
        }
    }
}

/// The second text stands first where the first is empty, and is written another way then.
#[test]
fn a_text_that_comes_to_stand_first_is_told_apart() {
    let page = |a: &'static str, b: &'static str| live! { textarea { (a) (b) } };
    let mut client = Client::new();
    for (a, b) in [("", "<"), ("x", "&lt;"), ("", "&lt;"), ("x", "<"), ("", "\n"), ("x", "\n\n")] {
        client.render(&page(a, b));
    }
}

#[test]
fn attributes_are_holes() {
    let page = |on: bool, title: Option<&'static str>| {
        live! { i.a.b[on] disabled[on] title=[title] { "x" } }
    };
    diffs! {
        page(true, None) => concat!(
            r#"{"0":" b","1":" disabled","2":"","#,
            r#""s":["<i class=\"a","\"","",">x</i>"]}"#
        ),
        page(false, Some("t")) => r#"{"0":"","1":"","2":" title=\"t\""}"#,
    };
}

#[test]
fn a_concatenated_value_has_a_hole_per_part() {
    let page = |id: u32| live! { a href={ "/users/" (id) "/todos" } {} };
    diffs! {
        page(1) => r#"{"0":"1","s":["<a href=\"/users/","/todos\"></a>"]}"#,
        page(2) => r#"{"0":"2"}"#,
    };
}

#[test]
fn a_nested_template_has_its_statics_once() {
    diffs! {
        page("hi", Some("x")) => r#"{"0":"hi","1":{"0":"x","s":["<b>","</b>"]},"s":["<p>","</p>",""]}"#,
        page("hi", Some("y")) => r#"{"1":{"0":"y"}}"#,
        page("ho", Some("y")) => r#"{"0":"ho"}"#,
    };
}

#[test]
fn a_conditional_that_was_false_has_its_statics_again() {
    diffs! {
        page("hi", None) => r#"{"0":"hi","1":"","s":["<p>","</p>",""]}"#,
        page("hi", Some("x")) => r#"{"1":{"0":"x","s":["<b>","</b>"]}}"#,
        page("hi", None) => r#"{"1":""}"#,
        page("hi", None) => "{}",
        page("hi", Some("x")) => r#"{"1":{"0":"x","s":["<b>","</b>"]}}"#,
    };
}

#[test]
fn another_branch_is_another_template() {
    let page = |n: u32| live! { @if n < 2 { b { (n) } } @else { u { (n) } } };
    diffs! {
        page(0) => r#"{"0":{"0":"0","s":["<b>","</b>"]},"s":["",""]}"#,
        page(1) => r#"{"0":{"0":"1"}}"#,
        page(2) => r#"{"0":{"0":"2","s":["<u>","</u>"]}}"#,
    };
}

#[test]
fn arms_are_templates() {
    let page = |state: Result<u32, &'static str>| {
        live! { @match state { Ok(n) => b { (n) }, Err("") => {}, Err(error) => (error) } }
    };
    diffs! {
        page(Ok(1)) => r#"{"0":{"0":"1","s":["<b>","</b>"]},"s":["",""]}"#,
        page(Err("bad")) => r#"{"0":{"0":"bad","s":["",""]}}"#,
        page(Err("worse")) => r#"{"0":{"0":"worse"}}"#,
        page(Err("")) => r#"{"0":""}"#,
    };
}

#[test]
fn a_template_without_holes_is_its_statics() {
    let page = |on: bool| live! { @if on { hr; } };
    diffs! {
        page(false) => r#"{"0":"","s":["",""]}"#,
        page(true) => r#"{"0":{"s":["<hr>"]}}"#,
        page(true) => "{}",
    };
}

#[test]
fn what_stands_below_an_old_branch_is_skipped() {
    let page = |on: bool, after: u32| {
        live! {
            @if on { @for n in 0..3 { @if n > 0 { (n) @if n > 1 { (n) } } (n) } }
            (after)
        }
    };
    let mut client = Client::new();
    client.render(&page(true, 1));
    assert_eq!(client.render(&page(false, 1)), r#"{"0":""}"#);
    client.render(&page(true, 1));
    assert_eq!(client.render(&page(false, 2)), r#"{"0":"","1":"2"}"#);
}

#[test]
fn another_root_replaces_the_tree() {
    let root = |n: u32| -> Box<dyn Render> {
        match n {
            0 => Box::new(live! { h1 { (n) } }),
            _ => Box::new(live! { h2 { (n) } }),
        }
    };
    diffs! {
        root(0) => r#"{"0":"0","s":["<h1>","</h1>"]}"#,
        root(1) => r#"{"0":"1","s":["<h2>","</h2>"]}"#,
        root(2) => r#"{"0":"2"}"#,
    };
}

#[test]
fn a_root_that_is_no_node_is_made_one() {
    let root = |n: Option<u32>| n.map(|n| live! { b { (n) } });
    diffs! {
        root(None) => r#"{"0":"","s":["",""]}"#,
        root(Some(1)) => r#"{"0":"1","s":["<b>","</b>"]}"#,
        root(None) => r#"{"0":"","s":["",""]}"#,
        root(None) => "{}",
    };
    let rows = |n: u32| (0..n).map(|n| live! { (n) }).collect::<Vec<_>>();
    diffs! {
        rows(0) => r#"{"0":"","s":["",""]}"#,
        rows(1) => r#"{"0":{"k":{"0":{"0":{"0":"0","s":["",""]}},"kc":1},"s":["",""]}}"#,
        rows(0) => r#"{"0":{"k":{"kc":0}}}"#,
    };
}

#[test]
fn members_are_appended_without_braces() {
    let mut memory = Memory::default();
    let mut frame = r#"{"diff":{"#.to_owned();
    assert_eq!(diff(&live! { (1) (2) }, &mut memory, &mut frame).holes, 3);
    assert_eq!(frame, r#"{"diff":{"0":"1","1":"2","s":["","",""]"#);
    assert_eq!(memory.bytes(), 24);
}

#[test]
fn a_panic_in_a_template_harms_no_other() {
    let page = |fails: bool| {
        live! { @for n in 0..3 { @if n == 1 && fails { (panicking()) } @else { (n) } } }
    };
    fn panicking() -> u32 {
        panic!("the author's code")
    }
    let mut healthy = Client::new();
    healthy.render(&page(false));
    let mut memory = Memory::default();
    diff(&page(false), &mut memory, &mut String::new());
    let render = || diff(&page(true), &mut memory, &mut String::new());
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(render)).unwrap_err();
    assert_eq!(healthy.render(&page(false)), "{}");
    assert_eq!(memory.bytes(), 0, "the next diff is a full tree");
}
