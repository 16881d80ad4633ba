//! Texts, nested templates and conditionals.

use live_view::live;

use super::diffs;

#[test]
fn changed_texts_travel() {
    let page = |a: &'static str, b: &'static str| live! { p { (a) } (b) };
    diffs! {
        page("hi", "yo") => r#"{"0":"hi","1":"yo","s":["<p>","</p>",""]}"#,
        page("ho", "yo") => r#"{"0":"ho"}"#,
        page("ho", "yo") => "{}",
    };
}
