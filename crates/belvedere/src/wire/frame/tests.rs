use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn text_error(text: &str) -> FrameError {
    Frame::from_text(text).expect_err("the frame is malformed")
}

fn binary_error(bytes: &[u8]) -> FrameError {
    Frame::from_binary(bytes).expect_err("the frame is malformed")
}

fn json<'a>(frame: &Frame<'a>) -> &'a str {
    match frame.payload {
        Payload::Json(json) => json,
        Payload::Binary(_) => panic!("a text frame has a JSON payload"),
    }
}

#[test]
fn a_text_frame_has_five_elements() {
    let frame = Frame::from_text(r#" ["4", "8", "lv:x", "event", {"a": [1]}] "#).unwrap();
    assert_eq!(frame.join_ref.as_deref(), Some("4"));
    assert_eq!(frame.message_ref.as_deref(), Some("8"));
    assert_eq!(frame.topic, "lv:x");
    assert_eq!(frame.event, "event");
    assert_eq!(json(&frame), r#"{"a": [1]}"#);
}

#[test]
fn what_the_client_writes_needs_no_care() {
    for text in [
        r#"["4","8","lv:phx-K1","event",{"type":"click","event":"inc","value":{}}]"#,
        r#"[null,"9","phoenix","heartbeat",{}]"#,
    ] {
        assert!(super::text::plain(text).is_some(), "{text}");
    }
}

#[test]
fn refs_may_be_null() {
    let frame = Frame::from_text(r#"[null,null,"phoenix","heartbeat",{}]"#).unwrap();
    assert!(frame.join_ref.is_none() && frame.message_ref.is_none());
}

#[test]
fn elements_after_the_fifth_are_refused() {
    for more in ["7", "[{}]", "\"more\""] {
        let text = format!(r#"["1","2","t","event",{{"event":"e"}},{more}]"#);
        assert!(matches!(text_error(&text), FrameError::Json(_)), "{more}");
    }
    let read = Frame::from_text(r#"["1","2","t","event",{"event":"e"},{}]"#).unwrap();
    assert!(read.message().is_err(), "it is taken for a part of the payload");
}

#[test]
fn plain_text_is_borrowed_and_escaped_text_unescaped() {
    let frame = Frame::from_text(r#"["1","2","lv:\u00e9\"","e",{}]"#).unwrap();
    assert_eq!(frame.topic, "lv:é\"");
    assert!(matches!(frame.topic, Cow::Owned(_)));
    assert!(matches!(frame.event, Cow::Borrowed("e")));
}

#[test]
fn what_is_not_json_is_refused() {
    for text in ["", "x", "[", r#"["1","2","t","e",{}"#, r#"["1","2","t","e",{}]]"#, "[1,]"] {
        assert!(matches!(text_error(text), FrameError::Json(_)), "{text}");
    }
}

#[test]
fn what_is_no_array_is_refused() {
    for text in ["{}", "null", "7", r#""text""#, "true"] {
        assert!(matches!(text_error(text), FrameError::NotAnArray), "{text}");
    }
}

#[test]
fn too_few_elements_are_refused() {
    for (text, n) in [("[]", 0), (r#"["1"]"#, 1), (r#"["1","2","t","e"]"#, 4)] {
        assert!(matches!(text_error(text), FrameError::TooFewElements { found } if found == n));
    }
}

#[test]
fn an_element_that_is_no_string_is_refused_by_name() {
    for (text, expected) in [
        (r#"[1,"2","t","e",{}]"#, FrameElement::JoinRef),
        (r#"["1",{},"t","e",{}]"#, FrameElement::MessageRef),
        (r#"["1","2",null,"e",{}]"#, FrameElement::Topic),
        (r#"["1","2","t",null,{}]"#, FrameElement::Event),
    ] {
        let error = text_error(text);
        assert!(matches!(error, FrameError::NotAString { element } if element == expected));
    }
}

#[test]
fn a_lone_surrogate_is_refused() {
    let error = text_error(r#"["1","2","t","\ud800",{}]"#);
    assert!(matches!(error, FrameError::BrokenEscape { element: FrameElement::Event, .. }));
}

#[test]
fn an_element_ends_at_255_bytes() {
    let frame = |n: usize| format!(r#"["{}","2","t","e",{{}}]"#, "x".repeat(n));
    assert!(Frame::from_text(&frame(255)).is_ok());
    let error = text_error(&frame(256));
    assert!(matches!(error, FrameError::TooLong { element: FrameElement::JoinRef, n_bytes: 256 }));
}

#[test]
fn deep_nesting_in_a_payload_is_not_walked_by_recursion() {
    let deep = format!(r#"["1","2","t","e",{}{}]"#, "[".repeat(200_000), "]".repeat(200_000));
    assert!(Frame::from_text(&deep).is_ok());
}

#[test]
fn a_chunk_of_an_upload_is_a_binary_frame() {
    let frame = Frame::from_binary(b"\x00\x02\x02\x05\x051213lvu:0chunk\x00\xff").unwrap();
    assert_eq!(frame.join_ref.as_deref(), Some("12"));
    assert_eq!(frame.message_ref.as_deref(), Some("13"));
    assert_eq!(frame.topic, "lvu:0");
    assert_eq!(frame.event, "chunk");
    assert!(matches!(frame.payload, Payload::Binary(b"\x00\xff")));
}

#[test]
fn names_of_a_binary_frame_may_have_any_length() {
    for n in [0_u8, 1, 254, 255] {
        let mut bytes = vec![0, n, n, n, n];
        bytes.extend(std::iter::repeat_n(b'x', usize::from(n) * 4));
        let frame = Frame::from_binary(&bytes).unwrap();
        assert_eq!(frame.topic.len(), usize::from(n));
        assert_eq!(frame.join_ref.is_none(), n == 0);
        assert!(matches!(frame.payload, Payload::Binary(b"")));
    }
}

#[test]
fn a_malformed_binary_frame_is_refused() {
    assert!(matches!(binary_error(b""), FrameError::EmptyBinary));
    assert!(matches!(binary_error(b"\x01\0\0\0\0"), FrameError::BinaryKind(1)));
    assert!(matches!(
        binary_error(b"\0\x01\0\0\0\xff"),
        FrameError::NotUtf8 { element: FrameElement::JoinRef, .. }
    ));
}

#[test]
fn a_binary_frame_cut_anywhere_is_refused_by_the_element_cut() {
    let whole = b"\x00\x02\x02\x05\x051213lvu:0chunk";
    for n_bytes in 1..whole.len() {
        let expected = match n_bytes {
            1..5 => FrameElement::Header,
            5..7 => FrameElement::JoinRef,
            7..9 => FrameElement::MessageRef,
            9..14 => FrameElement::Topic,
            _ => FrameElement::Event,
        };
        let error = binary_error(&whole[..n_bytes]);
        assert!(matches!(error, FrameError::Truncated { element } if element == expected));
    }
}

fn element() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null",
        "\"4\"",
        "\"\"",
        "\"lv:é\"",
        "\"a\\u0020\"",
        " \"8\"",
        "\"8\" ",
        "7",
        "{}",
        "[]",
        "{\"a\":[\"]\"]}",
        "\"x",
        "",
    ])
}

proptest! {
    #[test]
    fn a_frame_is_read_alike_either_way(
        elements in prop::collection::vec(element(), 3..7),
        blanks in prop::sample::select(vec![("", ""), (" ", ""), ("", " "), ("", "]")]),
    ) {
        let text = format!("{}[{}]{}", blanks.0, elements.join(","), blanks.1);
        if let Some(frame) = super::text::plain(&text) {
            match super::text::careful(&text) {
                Ok(expected) => prop_assert_eq!(format!("{frame:?}"), format!("{expected:?}")),
                // The payload is left to who reads it.
                Err(_) => prop_assert!(serde_json::from_str::<Value>(json(&frame)).is_err()),
            }
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = Frame::from_text(&text);
    }

    #[test]
    fn no_json_like_text_panics(text in r#"[\[\]{},:"\\a-u0-9 ]{0,80}"#) {
        if let Ok(frame) = Frame::from_text(&text) {
            let _ = frame.message();
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Frame::from_binary(&bytes);
    }

    #[test]
    fn no_bytes_of_a_push_panic(mut bytes in prop::collection::vec(0_u8..8, 5..64)) {
        bytes[0] = 0;
        if let Ok(frame) = Frame::from_binary(&bytes) {
            let _ = frame.message();
        }
    }
}

#[test]
fn the_beginning_of_a_frame_names_what_it_is_for() {
    let text = r#"["4",null,"lv:phx-\u004b1","event",{"type":"form","value":"#;
    let frame = Frame::from_head(text).unwrap();
    assert_eq!((frame.join_ref.as_deref(), frame.message_ref), (Some("4"), None));
    assert_eq!((&*frame.topic, &*frame.event), ("lv:phx-K1", "event"));
    for broken in ["", "[", r#"["4","8","lv:x","eve"#, r#"["4","8",7,"event",{"#, "{", "null"] {
        assert!(Frame::from_head(broken).is_none(), "{broken}");
    }
}
