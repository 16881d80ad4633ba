//! What `#[derive(LiveEvent)]` takes, and what it says of the rest.
//!
//! The messages in `ui/live_event/fail/*.stderr` are read by people who meet the crate for the
//! first time; a change to one is reviewed like a change to a page.

#[test]
fn well_formed_events_compile_and_mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/live_event/pass/*.rs");
    cases.compile_fail("tests/ui/live_event/fail/*.rs");
}
