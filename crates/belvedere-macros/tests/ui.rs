//! What compiles, and what an author reads when it does not.
//!
//! `TRYBUILD=overwrite cargo test -p belvedere-macros --test ui` writes the messages anew; they are
//! read by people who meet the crate for the first time, and a change to one is reviewed like a
//! change to a page.
//!
//! What compiles is part of this binary: `trybuild` then only checks its dependencies, which costs
//! a quarter of building them.

#[path = "ui/live/pass"]
mod live {
    mod commands;
    mod events;
    mod lints;
    mod view;
}

/// Public, since what the derive writes for a public enum must be documented.
#[path = "ui/live_event/pass"]
pub mod live_event {
    pub mod every_shape;
    mod in_a_live_template;
    mod names_of_the_prelude;
    mod private_enum;
}

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/live/fail/*.rs");
    cases.compile_fail("tests/ui/live_event/fail/*.rs");
}
