//! Bodies of long polling: each line is a frame, however the body is cut, and no line is lost.
//!
//! The first two bytes say how the body comes, the rest is the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belvedere::testing::incoming::{Came, body};
use belvedere::wire::frame::Frame;

use crate::dice::Dice;

/// Longest frame that is kept whole; short, so that longer ones are tried.
const MAX_FRAME_BYTES: usize = 96;

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let (first, others) = (usize::from(dice.byte()), usize::from(dice.byte()) + 1);
    let whole = dice.rest();
    let came = body(&[whole], MAX_FRAME_BYTES);
    let (first, rest) = whole.split_at(first.min(whole.len()));
    let parts: Vec<_> = [first].into_iter().chain(rest.chunks(others)).collect();
    assert_eq!(body(&parts, MAX_FRAME_BYTES), came, "in parts of {others}");
    let lines: Vec<_> =
        whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(came.len(), lines.len());
    for ((came, number), line) in came.iter().zip(lines) {
        is_of_line(came, line);
        assert_eq!(*number, number_of(came), "{came:?}");
    }
}

fn is_of_line(came: &Came, line: &[u8]) {
    match came {
        Came::Text(text) if line.starts_with(b"[") && std::str::from_utf8(line).is_ok() => {
            assert_eq!(text.as_bytes(), line);
        }
        // No UTF-8 or no base64, of which the connection is told all the same.
        Came::Text(text) => {
            assert!(std::str::from_utf8(line).is_err() || STANDARD.decode(line).is_err());
            assert_eq!(text, "");
        }
        Came::TooLong { head, n_bytes } => {
            assert_eq!((*n_bytes, line[0]), (line.len(), b'['));
            assert!(line.len() > MAX_FRAME_BYTES && head.len() <= MAX_FRAME_BYTES);
            assert!(line.starts_with(head.as_bytes()));
        }
        Came::Binary { bytes, is_cut: false } => {
            assert_eq!(STANDARD.decode(line).expect("it was decoded"), *bytes);
        }
        Came::Binary { bytes, is_cut: true } => {
            assert!(bytes.len() <= MAX_FRAME_BYTES && line.len() > MAX_FRAME_BYTES);
            assert!(line.starts_with(STANDARD.encode(bytes).trim_end_matches('=').as_bytes()));
        }
        Came::Closed => panic!("a line does not end anything"),
    }
}

/// The number that its client has given a frame.
fn number_of(came: &Came) -> Option<u64> {
    let frame = match came {
        Came::Text(text) | Came::TooLong { head: text, .. } => Frame::from_head(text),
        Came::Binary { bytes, .. } => Frame::from_binary(bytes).ok(),
        Came::Closed => None,
    };
    frame?.message_ref?.parse().ok()
}
