//! The expansion, read as text: the skeleton and the order of the holes.

use proc_macro2::TokenStream;

use super::Captures;

fn expand(template: TokenStream) -> TokenStream {
    super::expand(template, Captures::Owned)
}

/// The skeletons of a template and of those in it, as given to maud, outermost first.
fn skeletons(template: &str) -> Vec<String> {
    let expanded = expand(template.parse::<TokenStream>().expect("tokens")).to_string();
    let parts = expanded.split("|| :: maud :: html ! {").skip(1);
    let skeleton =
        |part: &str| part.split(" } . into_string").next().unwrap_or("").trim().to_owned();
    parts
        .map(skeleton)
        .map(|text| {
            text.replace(r"\u{e000}", "⟨").replace(r"\u{e001}", "⟩").replace(r"\u{e002}", "⟩←")
        })
        .collect()
}

fn check(template: &str, expected: &[&str]) {
    assert_eq!(skeletons(template), expected, "{template}");
}

/// What `html!` of the author's text is wrapped in when the walk fails.
fn is_left_to_maud(template: &str) -> bool {
    let expanded = expand(template.parse::<TokenStream>().expect("tokens")).to_string();
    expanded.starts_with(":: belvedere :: template :: private :: markup (:: maud :: html !")
}

#[test]
fn dynamic_places_become_marks() {
    check(r#"p { "Hello " (name) }"#, &[r#"p { "Hello " "⟨0⟩" }"#]);
    check(r#"a href={ "/u/" (id) } {}"#, &[r#"a href = { "/u/" "⟨0⟩" } { }"#]);
    check(r#"p hidden[on] title=[title] {}"#, &[r#"p "⟨0⟩←" "⟨1⟩←" { }"#]);
    check(r#"p class=@if on { "a" } @else { (b) } {}"#, &[r#"p class = "⟨0⟩" { }"#]);
}

#[test]
fn holes_are_numbered_in_the_order_of_printing() {
    check(
        "p title=(a) #(b) .c[d] .(e) {}",
        &[r#"p title = "⟨3⟩" # "⟨2⟩" . "⟨1⟩" [true] . "⟨0⟩" { }"#],
    );
    check("p .a .c[d] {}", &[r#"p . a . "⟨0⟩←" [true] { }"#]);
}

#[test]
fn bodies_of_control_flow_have_skeletons_of_their_own() {
    check(
        r#"@if on { b { (a) } } @else { "no" } (c)"#,
        &[r#""⟨0⟩" "⟨1⟩""#, r#"b { "⟨0⟩" }"#, r#""no""#],
    );
    check("@match a { 1 => {}, _ => hr; }", &[r#""⟨0⟩""#, "hr ;"]);
}

#[test]
fn a_key_and_bindings_are_not_in_the_skeleton() {
    let root = "@for u in users { @let id = u.id; li key=(id) { (id) } }";
    check(root, &[r#""⟨0⟩""#, r#"li { "⟨0⟩" }"#]);
    let header = "@for u in users, key=(u.id) { (row(u)) }";
    check(header, &[r#""⟨0⟩""#, r#""⟨0⟩""#]);
}

#[test]
fn what_the_walk_does_not_know_is_left_to_maud() {
    for mistake in ["p { if a {} }", "p title=1 {}", "@else {}", "@for a b {}"] {
        assert!(is_left_to_maud(mistake), "{mistake}");
    }
}

#[test]
fn an_element_without_end_is_named_wherever_it_stands() {
    for mistake in ["p", "p key", "p { b } i {}", "h1 (name)", "@match a { b => p, c => i {} }"] {
        let expanded = expand(mistake.parse::<TokenStream>().expect("tokens")).to_string();
        assert!(expanded.contains("this element has no end"), "{mistake}");
    }
}

#[test]
fn maud_does_not_see_a_key_it_would_complain_about() {
    let template = "@for a in b, key=(a.id) { p { (a) } } if";
    let expanded = expand(template.parse().expect("tokens")).to_string();
    assert!(is_left_to_maud(template));
    assert!(!expanded.contains("key"), "{expanded}");
}

#[test]
fn an_event_that_is_written_out_has_a_hole_for_each_field_that_is_given() {
    let skeletons = skeletons(
        "b title=(a) phx-click=(Event::Go) phx-blur=(Event::Delete { id, key: _, row: b.c }) { (d) }",
    );
    let [skeleton] = skeletons.as_slice() else { panic!("{skeletons:?}") };
    assert!(skeleton.contains(r#""Delete" , & [("id" , "⟨1⟩") , ("row" , "⟨2⟩")]"#), "{skeleton}");
    assert!(skeleton.contains("Pick (& (Event :: Go))"), "{skeleton}");
    for hole in [
        "b phx-click=(Go) {}",
        "b phx-click=(Self::Go) {}",
        "b phx-click=(T::GO) {}",
        "b phx-click=(go::Now) {}",
        "b phx-click=(Event::<u8>::Go) {}",
        "b phx-click=(Event::go()) {}",
        "b title=(Event::Go) {}",
        "b phx-value-a=(Event::Go) {}",
    ] {
        let skeletons = self::skeletons(hole);
        assert!(skeletons[0].contains(r#"= "⟨0⟩""#), "{hole}: {skeletons:?}");
    }
}
