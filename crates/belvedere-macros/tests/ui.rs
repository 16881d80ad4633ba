//! What compiles, and what an author reads when it does not.
//!
//! `TRYBUILD=overwrite cargo test -p belvedere-macros --test ui` writes the messages anew; they are
//! reviewed as part of the interface.

#[test]
fn live() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/live/pass/*.rs");
    cases.compile_fail("tests/ui/live/fail/*.rs");
}
