//! The body of a browser's request: a frame on each line, text as it is, bytes in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};

use crate::runtime::transport::{Incoming, Text};
use crate::wire::frame::{Frame, HEAD_BYTES};

// Of a line that is too long its head is kept: a multiple of four, in which base64 may be cut.
const _: () = assert!(HEAD_BYTES.is_multiple_of(4));

/// Cuts a body into frames as it comes, and keeps no more than one line of it.
pub(crate) struct Lines {
    /// Longest frame that is kept whole.
    max_frame_bytes: usize,
    /// Of the line under way, all of it or its beginning.
    kept: Vec<u8>,
    /// How much of it has come.
    n_bytes: usize,
}

/// A frame, and the number that its client has given it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) frame: Incoming,
    pub(crate) message_ref: Option<u64>,
}

impl Lines {
    pub(crate) fn new(max_frame_bytes: usize) -> Self {
        Self { max_frame_bytes, kept: Vec::new(), n_bytes: 0 }
    }

    /// The next line that ends within `data`, which is shortened by what was read of it.
    pub(crate) fn next(&mut self, data: &mut Bytes) -> Option<Line> {
        while !data.is_empty() {
            let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
                self.keep(data);
                data.clear();
                return None;
            };
            self.keep(&data[..end]);
            data.advance(end + 1);
            if let Some(line) = self.end() {
                return Some(line);
            }
        }
        None
    }

    /// The last line, when the body is complete. Empty ones are none.
    pub(crate) fn end(&mut self) -> Option<Line> {
        let (kept, n_bytes) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.n_bytes));
        (n_bytes > 0).then(|| Line::of(kept, n_bytes))
    }

    fn keep(&mut self, part: &[u8]) {
        let is_kept_whole = self.kept.len() == self.n_bytes;
        self.n_bytes = self.n_bytes.saturating_add(part.len());
        if !is_kept_whole {
            return;
        }
        let is_text = self.kept.first().or(part.first()).is_some_and(|first| *first == b'[');
        let max_bytes =
            if is_text { self.max_frame_bytes } else { base64_len(self.max_frame_bytes) };
        if self.n_bytes <= max_bytes {
            self.kept.extend_from_slice(part);
            return;
        }
        self.kept.extend_from_slice(&part[..part.len().min(HEAD_BYTES)]);
        self.kept.truncate(HEAD_BYTES.min(max_bytes));
        self.kept.shrink_to_fit();
    }
}

/// How long so many bytes are in base64.
const fn base64_len(n_bytes: usize) -> usize {
    n_bytes.div_ceil(3).saturating_mul(4)
}

impl Line {
    /// Neither text nor base64, in place of which comes a text that is no frame, which the connection counts.
    /// What could be made of it might be a frame of which nobody knows whether it has come before.
    fn unreadable() -> Self {
        Self { frame: Incoming::Text(Text::from_static(""), None), message_ref: None }
    }

    fn of(kept: Vec<u8>, n_bytes: usize) -> Self {
        let is_cut = kept.len() < n_bytes;
        if kept.first() == Some(&b'[') {
            Self::text(kept, n_bytes, is_cut)
        } else {
            Self::binary(&kept, is_cut)
        }
    }

    fn text(mut kept: Vec<u8>, n_bytes: usize, is_cut: bool) -> Self {
        if is_cut {
            // Within a character, perhaps.
            kept.truncate(kept.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len()));
        }
        let text = match String::from_utf8(kept) {
            Ok(text) => Text::from(text),
            Err(_) => return Self::unreadable(),
        };
        let message_ref = Frame::from_head(&text).as_ref().and_then(number_of);
        let frame = if is_cut {
            Incoming::TooLong { head: text, n_bytes }
        } else {
            Incoming::Text(text, None)
        };
        Self { frame, message_ref }
    }

    fn binary(kept: &[u8], is_cut: bool) -> Self {
        let Ok(bytes) = STANDARD.decode(kept) else { return Self::unreadable() };
        let message_ref = Frame::from_binary(&bytes).ok().as_ref().and_then(number_of);
        Self { frame: Incoming::Binary { bytes: bytes.into(), is_cut, ticket: None }, message_ref }
    }
}

/// The number that the client has given a frame, if it is one.
fn number_of(frame: &Frame<'_>) -> Option<u64> {
    frame.message_ref.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a body comes to that arrives in pieces of this size, told briefly.
    fn read(body: &[u8], piece: usize) -> Vec<String> {
        let mut lines = Lines::new(4096);
        let mut told = Vec::new();
        let tell = |Line { frame, message_ref }| match frame {
            Incoming::Text(text, _) => format!("text {} {message_ref:?}", text.len()),
            Incoming::Binary { bytes, is_cut, .. } => {
                format!("binary {} {is_cut} {message_ref:?}", bytes.len())
            }
            Incoming::TooLong { head, n_bytes } => {
                format!("too long {} of {n_bytes} {message_ref:?}", head.len())
            }
            other => format!("{other:?}"),
        };
        for piece in body.chunks(piece) {
            let mut data = Bytes::copy_from_slice(piece);
            while let Some(line) = lines.next(&mut data) {
                told.push(tell(line));
            }
        }
        told.extend(lines.end().map(tell));
        told
    }

    #[test]
    fn each_line_is_a_frame_however_the_body_is_cut() {
        let text = r#"["4","8","lv:a","event",{}]"#;
        let long = format!(r#"["4","9","lv:a","event",{{"value":"{}"}}]"#, "é".repeat(4000));
        let part = [b"\x00\x01\x02\x05\x05410lvu:0chunk".as_slice(), &[7; 3000]].concat();
        let long_part = [b"\x00\x01\x02\x05\x05411lvu:0chunk".as_slice(), &[7; 9000]].concat();
        let (part, long_part) = (STANDARD.encode(part), STANDARD.encode(long_part));
        let lines = [text, "", &long, &part, &long_part, "[1", "\u{fffd}?", text];
        let body = lines.join("\n");
        let expected = [
            "text 27 Some(8)",
            "too long 2048 of 8037 Some(9)",
            "binary 3018 false Some(10)",
            "binary 1536 true Some(11)",
            "text 2 None",
            "text 0 None",
            "text 27 Some(8)",
        ];
        for piece in [1, 2, 3, 100, 4096, 1 << 20] {
            assert_eq!(read(body.as_bytes(), piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_no_text_is_no_frame() {
        for line in
            [b"[\"4\",\"8\",\"lv:\xff\",\"event\",{}]".as_slice(), b" [null,\"8\",\"a\",\"b\",{}]"]
        {
            assert_eq!(read(line, 100), ["text 0 None"]);
        }
    }

    #[test]
    fn no_more_than_one_line_is_kept() {
        let mut lines = Lines::new(4096);
        for _ in 0..100 {
            assert!(lines.next(&mut Bytes::from(vec![b'['; 4000])).is_none());
            assert!(lines.kept.capacity() <= 2 * 4096);
        }
        assert_eq!(lines.n_bytes, 400_000);
    }
}
