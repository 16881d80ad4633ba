//! Hostile text stays text, wherever it stands.

use std::{borrow::Cow, sync::Arc};

use belvedere::live;

use super::{check, same};

const HOSTILE: &str = "<script>alert(\"1\" & '2')</script>";

#[test]
fn text_is_escaped() {
    check(
        &live! { p { (HOSTILE) } },
        "<p>&lt;script&gt;alert(&quot;1&quot; &amp; '2')&lt;/script&gt;</p>",
    );
    same! { (HOSTILE) "<script>" };
}

#[test]
fn attributes_are_escaped() {
    let value = Some("\" onload=\"go()");
    check(&live! { p title=[value] {} }, "<p title=\"&quot; onload=&quot;go()\"></p>");
    same! { p title=(HOSTILE) lang=[Some(HOSTILE)] .(HOSTILE) #(HOSTILE) .(HOSTILE)[true] {} };
    same! { p ."<b>"[true] ."\"" "\"name\""=(1) "\"toggle\""[true] "<"=[Some(">")] {} };
}

#[test]
fn a_string_is_written_alike_whatever_holds_it() {
    let plain = "a text of more than one register, with nothing to escape: é '";
    for text in [plain, HOSTILE, ""] {
        let (owned, boxed) = (&text.to_owned(), &Box::<str>::from(text));
        let (shared, cow) = (&Arc::<str>::from(text), &Cow::Borrowed(text));
        same! { p title=(owned) { (owned) (boxed) (shared) (cow) (&owned) } };
    }
}

#[test]
fn displayed_values_are_escaped() {
    struct Shown;
    impl std::fmt::Display for Shown {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str(HOSTILE)
        }
    }
    same! { p title=(Shown) { (Shown) (format_args!("{HOSTILE}")) } };
}

#[test]
fn pre_escaped_markup_is_not() {
    check(&live! { (maud::PreEscaped("<hr>")) }, "<hr>");
    same! { (maud::PreEscaped(HOSTILE)) (maud::html! { b { (HOSTILE) } }) };
}

#[test]
fn marks_in_the_authors_text_stay_text() {
    let mark = "\u{E000}0\u{E001}";
    same! { "\u{E000}0\u{E001}" p title="\u{E000}1\u{E001}" { (mark) } "\u{E002}" (mark) };
}
