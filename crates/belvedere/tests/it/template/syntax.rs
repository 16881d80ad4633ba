//! Every piece of maud's syntax.

use super::same;

#[test]
fn elements_and_text() {
    same! {};
    same! { "text" };
    same! { p { "a" b { "c" } "d" } br; hr; input type="text"; };
    same! { h1 { "Poem" } p { strong { "Rock," } " you are a rock." } };
    same! { (maud::DOCTYPE) html { head { meta charset="utf-8"; } body {} } };
    same! { { "a" { "b" (1) } } };
    same! { p { ; "a"; "b" ; } };
    same! { custom-element data-a--b="1" aria:label="x" "@click"="go()" x-1="2" {} };
    same! { label for="name" type="x" { "Name" } };
    same! { div #main .a."b c" {} };
    same! { .implied {} #implied; };
    same! { p id="a" class="b" .c #d title="e" {} };
}

#[test]
fn splices() {
    let name = &"Ada".to_owned();
    same! { (name) };
    same! { (name) (name.len()) (1.5) ('c') (true) (format_args!("{}-{}", 1, 2)) };
    same! { ({ let a = 1; a + 1 }) (if name.is_empty() { "none" } else { "some" }) };
    same! { (*"unsized") (&&&name) (Box::new(1)) (std::borrow::Cow::Borrowed("x")) };
    same! { p { "a" (name) "b" } (std::net::Ipv4Addr::LOCALHOST) };
}

#[test]
fn attributes() {
    let (id, title) = (7, "a \"title\"");
    same! { a href=(title) { } };
    same! { a href={ "/users/" (id) "/" (title) } {} };
    same! { a href={} title="" {} };
    same! { a href={ "a" { "b" (id) } (id) } {} };
    same! { input value=(id) id={ "row-" (id) } .{ "c-" (id) }; };
    same! { p.(title) #(id) {} };
    same! { p #{ "a" (id) } {} };
    same! { p # "a b" .{ "a" } {} };
}

#[test]
fn toggles() {
    for on in [true, false] {
        same! { input disabled[on] checked[!on] "literal"[on]; };
        same! { p.a[on] {} };
        same! { p.a.b[on] {} };
        same! { p.a[on].b {} };
        same! { p.a[on].b[!on].c."d e"[on] {} };
        same! { p.{ "x" (1) @if on { "y" } }[on].b.(2)[on] {} };
        same! { p."a "."b"[on] {} };
        same! { p."a "[on]."b" {} };
        same! { p title="t" #i .c .d[on] hidden[on] {} };
    }
}

#[test]
fn optional_attributes() {
    for value in [Some("a\"b"), None] {
        same! { p title=[value] lang=[value.map(str::len)] {} };
        same! { p "data-\"x\""=[value] a[value.is_some()] {} };
    }
    let owned = &Some("owned".to_owned());
    same! { p title=[owned] lang=[owned.as_ref()] {} };
}

#[test]
fn attribute_values_with_control_flow() {
    for n in 0..3_u32 {
        same! { p class=@if n == 0 { "none" } @else if n == 1 { "one" } @else { (n) "&" } {} };
        same! { p class={ "a " @for i in 0..n { "b" (i) " " } "c" } {} };
        same! { p title=@match n { 0 => "zero", 1 => { "one" }, k if k > 1 => (k), _ => {} } {} };
        same! { p title={ @let m = n + 1; "m" (m) } {} };
        same! { p .{ @let mut i = 0; @while i < n { (i) @let () = i += 1; } } {} };
    }
}

#[test]
fn conditions() {
    let name = Some("Ada");
    for n in 0..4 {
        same! { @if n == 0 { "zero" } };
        same! { p { @if n == 0 { b { (n) } } @else { i { "more" } } } };
        same! { @if n == 0 { "a" } @else if n == 1 { (n) } @else if let 2 = n { hr; } @else {} };
        same! { @if let Some(name) = name && n > 1 { (name) } };
        same! { @if n == 1 {} "after" };
    }
}

#[test]
fn matches() {
    for value in [Ok(1), Ok(20), Err("bad")] {
        same! {
            @match value {
                Ok(n) if n > 10 => { b { "many: " (n) } },
                Ok(n) => (n),
                Err(message) => p.error { (message) }
            }
        };
        same! { @match value { Ok(_) => "ok", Err(_) => {} } };
        same! { @match value { Ok(1 | 2) => { @let a = 1; (a) } | _ => hr; } };
    }
}

#[test]
fn loops() {
    let names = ["Ada", "Bob"];
    same! { @for name in &names { (name) } };
    same! { ul { @for (index, name) in names.iter().enumerate() { li { (index) ": " (name) } } } };
    same! { @for _ in 0..3 { hr; } };
    same! { @for _ in 0..3 {} };
    same! { @for row in 0..3 { tr { @for cell in 0..row { td { (row * cell) } } } } };
    same! {
        @let mut left = 3;
        @while left > 0 { (left) @let () = left -= 1; }
    };
    same! {
        @for number in 0..6 {
            @let half = number / 2;
            @let Some(name) = names.get(half) else { continue };
            b { (half) (name) }
        }
    };
    same! { @for number in 0..6 { @let Some(name) = names.get(number) else { break }; (name) } };
}

#[test]
fn bindings_are_scoped_as_in_maud() {
    let a = 1;
    same! { @let b = a + 1; (b) p { @let a = 2; (a) } (a) };
    same! { { @let a = 3; (a) } (a) };
    same! { @for a in 0..2 { @let a = a + 5; (a) } (a) };
    same! { @let (b, c) = (1, 2); @let d = if b > 1 { "x" } else { "y" }; (c) (d) };
}

#[test]
fn keywords_and_the_authors_names_do_not_clash() {
    let (renderer, node, pick, value) = (1, 2, 3, Some(4));
    const __LIVE_TEMPLATE: u32 = 5;
    same! { (renderer) (node) (pick) p title=[value] { (__LIVE_TEMPLATE) } };
}
