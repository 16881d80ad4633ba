//! Frames, of text and of bytes: ours read as `serde_json` does, and what was read can be written again.

use belvedere::wire::frame::{Frame, MAX_ELEMENT_BYTES, Payload};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

pub(crate) fn run(bytes: &[u8]) {
    binary(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        of_text(text);
    }
}

fn binary(bytes: &[u8]) {
    let Ok(frame) = Frame::from_binary(bytes) else { return };
    let Payload::Binary(payload) = frame.payload else { panic!("bytes were read as JSON") };
    let names = names(&frame).map(Option::unwrap_or_default);
    let lengths = names.map(|name| u8::try_from(name.len()).expect("its length is in a byte"));
    let written = [&[0], &lengths[..], names.concat().as_bytes(), payload].concat();
    assert_eq!(written, bytes, "the same frame, written again");
}

fn of_text(text: &str) {
    let elements = serde_json::from_str::<Vec<&RawValue>>(text);
    match (Frame::from_text(text), elements) {
        (Ok(frame), Ok(elements)) if elements.len() == 5 => {
            agrees(&frame, &elements);
            assert_read_again(&frame);
            let head = Frame::from_head(text).expect("its names are there");
            assert_eq!(names(&head), names(&frame), "the names of its beginning");
        }
        // The payload is looked at where it is read.
        (Ok(frame), elements) => {
            let read = serde_json::from_str::<IgnoredAny>(json(&frame));
            assert!(read.is_err(), "{elements:?}, and not because of the payload");
        }
        (Err(error), Ok(elements)) => {
            assert!(!are_readable(&elements), "{error}");
        }
        (Err(_), Err(_)) => {}
    }
}

fn agrees(frame: &Frame<'_>, elements: &[&RawValue]) {
    for (name, raw) in names(frame).into_iter().zip(elements) {
        let expected: Option<String> = serde_json::from_str(raw.get()).expect("a string or null");
        assert_eq!(name, expected.as_deref());
    }
    assert_eq!(json(frame), elements[4].get());
}

/// Whether a frame is to be made of them.
fn are_readable(elements: &[&RawValue]) -> bool {
    let is_short = |text: String| text.len() <= MAX_ELEMENT_BYTES;
    elements.len() == 5
        && elements[..4].iter().enumerate().all(|(at, raw)| {
            match serde_json::from_str::<Option<String>>(raw.get()) {
                Ok(name) => name.map_or(at < 2, is_short),
                Err(_) => false,
            }
        })
}

fn assert_read_again(frame: &Frame<'_>) {
    let payload: &RawValue = serde_json::from_str(json(frame)).expect("it was read");
    let [join_ref, message_ref, topic, event] = names(frame);
    let written = serde_json::to_string(&(join_ref, message_ref, topic, event, payload));
    let written = written.expect("texts and JSON are written");
    let again = Frame::from_text(&written).expect("what was read is a frame");
    assert_eq!((names(&again), json(&again)), (names(frame), json(frame)));
}

fn names<'a>(frame: &'a Frame<'_>) -> [Option<&'a str>; 4] {
    let Frame { join_ref, message_ref, topic, event, .. } = frame;
    [join_ref.as_deref(), message_ref.as_deref(), Some(&**topic), Some(&**event)]
}

fn json<'a>(frame: &Frame<'a>) -> &'a str {
    match frame.payload {
        Payload::Json(json) => json,
        Payload::Binary(_) => panic!("a text was read as bytes"),
    }
}
