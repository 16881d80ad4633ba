//! Lists.

use belvedere::{live, template::Render};

use super::{Client, diffs};

/// A list keyed by the first character of its texts, after a hole of another kind.
fn page(texts: &'static [&'static str]) -> impl Render {
    live! { (1) @for text in texts { li key=(&text[..1]) { (text) } } }
}

#[test]
fn rows_have_their_statics_once() {
    diffs! {
        page(&["a", "b"]) => concat!(
            r#"{"0":"1","1":{"k":{"0":{"0":"a"},"1":{"0":"b"},"kc":2},"s":["<li>","</li>"]},"#,
            r#""s":["","",""]}"#
        ),
        page(&["a", "bB"]) => r#"{"1":{"k":{"1":{"0":"bB"},"kc":2}}}"#,
        page(&["a", "bB"]) => "{}",
        page(&["a", "bB", "c"]) => r#"{"1":{"k":{"2":{"0":"c"},"kc":3}}}"#,
        page(&["a"]) => r#"{"1":{"k":{"kc":1}}}"#,
    };
}

#[test]
fn rows_that_moved_are_named_by_their_old_place() {
    diffs! {
        page(&["a", "b"]) => concat!(
            r#"{"0":"1","1":{"k":{"0":{"0":"a"},"1":{"0":"b"},"kc":2},"s":["<li>","</li>"]},"#,
            r#""s":["","",""]}"#
        ),
        page(&["b", "a"]) => r#"{"1":{"k":{"0":1,"1":0,"kc":2,"km":true}}}"#,
        page(&["aA", "b"]) => r#"{"1":{"k":{"0":[1,{"0":"aA"}],"1":0,"kc":2,"km":true}}}"#,
        page(&["c", "aA", "b"]) => r#"{"1":{"k":{"0":{"0":"c"},"1":0,"2":1,"kc":3,"km":true}}}"#,
        page(&["c", "b"]) => r#"{"1":{"k":{"1":2,"kc":2,"km":true}}}"#,
    };
}

#[test]
fn a_list_that_was_emptied_keeps_its_statics() {
    diffs! {
        page(&["a"]) => r#"{"0":"1","1":{"k":{"0":{"0":"a"},"kc":1},"s":["<li>","</li>"]},"s":["","",""]}"#,
        page(&[]) => r#"{"1":{"k":{"kc":0}}}"#,
        page(&[]) => "{}",
        page(&["b"]) => r#"{"1":{"k":{"0":{"0":"b"},"kc":1}}}"#,
    };
}

#[test]
fn a_list_that_appears_empty_is_no_list_yet() {
    diffs! {
        page(&[]) => r#"{"0":"1","1":"","s":["","",""]}"#,
        page(&[]) => "{}",
        page(&["a"]) => r#"{"1":{"k":{"0":{"0":"a"},"kc":1},"s":["<li>","</li>"]}}"#,
    };
}

#[test]
fn rows_without_holes_are_empty_objects() {
    let page = |n: u32| live! { @for _ in 0..n { hr; } };
    diffs! {
        page(2) => r#"{"0":{"k":{"0":{},"1":{},"kc":2},"s":["<hr>"]},"s":["",""]}"#,
        page(3) => r#"{"0":{"k":{"2":{},"kc":3}}}"#,
        page(1) => r#"{"0":{"k":{"kc":1}}}"#,
    };
}

#[test]
fn rows_without_keys_are_known_by_their_place() {
    let page = |texts: &'static [&'static str]| live! { @for text in texts { (text) } };
    let mut client = Client::new();
    client.render(&page(&["a", "b", "c"]));
    assert_eq!(
        client.render(&page(&["b", "c"])),
        r#"{"0":{"k":{"0":{"0":"b"},"1":{"0":"c"},"kc":2}}}"#
    );
    let mut client = Client::new();
    let page = |n: u32| live! { @let mut i = 0; @while i < n { (i) @let () = i += 1; } };
    client.render(&page(2));
    assert_eq!(client.render(&page(3)), r#"{"0":{"k":{"2":{"0":"2"},"kc":3}}}"#);
}

/// Rows with a nested template and a nested list, whose statics a new row must carry.
fn nested(rows: &'static [(u32, bool, &'static [u32])]) -> impl Render {
    live! {
        @for (id, on, inner) in rows {
            p key=(id) {
                @if *on { b { (id) } }
                @for n in *inner { i key=(n) { (n) } }
            }
        }
    }
}

#[test]
fn a_new_row_in_an_old_place_is_complete() {
    let mut client = Client::new();
    client.render(&nested(&[(1, true, &[5])]));
    assert_eq!(
        client.render(&nested(&[(2, true, &[5])])),
        concat!(
            r#"{"0":{"k":{"0":{"0":{"0":"2","s":["<b>","</b>"]},"#,
            r#""1":{"k":{"0":{"0":"5"},"kc":1},"s":["<i>","</i>"]}},"kc":1}}}"#
        )
    );
    assert_eq!(
        client.render(&nested(&[(3, false, &[])])),
        r#"{"0":{"k":{"0":{"0":"","1":""},"kc":1}}}"#
    );
}

#[test]
fn changes_within_a_moved_row_stay_small() {
    let mut client = Client::new();
    client.render(&nested(&[(1, true, &[5, 6]), (2, false, &[])]));
    assert_eq!(
        client.render(&nested(&[(2, false, &[]), (1, true, &[6, 5])])),
        r#"{"0":{"k":{"0":1,"1":[0,{"1":{"k":{"0":1,"1":0,"kc":2,"km":true}}}],"kc":2,"km":true}}}"#
    );
}

#[test]
fn rows_with_the_same_key_are_shown_all_the_same() {
    let mut client = Client::new();
    client.render(&page(&["a1", "a2", "b"]));
    assert_eq!(client.render(&page(&["a1", "a2", "b"])), "{}");
    assert_eq!(
        client.render(&page(&["b", "a1", "a2"])),
        r#"{"1":{"k":{"0":2,"1":0,"2":{"0":"a2"},"kc":3,"km":true}}}"#
    );
    client.render(&page(&["a2", "a1", "a3", "b"]));
    client.render(&page(&["b", "b2", "a1"]));
}

#[test]
fn a_row_may_be_skipped_before_it_begins() {
    let page = |without: u32| {
        live! {
            @for n in 0..4 {
                @let Some(shown) = (n != without).then_some(n) else { continue };
                p key=(shown) { (shown) }
            }
        }
    };
    let mut client = Client::new();
    client.render(&page(9));
    assert_eq!(client.render(&page(1)), r#"{"0":{"k":{"1":2,"2":3,"kc":3,"km":true}}}"#);
}

#[test]
fn a_new_row_is_complete_where_its_texts_are_those_of_the_old_occupant() {
    let page = |rows: &'static [(u32, &'static str)]| {
        live! { @for (id, text) in rows { li key=(id) { (text) } } }
    };
    let mut client = Client::new();
    client.render(&page(&[(1, "same"), (2, "other")]));
    assert_eq!(
        client.render(&page(&[(3, "same"), (2, "other")])),
        r#"{"0":{"k":{"0":{"0":"same"},"kc":2}}}"#
    );
}

#[test]
fn what_follows_a_list_is_found_again_after_its_rows_moved() {
    let page = |texts: &'static [&'static str], after: u32| {
        live! { @for text in texts { b key=(text) { (text) } } (after) }
    };
    let mut client = Client::new();
    client.render(&page(&["a", "b", "c"], 1));
    assert_eq!(
        client.render(&page(&["b", "a"], 1)),
        r#"{"0":{"k":{"0":1,"1":0,"kc":2,"km":true}}}"#
    );
    assert_eq!(client.render(&page(&["a"], 2)), r#"{"0":{"k":{"0":1,"kc":1,"km":true}},"1":"2"}"#);
}

#[test]
#[should_panic(expected = "left a row of `live!` half written")]
fn a_hidden_jump_out_of_a_row_is_told() {
    macro_rules! skip_if {
        ($skips:expr) => {
            if $skips {
                continue;
            }
        };
    }
    let page = live! { @for n in 0..2 { p { @if n == 0 { (n) @let () = skip_if!(n == 0); } } } };
    Client::new().render(&page);
}
