//! One spelling of each path, whoever wrote it: as browsers say it in requests and in their address bar.
//!
//! A view is told apart by its URL, and a browser that joins again says it in its own spelling.

use std::fmt::Write as _;

/// Browsers encode these in a path; `^` and `|` some do, and here both are one.
const IN_PATH: &[u8] = b" \"<>^`{|}";

/// Browsers encode these in the query of a web address.
const IN_QUERY: &[u8] = b" \"<>'";

const IN_FRAGMENT: &[u8] = b" \"<>`";

/// Whether there is nothing in a path, its query and its fragment that can be spelled otherwise, as in most.
pub(super) fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_?&=#".contains(&byte))
}

/// `path`, which begins with a slash and may have a query and a fragment.
pub(super) fn of_browsers(path: &str) -> String {
    let (before, fragment) = split(path, '#');
    let (segments, query) = split(before, '?');
    let mut spelled = String::with_capacity(path.len());
    encode(&mut spelled, &resolved(segments), IN_PATH);
    for (separator, part, encoded) in [('?', query, IN_QUERY), ('#', fragment, IN_FRAGMENT)] {
        if let Some(part) = part {
            spelled.push(separator);
            encode(&mut spelled, part, encoded);
        }
    }
    spelled
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The path without `.` and `..`.
fn resolved(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let lower = segment.to_ascii_lowercase().replace("%2e", ".");
        let is_dots = matches!(&*lower, "." | "..");
        if lower == ".." {
            kept.pop();
        }
        match (is_dots, segments.peek()) {
            // What stands for a folder ends as one.
            (true, None) => kept.push(""),
            (true, Some(_)) => {}
            (false, _) => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

fn encode(out: &mut String, text: &str, encoded: &[u8]) {
    for character in text.chars() {
        let is_plain = u8::try_from(character).is_ok_and(|byte| {
            byte.is_ascii() && !byte.is_ascii_control() && !encoded.contains(&byte)
        });
        if is_plain {
            out.push(character);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_is_spelled_as_it_is(path in "/[aZ9/_?&=#.%^\"' é-]{0,6}") {
            prop_assert!(!is_plain(&path) || of_browsers(&path) == path);
        }
    }
}
