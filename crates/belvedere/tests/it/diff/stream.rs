//! Streams: what travels, and that a browser shows what happened in whatever order it was sent.

use belvedere::{
    LiveStream, StreamLimit,
    diff::{Memory, merge, to_html},
    live,
    template::{Render, diff},
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value};

fn stream() -> LiveStream<(u8, String)> {
    LiveStream::new("s", |(id, _): &(u8, String)| *id)
}

fn page(stream: &LiveStream<(u8, String)>) -> impl Render {
    live! {
        ul #s phx-update="stream" {
            @for (id, item) in stream { li id=(id) { (item.1) @if item.0 > 1 { b { (item.0) } } } }
        }
    }
}

/// Rows without anything around them.
fn row(stream: &LiveStream<(u8, String)>) -> impl Render {
    live! { @for (id, item) in stream { i id=(id) { (item.1) } } }
}

/// The server's memory and the browser's tree of one stream.
pub(super) struct Browser(Memory, Value);

impl Browser {
    pub(super) fn new() -> Self {
        Self(Memory::default(), Value::Object(Map::new()))
    }

    pub(super) fn send(&mut self, template: &impl Render) -> String {
        let mut sent = String::from("{");
        diff(template, &mut self.0, &mut sent);
        sent.push('}');
        merge(&mut self.1, serde_json::from_str(&sent).expect(&sent)).expect(&sent);
        sent
    }

    pub(super) fn html(&self) -> String {
        to_html(&self.1).expect("a well-formed tree")
    }
}

#[test]
fn items_travel_once() {
    let mut stream = stream();
    let mut browser = Browser::new();
    assert_eq!(
        browser.send(&page(&stream)),
        r#"{"0":{"k":{"kc":0},"stream":["s",[],[]],"s":["<li id=\"","\">","","</li>"]},"s":["<ul id=\"s\" phx-update=\"stream\">","</ul>"]}"#
    );
    stream.append((1, "a".into()));
    assert_eq!(
        browser.send(&page(&stream)),
        r#"{"0":{"k":{"0":{"0":"s-1","1":"a","2":""},"kc":1},"stream":["s",[["s-1",-1,null,null]],[]]}}"#
    );
    assert_eq!(browser.send(&page(&stream)), "{}");
    stream.prepend((2, "b".into()));
    assert_eq!(
        browser.send(&page(&stream)),
        r#"{"0":{"k":{"0":{"0":"s-2","1":"b","2":{"0":"2","s":["<b>","</b>"]}},"kc":1},"stream":["s",[["s-2",0,null,null]],[]]}}"#
    );
    stream.update((1, "A".into()));
    stream.delete(2);
    assert_eq!(
        browser.send(&page(&stream)),
        r#"{"0":{"k":{"0":{"0":"s-1","1":"A","2":""},"kc":1},"stream":["s",[["s-1",-1,null,true]],["s-2"]]}}"#
    );
    assert_eq!(browser.html(), r#"<ul id="s" phx-update="stream"><li id="s-1">A</li></ul>"#);
}

#[test]
fn an_operation_undone_before_it_was_sent_is_not_sent() {
    let mut stream = stream().with_limit(StreamLimit::First(2));
    let mut browser = Browser::new();
    browser.send(&page(&stream));
    stream.append((1, "a".into()));
    stream.append((1, "b".into()));
    stream.delete(1);
    stream.update((1, "gone".into()));
    assert_eq!(browser.send(&page(&stream)), r#"{"0":{"k":{"kc":0},"stream":["s",[],["s-1"]]}}"#);
    stream.append((3, "c".into()));
    stream.reset([(4, "d".into())]);
    assert_eq!(
        browser.send(&page(&stream)),
        r#"{"0":{"k":{"0":{"0":"s-4","1":"d","2":{"0":"4","s":["<b>","</b>"]}},"kc":1},"stream":["s",[["s-4",-1,2,null]],[],true]}}"#
    );
}

#[test]
fn an_item_that_the_limit_has_taken_away_before_it_was_sent_takes_a_new_place() {
    for (limit, at_start) in [(StreamLimit::Last(2), false), (StreamLimit::First(2), true)] {
        let mut stream = stream().with_limit(limit);
        let mut browser = Browser::new();
        browser.send(&row(&stream));
        for text in ["a", "b", "c", "a again", "c again"] {
            let item = (text.as_bytes()[0], text.into());
            if at_start { stream.prepend(item) } else { stream.append(item) }
        }
        browser.send(&row(&stream));
        let rows = ["<i id=\"s-99\">c again</i>", "<i id=\"s-97\">a again</i>"];
        let shown = if at_start { [rows[1], rows[0]] } else { rows };
        assert_eq!(browser.html(), shown.concat());
    }
}

#[test]
fn two_streams_of_one_name_show_the_first() {
    let (mut first, mut second) = (stream(), stream());
    first.append((0, "a".into()));
    second.append((0, "b".into()));
    let mut browser = Browser::new();
    browser.send(&live! { (page(&first)) (page(&second)) });
    let list = r#"<ul id="s" phx-update="stream">"#;
    assert_eq!(browser.html(), format!(r#"{list}<li id="s-0">a</li></ul>{list}</ul>"#));
}

#[test]
fn a_stream_may_be_the_whole_template_or_stand_in_a_row() {
    let mut stream = stream();
    stream.append((0, "a".into()));
    let mut browser = Browser::new();
    browser.send(&row(&stream));
    assert_eq!(browser.html(), r#"<i id="s-0">a</i>"#);
    stream.append((1, "b".into()));
    browser.send(&row(&stream));
    assert_eq!(browser.html(), r#"<i id="s-0">a</i><i id="s-1">b</i>"#);

    let mut browser = Browser::new();
    stream.append((2, "c".into()));
    let keyed = |order: [u8; 2]| {
        let stream = &stream;
        live! { @for n in order, key=(n) { (n) @if n == 1 { (row(stream)) } } }
    };
    browser.send(&keyed([1, 2]));
    browser.send(&keyed([2, 1]));
    assert_eq!(browser.html(), r#"21<i id="s-2">c</i>"#);
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Append(u8, String),
    Prepend(u8, String),
    Update(u8, String),
    Delete(u8),
    Reset(Vec<u8>),
    Send,
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let (id, text) = (0..5_u8, "[a-c&]{0,2}");
    prop_oneof![
        3 => (id.clone(), text).prop_map(|(id, text)| Act::Append(id, text)),
        3 => (id.clone(), text).prop_map(|(id, text)| Act::Prepend(id, text)),
        2 => (id.clone(), text).prop_map(|(id, text)| Act::Update(id, text)),
        2 => id.clone().prop_map(Act::Delete),
        1 => vec(id, 0..3).prop_map(Act::Reset),
        2 => Just(Act::Send),
    ]
}

/// What the browser shows when every operation is carried out at once.
pub(super) fn apply(shown: &mut Vec<(u8, String)>, act: &Act) {
    let known = |shown: &mut Vec<(u8, String)>, id: u8, text: &str| {
        let item = shown.iter_mut().find(|item| item.0 == id);
        item.map(|item| text.clone_into(&mut item.1)).is_some()
    };
    match act {
        Act::Append(id, text) if !known(shown, *id, text) => shown.push((*id, text.clone())),
        Act::Prepend(id, text) if !known(shown, *id, text) => shown.insert(0, (*id, text.clone())),
        Act::Update(id, text) => drop(known(shown, *id, text)),
        Act::Delete(id) => shown.retain(|item| item.0 != *id),
        Act::Reset(ids) => {
            shown.clear();
            ids.iter().for_each(|id| apply(shown, &Act::Append(*id, String::new())));
        }
        _ => {}
    }
}

pub(super) fn carry_out(stream: &mut LiveStream<(u8, String)>, act: Act) {
    match act {
        Act::Append(id, text) => stream.append((id, text)),
        Act::Prepend(id, text) => stream.prepend((id, text)),
        Act::Update(id, text) => stream.update((id, text)),
        Act::Delete(id) => stream.delete(id),
        Act::Reset(ids) => stream.reset(ids.into_iter().map(|id| (id, String::new()))),
        Act::Send => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn however_operations_fall_into_frames_the_browser_shows_them_all(acts in vec(act(), 0..24)) {
        let (mut stream, mut browser, mut shown) = (stream(), Browser::new(), Vec::new());
        let mut is_first = true;
        for act in acts.into_iter().chain([Act::Send]) {
            apply(&mut shown, &act);
            if matches!(act, Act::Send) {
                let shown = &shown;
                let expected = live! {
                    ul #s phx-update="stream" {
                        @for (id, text) in shown {
                            li id={ "s-" (id) } { (text) @if *id > 1 { b { (id) } } }
                        }
                    }
                };
                let expected = belvedere::template::to_html(&expected);
                if std::mem::take(&mut is_first) {
                    let page = belvedere::template::to_html(&page(&stream));
                    prop_assert_eq!(page, expected.as_str(), "the page's own HTML");
                }
                browser.send(&page(&stream));
                prop_assert_eq!(browser.html(), expected);
            }
            carry_out(&mut stream, act);
        }
    }
}
