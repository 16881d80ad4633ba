//! Every line of template of the reference compiles.
#![expect(dead_code, unused_variables, reason = "a template that compiles has been tested")]

use belvedere::js::{Target, Transition};
use belvedere::upload::Upload;
use belvedere::{
    ComponentId, Js, LiveEvent, LiveStream, LocalPath, Render, focus_wrap, live, portal,
};
use serde::Deserialize;

const FADE_IN: Transition<'_> = Transition::new("fade-in");
const FADE_OUT: Transition<'_> = Transition::new("fade-out");
const ROWS: [(u32, &str); 2] = [(1, "one"), (2, "two")];

#[derive(LiveEvent)]
enum Event {
    Refresh,
    Delete { id: u32 },
    Pressed { key: String },
    Pick { id: u32, colour: String },
    Place { offset_x: u32, offset_y: u32, shift_key: bool },
    Hold { key: String, repeat: bool },
    Seen { id: String },
    Search(Search),
    Save(Ticket),
}

#[derive(Deserialize)]
struct Search {
    q: String,
}

#[derive(Deserialize)]
struct Ticket {
    title: String,
}

/// What the templates' `self` is.
struct Page {
    query: String,
    is_right: bool,
    lines: LiveStream<String>,
    people: LocalPath,
    photos: Upload,
}

include!(concat!(env!("OUT_DIR"), "/attributes.rs"));
