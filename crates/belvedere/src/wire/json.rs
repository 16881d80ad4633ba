//! JSON text written straight into a `String`.
//!
//! Replies and diffs are written without an intermediate value tree; this is the one writer both
//! use. Reading JSON is `serde_json`'s work, but for what the client writes in each message.

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

/// `,"0":,"1":…`, each name in as many bytes, so that the compiler knows how much of them is copied.
static ONE_DIGIT: &str = ascii(const { &names::<50>(0, 5) });
static TWO_DIGITS: &str = ascii(const { &names::<540>(10, 6) });
static THREE_DIGITS: &str = ascii(const { &names::<6300>(100, 7) });

/// The names from `first` on, each in `size` bytes.
const fn names<const N_BYTES: usize>(first: usize, size: usize) -> [u8; N_BYTES] {
    let mut names = [0; N_BYTES];
    let mut at = 0;
    while at < N_BYTES {
        let end = at + size;
        (names[at], names[at + 1]) = (b',', b'"');
        (names[end - 2], names[end - 1]) = (b'"', b':');
        let mut number = first + at / size;
        let mut digit = end - 3;
        while digit > at + 1 {
            names[digit] = b'0' + (number % 10) as u8;
            number /= 10;
            digit -= 1;
        }
        at = end;
    }
    names
}

const fn ascii(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("digits and punctuation are ASCII"),
    }
}

/// Appends the name of a hole or a row, its colon included, and the comma before all but the first.
#[inline]
pub(crate) fn member(out: &mut String, is_first: bool, name: usize) {
    if name < 10 {
        listed_member::<5>(out, is_first, ONE_DIGIT, name);
    } else {
        long_member(out, is_first, name);
    }
}

#[inline(never)]
fn long_member(out: &mut String, is_first: bool, name: usize) {
    match name {
        10..100 => listed_member::<6>(out, is_first, TWO_DIGITS, name - 10),
        100..1000 => listed_member::<7>(out, is_first, THREE_DIGITS, name - 100),
        _ => {
            out.push_str(if is_first { "\"" } else { ",\"" });
            number(out, name);
            out.push_str("\":");
        }
    }
}

#[inline(always)]
fn listed_member<const SIZE: usize>(out: &mut String, is_first: bool, names: &str, index: usize) {
    let name = &names[index * SIZE..index * SIZE + SIZE];
    if is_first {
        out.push_str(&name[1..]);
    } else {
        out.push_str(name);
    }
}

/// As [`number`], of a row's place: most are short.
pub(crate) fn place(out: &mut String, place: usize) {
    match place {
        ..10 => listed_number::<5>(out, ONE_DIGIT, place),
        10..100 => listed_number::<6>(out, TWO_DIGITS, place - 10),
        100..1000 => listed_number::<7>(out, THREE_DIGITS, place - 100),
        _ => number(out, place),
    }
}

#[inline(always)]
fn listed_number<const SIZE: usize>(out: &mut String, names: &str, index: usize) {
    out.push_str(&names[index * SIZE + 2..index * SIZE + SIZE - 2]);
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
        for name in (0..=1000).chain([usize::MAX]) {
            let mut out = String::new();
            member(&mut out, true, name);
            member(&mut out, false, name);
            place(&mut out, name);
            assert_eq!(out, format!("\"{name}\":,\"{name}\":{name}"));
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
