//! The expansion provokes no lint in the author's crate.

#![deny(warnings)]
#![forbid(unsafe_code)]

use belvedere::{live, template::Render};

fn page(n: u32, title: Option<&str>) -> impl Render {
    live! {
        p.a.b[n > 1] hidden[n > 2] title=[title] { (n) }
        @if n == 1 { "one" } @else if let Some(title) = title { (title) }
        @for i in 0..n { @let double = i * 2; b key=(i) { (double) } }
        @match n { 0 => "zero", _ => {} }
    }
}

#[test]
fn the_expansion_provokes_no_lint() {
    page(1, None);
}
