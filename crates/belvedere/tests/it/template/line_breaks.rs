//! Elements whose first line break every HTML parser drops: what was given is what a reader sees.

use belvedere::{
    live,
    template::{Render, to_html},
};
use maud::PreEscaped;
use proptest::prelude::*;
use scraper::{Html, Selector};

use crate::diff::{Client, fresh_html};

/// What a browser shows of the elements, after the page and after each way of telling it.
fn shown(template: &impl Render) -> Vec<String> {
    let html = to_html(template);
    assert_eq!(fresh_html(template), html);
    read(&html)
}

fn read(html: &str) -> Vec<String> {
    let selector = Selector::parse("textarea, pre, listing").unwrap();
    Html::parse_fragment(html).select(&selector).map(|element| element.text().collect()).collect()
}

fn line(text: &str) -> impl Render {
    live! { (text) }
}

fn fixed() -> impl Render {
    live! { "\nfixed" }
}

#[test]
fn a_line_break_at_the_start_is_written_twice() {
    let text = "\na";
    assert_eq!(
        to_html(&live! { textarea name="t" { (text) } }),
        "<textarea name=\"t\">\n\na</textarea>"
    );
    assert_eq!(to_html(&live! { pre { "\na" } }), "<pre>\n\na</pre>");
    assert_eq!(
        to_html(&live! { pre { "a\n" (text) } p { (text) } }),
        "<pre>a\n\na</pre><p>\na</p>"
    );
    assert_eq!(to_html(&live! { textarea { (text) "!" } }), "<textarea>\n\na!</textarea>");
}

#[test]
fn any_other_text_is_written_as_maud_does() {
    for text in ["", "a", " \n", "a\n", "&#10;"] {
        let html = maud::html! { textarea { (text) } pre { b { (text) } "\n" } }.into_string();
        super::check(&live! { textarea { (text) } pre { b { (text) } "\n" } }, &html);
    }
}

#[test]
fn however_the_text_comes_to_stand_first() {
    let (text, empty, on) = ("\nx", "", true);
    let rows = ["\nx", "\ny"];
    assert_eq!(shown(&live! { pre { @if on { (text) } } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { @if on { "\nx" } @else { "y" } } }), ["\nx"]);
    assert_eq!(shown(&live! { PRE { @match on { true => (text), false => {} } } }), ["\nx"]);
    assert_eq!(shown(&live! { listing { @for row in rows { (row) } } }), ["\nx\ny"]);
    assert_eq!(shown(&live! { pre { @for row in rows { (empty) "\n" (row) } } }), ["\n\nx\n\ny"]);
    assert_eq!(shown(&live! { pre { (line(text)) (line(text)) } }), ["\nx\nx"]);
    assert_eq!(shown(&live! { pre { (fixed()) (fixed()) } }), ["\nfixed\nfixed"]);
    assert_eq!(shown(&live! { pre { (rows.iter().map(|row| line(row))) } }), ["\nx\ny"]);
    assert_eq!(shown(&live! { pre { (None::<Box<dyn Render>>) (empty) "" { (text) } } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { (empty) b { (text) } (text) } }), ["\nx\nx"]);
    assert_eq!(shown(&live! { pre { b { (empty) } (text) } }), ["\nx"]);
    assert_eq!(shown(&live! { textarea { @let text = text.to_owned(); (text) } }), ["\nx"]);
}

#[test]
fn every_spelling_of_a_line_break_counts() {
    let (windows, old) = ("\r\nx", "\rx");
    assert_eq!(to_html(&live! { textarea { (windows) } }), "<textarea>\n\r\nx</textarea>");
    assert_eq!(shown(&live! { textarea { (old) } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { (PreEscaped("\n<b>x</b>")) } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { (PreEscaped("&#xA;x")) } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { (maud::html! { "\nx" }) } }), ["\nx"]);
    assert_eq!(shown(&live! { pre { ('\n') (PreEscaped("<b></b>")) ('\n') } }), ["\n\n"]);
}

#[test]
fn a_diff_says_it_too() {
    let page = |first: &'static str, second: &'static str| live! { pre { (first) (second) } };
    let mut client = Client::new();
    client.render(&page("a", "\nb"));
    assert_eq!(client.render(&page("\na", "\nb")), r#"{"0":"\n\na"}"#);
    assert_eq!(client.render(&page("", "\nb")), r#"{"0":"","1":"\n\nb"}"#);
    assert_eq!(read(&client.html()), ["\nb"]);
    assert_eq!(client.render(&page("a", "\nb")), r#"{"0":"a","1":"\nb"}"#);
}

#[test]
fn a_row_that_comes_to_stand_first_is_sent_with_it() {
    let page = |lines: &[&'static str]| {
        let lines = lines.to_vec();
        live! { pre { @for line in &lines, key=(line) { (line) } } }
    };
    let mut client = Client::new();
    for lines in [vec!["\na", "\nb", "\nc"], vec!["\nc", "\na"], vec!["\na", "\nc"], vec!["\nc"]] {
        client.render(&page(&lines));
        assert_eq!(read(&client.html()), [lines.concat()]);
    }
}

/// Texts of what matters at a start.
fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[\n\r a&<]{0,3}", 4)
}

fn mixed(texts: &[String], shape: u8) -> impl Render {
    let (bit, texts) = (move |bit: u8| shape >> bit & 1 == 1, texts.to_vec());
    live! {
        pre {
            @if bit(0) { (texts[0]) } @else if bit(1) { "\n" (texts[0]) }
            @for text in &texts[..usize::from(shape % 3)] { (line(text)) }
            @if bit(2) { b { (texts[1]) } }
            (texts[2])
        }
        textarea { (texts[3]) @if bit(3) { (texts[0]) } }
    }
}

/// What `mixed` is to show.
fn expected(texts: &[String], shape: u8) -> Vec<String> {
    let bit = |bit: u8| shape >> bit & 1 == 1;
    let mut pre = String::new();
    if bit(0) {
        pre += &texts[0];
    } else if bit(1) {
        pre += "\n";
        pre += &texts[0];
    }
    texts[..usize::from(shape % 3)].iter().for_each(|text| pre += text);
    if bit(2) {
        pre += &texts[1];
    }
    pre += &texts[2];
    let area = format!("{}{}", texts[3], if bit(3) { &*texts[0] } else { "" });
    [pre, area].map(|text| text.replace("\r\n", "\n").replace('\r', "\n")).into()
}

proptest! {
    #[test]
    fn a_reader_sees_what_was_given(steps in prop::collection::vec((texts(), 0_u8..16), 1..6)) {
        let mut client = Client::new();
        for (texts, shape) in steps {
            // A parser takes a carriage return and the line feed after it for one.
            let splits = texts.iter().any(|text| text.ends_with('\r'));
            let texts = if splits { vec![String::new(); 4] } else { texts };
            client.render(&mixed(&texts, shape));
            prop_assert_eq!(read(&client.html()), expected(&texts, shape));
        }
    }
}
