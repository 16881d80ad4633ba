//! [`LivePath`]: the URL of a page as a type.

use std::fmt::Write as _;

use form_urlencoded::parse;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

/// What does not stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The URL of a page as a type: what its route reads, and what links to it say.
///
#[doc = include_str!("../docs/live_path.md")]
pub trait LivePath: Sized {
    /// The route, for [`LiveRouter::live`](crate::LiveRouter::live): `/users/{id}`.
    const ROUTE: &'static str;
}

/// Path and query of `path`. A value that no URL can say leads nowhere, and the log tells so.
pub fn path_text<T: LivePath + Serialize>(path: &T) -> String {
    match serde_urlencoded::to_string(path) {
        Ok(fields) => written(T::ROUTE, &fields),
        Err(error) => {
            tracing::error!(route = T::ROUTE, %error, "a field of a URL is neither text nor a number");
            "#".to_owned()
        }
    }
}

/// `route` with those of `fields` that it names, and the others as its query.
fn written(route: &str, fields: &str) -> String {
    let value = |name: &str| parse(fields.as_bytes()).find(|(key, _)| key == name);
    let mut text = String::with_capacity(route.len() + fields.len());
    let mut named = Vec::new();
    for segment in route.split('/').skip(1) {
        text.push('/');
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            text.push_str(segment);
            continue;
        };
        let (name, is_rest) = name.strip_prefix('*').map_or((name, false), |name| (name, true));
        named.push(name);
        let (_, value) = value(name).unwrap_or_default();
        let mut parts = value.split(|c| is_rest && c == '/').peekable();
        while let Some(part) = parts.next() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", utf8_percent_encode(part, SEGMENT));
            text.push_str(if parts.peek().is_some() { "/" } else { "" });
        }
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parse(fields.as_bytes()).filter(|(key, _)| !named.contains(&&**key)));
    match query.finish() {
        none if none.is_empty() => text,
        query => format!("{text}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn fields_stand_in_the_path_or_in_the_query() {
        for (route, fields, expected) in [
            ("/", "", "/"),
            ("/users", "q=ann&page=2", "/users?q=ann&page=2"),
            ("/users/{id}", "id=7", "/users/7"),
            ("/users/{id}/edit", "tab=a+b&id=a%2Fb%3F", "/users/a%2Fb%3F/edit?tab=a+b"),
            ("/files/{*path}", "path=a%2Fb+c", "/files/a/b%20c"),
            ("/users/{id}", "id=%C3%A9", "/users/%C3%A9"),
        ] {
            assert_eq!(written(route, fields), expected);
        }
    }
}
