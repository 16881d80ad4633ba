//! Variants and types named like what the expansion uses.
#![deny(warnings)]

use belvedere::LiveEvent;

#[derive(serde::Serialize, serde::Deserialize, Clone, Copy)]
struct Result;
#[derive(serde::Serialize, serde::Deserialize, Clone, Copy)]
struct String;

#[derive(LiveEvent)]
enum Event {
    Ok { name: String, payload: Result, buffer: u8, fields: u8 },
    Err { out: u8 },
    Some(Result),
    None,
}

#[test]
fn variants_may_be_named_like_the_prelude() {
    assert_eq!(Event::NAMES, ["ok", "err", "some", "none"]);
    assert_eq!(Event::Err { out: 1 }.name(), "err");
}
