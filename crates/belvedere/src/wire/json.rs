//! JSON text written straight into a `String`.
//!
//! Replies and diffs are written without an intermediate value tree; this is the one writer both
//! use. Reading JSON is `serde_json`'s work, but for what the client writes in each message.

use std::sync::LazyLock;

use super::scan::{Sought, first_of};

/// Digits of a `\u00XX` escape.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string, quotes included.
///
/// Escapes what JSON requires and nothing else: `"`, `\` and the control characters below
/// U+0020 (with the two-character escapes where JSON has one). Text without any of them, nearly
/// all text, is copied in one piece.
///
/// ```
/// let mut out = String::new();
/// belvedere::wire::write_json_string(&mut out, "<a href=\"/\">\n");
/// assert_eq!(out, r#""<a href=\"/\">\n""#);
/// ```
pub fn write_json_string(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    write_json_string_body(out, text);
    out.push('"');
}

/// Appends `text` escaped for the inside of a JSON string, without the quotes.
///
/// For a string that is written in pieces; the caller writes both quotes.
pub fn write_json_string_body(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = first_special(rest.as_bytes()) {
        let (plain, from_special) = rest.split_at(at);
        out.push_str(plain);
        write_escape(out, from_special.as_bytes()[0]);
        rest = &from_special[1..];
    }
    out.push_str(rest);
}

/// Index of the first byte that must be escaped. Such a byte is ASCII, so always a boundary.
fn first_special(bytes: &[u8]) -> Option<usize> {
    first_of(bytes, 0x20, [b'"', b'\\'].map(Sought::byte))
}

/// Whether a byte must be escaped.
static IS_SPECIAL: [bool; 256] = {
    let mut is_special = [false; 256];
    let mut byte = 0;
    while byte < is_special.len() {
        is_special[byte] = byte < 0x20 || byte == b'"' as usize || byte == b'\\' as usize;
        byte += 1;
    }
    is_special
};

fn write_escape(out: &mut String, byte: u8) {
    let short = match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        0x08 => "\\b",
        0x0c => "\\f",
        _ => {
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 0x0f)]));
            return;
        }
    };
    out.push_str(short);
}

/// The string at the beginning of `json` and what comes after it, where it needs no unescaping.
pub(super) fn plain_string(json: &str) -> Option<(&str, &str)> {
    string_up_to(json, first_special)
}

/// As [`plain_string`], of a name or a short value: in a few letters its end is found sooner one by one.
pub(super) fn plain_name(json: &str) -> Option<(&str, &str)> {
    string_up_to(json, |bytes| bytes.iter().position(|byte| IS_SPECIAL[usize::from(*byte)]))
}

fn string_up_to(
    json: &str,
    first_special: impl Fn(&[u8]) -> Option<usize>,
) -> Option<(&str, &str)> {
    let from_start = json.strip_prefix('"')?;
    let (string, from_end) = from_start.split_at(first_special(from_start.as_bytes())?);
    Some((string, from_end.strip_prefix('"')?))
}

/// Where the value at the beginning of `json` ends, if it is well-formed and what follows it is a comma or
/// the end of what it stands in.
pub(super) fn end_of_value(json: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match json.as_bytes().get(at)? {
            b'"' => {
                let (_, rest) = plain_name(&json[at..])?;
                at = json.len() - rest.len();
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            _ => at += 1,
        }
    }
}

/// Appends `texts` as a JSON array of strings.
pub(crate) fn array(out: &mut String, texts: &[Box<str>]) {
    out.push('[');
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_json_string(out, text);
    }
    out.push(']');
}

/// Appends the name of a hole or a row, its colon included, and the comma before all but the first.
#[inline]
pub(crate) fn member(out: &mut String, is_first: bool, name: usize) {
    /// Of nearly all holes, in places of one size, so that the compiler knows how much is copied.
    const FIRST: &str = r#""0":"1":"2":"3":"4":"5":"6":"7":"8":"9":"#;
    const NEXT: &str = r#","0":,"1":,"2":,"3":,"4":,"5":,"6":,"7":,"8":,"9":"#;
    match (name, is_first) {
        (10.., _) => long_member(out, is_first, name),
        (_, true) => out.push_str(&FIRST[name * 4..name * 4 + 4]),
        (_, false) => out.push_str(&NEXT[name * 5..name * 5 + 5]),
    }
}

#[inline(never)]
fn long_member(out: &mut String, is_first: bool, name: usize) {
    /// Of most rows.
    static NAMES: LazyLock<Vec<Box<str>>> =
        LazyLock::new(|| (0..256).map(|name| format!("\"{name}\":").into()).collect());
    if !is_first {
        out.push(',');
    }
    if let Some(name) = NAMES.get(name) {
        return out.push_str(name);
    }
    out.push('"');
    number(out, name);
    out.push_str("\":");
}

/// Appends `number` in decimal.
pub(crate) fn number(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> String {
        let mut out = String::new();
        write_json_string(&mut out, text);
        out
    }

    #[test]
    fn plain_text_is_only_quoted() {
        assert_eq!(json(""), r#""""#);
        assert_eq!(json("<b>Ünï &amp; 💚</b>"), r#""<b>Ünï &amp; 💚</b>""#);
    }

    #[test]
    fn every_control_character_is_escaped() {
        assert_eq!(json("\"\\\n\r\t\u{8}\u{c}"), r#""\"\\\n\r\t\b\f""#);
        assert_eq!(json("\u{0}\u{1f}\u{7f}"), "\"\\u0000\\u001f\u{7f}\"");
    }

    #[test]
    fn a_special_byte_is_found_at_every_distance() {
        for n_before in 0..100 {
            let text = format!("{}\"é", "x".repeat(n_before));
            assert_eq!(json(&text), format!("\"{}\\\"é\"", "x".repeat(n_before)));
        }
    }

    #[test]
    fn every_name_is_its_number() {
        for name in [0, 9, 10, 255, 256, 1000, usize::MAX] {
            let mut out = String::new();
            member(&mut out, true, name);
            member(&mut out, false, name);
            assert_eq!(out, format!("\"{name}\":,\"{name}\":"));
        }
    }

    #[test]
    fn an_array_has_a_comma_between_its_strings() {
        let mut out = String::new();
        array(&mut out, &["a".into(), "".into()]);
        assert_eq!(out, r#"["a",""]"#);
    }

    proptest! {
        #[test]
        fn a_json_parser_reads_back_what_was_written(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        }
    }
}
