//! JSON straight into the frame, without a tree in between.

/// Appends `text` as a JSON string.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[written..at]);
        escape(out, byte);
        written = at + 1;
    }
    out.push_str(&text[written..]);
    out.push('"');
}

fn escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        control => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            out.push_str("\\u00");
            out.push(char::from(DIGITS[usize::from(control >> 4)]));
            out.push(char::from(DIGITS[usize::from(control & 0xf)]));
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
        string(out, text);
    }
    out.push(']');
}

/// Appends `number` in decimal.
pub(super) fn number(out: &mut String, mut number: usize) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits[first..].iter().for_each(|&digit| out.push(char::from(digit)));
}

/// Appends `number` in decimal.
pub(crate) fn unsigned(out: &mut String, number: u64) {
    self::number(out, usize::try_from(number).unwrap_or(usize::MAX));
}

/// Appends `integer` in decimal.
pub(super) fn integer(out: &mut String, integer: i64) {
    if integer < 0 {
        out.push('-');
    }
    number(out, usize::try_from(integer.unsigned_abs()).unwrap_or(usize::MAX));
}

#[cfg(test)]
mod tests {
    use super::{array, number, string};

    #[test]
    fn strings_are_escaped_as_json_asks() {
        let hostile = "a\"b\\c\n\r\t\u{0}\u{1f} \u{7f}é\u{2028}</script>";
        let mut out = String::new();
        string(&mut out, hostile);
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), hostile);
        assert!(!out.bytes().any(|byte| byte < 0x20));
    }

    #[test]
    fn an_array_has_a_comma_between_its_strings() {
        let mut out = String::new();
        array(&mut out, &["a".into(), "".into()]);
        assert_eq!(out, r#"["a",""]"#);
    }

    #[test]
    fn numbers_are_decimal() {
        for value in [0, 9, 10, 12345, usize::MAX] {
            let mut out = String::new();
            number(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }
}
