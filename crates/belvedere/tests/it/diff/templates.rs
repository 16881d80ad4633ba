//! Templates that come more than once in a message, and elements that the browser may skip.

use belvedere::{LiveStream, live, template::Render};

use super::{Client, diffs, stream::Browser};

fn badge(text: &str) -> impl Render {
    live! { b.badge { (text) } }
}

fn pair(a: &str, b: &str) -> impl Render {
    live! { (a) "/" (b) }
}

#[test]
fn a_template_that_comes_once_has_its_statics_in_its_place() {
    diffs! {
        live! { (badge("a")) (pair("b", "c")) } => concat!(
            r#"{"0":{"0":"a","s":["<b class=\"badge\">","</b>"],"r":1},"#,
            r#""1":{"0":"b","1":"c","s":["","/",""]},"s":["","",""]}"#
        ),
    };
}

#[test]
fn a_template_that_comes_again_has_them_once_in_the_message() {
    let page = |n: usize| live! { h1 { (badge("a")) } @for _ in 0..n { (badge("b")) } };
    diffs! {
        page(2) => concat!(
            r#"{"0":{"0":"a","s":0,"r":1},"1":{"k":{"0":{"0":{"0":"b","s":0,"r":1}},"#,
            r#""1":{"0":{"0":"b","s":0,"r":1}},"kc":2},"s":["",""]},"s":["<h1>","</h1>",""],"#,
            r#""p":{"0":["<b class=\"badge\">","</b>"]}}"#
        ),
        page(3) => r#"{"1":{"k":{"2":{"0":{"0":"b","s":["<b class=\"badge\">","</b>"],"r":1}},"kc":3}}}"#,
        page(5) => concat!(
            r#"{"1":{"k":{"3":{"0":{"0":"b","s":0,"r":1}},"4":{"0":{"0":"b","s":0,"r":1}},"kc":5}},"#,
            r#""p":{"0":["<b class=\"badge\">","</b>"]}}"#
        ),
    };
}

#[test]
fn the_rows_of_lists_are_templates_too() {
    let row = |cells: &'static [u32]| live! { @for cell in cells { td { (cell) } } };
    let page = live! { (row(&[1])) (row(&[2, 3])) (pair("a", "b")) };
    let mut client = Client::new();
    assert_eq!(
        client.render(&page),
        concat!(
            r#"{"0":{"0":{"k":{"0":{"0":"1"},"kc":1},"s":0},"s":1},"#,
            r#""1":{"0":{"k":{"0":{"0":"2"},"1":{"0":"3"},"kc":2},"s":0},"s":1},"#,
            r#""2":{"0":"a","1":"b","s":["","/",""]},"s":["","","",""],"#,
            r#""p":{"0":["<td>","</td>"],"1":["",""]}}"#
        )
    );
}

#[test]
fn a_template_within_itself_is_no_number_at_the_root() {
    fn nested(depth: u32) -> Box<dyn Render> {
        let inner = (depth > 0).then(|| nested(depth - 1));
        Box::new(live! { i { (inner) } })
    }
    let mut client = Client::new();
    assert_eq!(
        client.render(&nested(2)),
        r#"{"0":{"0":{"0":"","s":0,"r":1},"s":0,"r":1},"s":["<i>","</i>"],"p":{"0":["<i>","</i>"]}}"#
    );
}

#[test]
fn rows_of_a_stream_share_their_templates() {
    let mut stream = LiveStream::new("s", |id: &u32| *id);
    stream.append(1);
    stream.append(2);
    let mut browser = Browser::new();
    let page = live! {
        ul #s phx-update="stream" { @for (id, _) in &stream { li id=(id) { (badge(&id)) } } }
    };
    let sent = browser.send(&page);
    assert!(sent.contains(r#""1":{"0":"s-2","s":0,"r":1}"#), "{sent}");
    assert!(sent.ends_with(r#""p":{"0":["<b class=\"badge\">","</b>"]}}"#), "{sent}");
}

#[test]
fn a_moved_row_of_a_shared_template_is_its_old_place() {
    let page = |rows: &'static [&'static str]| {
        live! { @for text in rows { li key=(text) { (badge(text)) } } }
    };
    let mut client = Client::new();
    client.render(&page(&["a", "b"]));
    assert_eq!(client.render(&page(&["b", "a"])), r#"{"0":{"k":{"0":1,"1":0,"kc":2,"km":true}}}"#);
}

#[test]
fn many_rows_cost_their_texts() {
    let page = live! { @for n in 0..200 { (badge(if n < 100 { "a" } else { "b" })) } };
    let mut client = Client::new();
    let sent = client.render(&page);
    let row = r#""199":{"0":{"0":"b","s":0,"r":1}},"#;
    assert!(sent.len() < 200 * row.len() + 100, "{}", sent.len());
}
