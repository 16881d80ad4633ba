//! What the proxies in front say of a request: by which scheme its browser made it.
//!
//! The scheme decides on `Secure` of a cookie, on the origin of a page, and on a span's attribute. A
//! client that lies about it harms itself alone.

use http::header::FORWARDED;
use http::{HeaderMap, Uri};

/// What most proxies send instead of `Forwarded`.
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// How a browser reached the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// Reads `https`; some proxies say `wss` of an upgrade.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        match () {
            () if is("https") || is("wss") => Some(Self::Https),
            () if is("http") || is("ws") => Some(Self::Http),
            () => None,
        }
    }

    pub(super) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The scheme by which a request was made, as far as it says so itself.
pub(super) fn scheme_of(uri: &Uri, headers: &HeaderMap) -> Option<Scheme> {
    forwarded_scheme(headers).or_else(|| uri.scheme_str().and_then(Scheme::parse))
}

/// The scheme that the proxy nearest to the browser has seen. Each proxy appends what it has seen
/// itself, so that is the first in either list.
pub(super) fn forwarded_scheme(headers: &HeaderMap) -> Option<Scheme> {
    let text = |name: &str| headers.get(name)?.to_str().ok().filter(|text| !text.trim().is_empty());
    let plain = text(X_FORWARDED_PROTO).and_then(|list| list.split(',').next());
    let of_standard = || parameter(text(FORWARDED.as_str())?, "proto");
    plain.map(str::trim).or_else(of_standard).and_then(Scheme::parse)
}

/// A parameter of the first element of a `Forwarded` header (RFC 7239 §4):
/// `for=192.0.2.43;proto=https;by="[2001:db8::1]:80", for=198.51.100.17`.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let first = unquoted_split(header, ',').next()?;
    let pairs = unquoted_split(first, ';').filter_map(|pair| pair.split_once('='));
    let mut values =
        pairs.filter_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then_some(value));
    values.next().map(|value| value.trim().trim_matches('"'))
}

/// The parts of `text` between separators that stand in no quoted string.
fn unquoted_split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |letter| {
        is_quoted ^= letter == '"';
        letter == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn said(name: &'static str, value: &'static str) -> Option<Scheme> {
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )]);
        forwarded_scheme(&headers)
    }

    #[test]
    fn the_browsers_own_scheme_is_the_first_of_a_list() {
        for value in ["https", "HTTPS", " https , http", "https,http,http", "wss"] {
            assert_eq!(said("x-forwarded-proto", value), Some(Scheme::Https), "{value}");
        }
        for value in ["http", "http, https", "ws"] {
            assert_eq!(said("x-forwarded-proto", value), Some(Scheme::Http), "{value}");
        }
        for value in ["", "ftp", ", https"] {
            assert_eq!(said("x-forwarded-proto", value), None, "{value}");
        }
    }

    #[test]
    fn an_empty_header_says_nothing() {
        for empty in ["", " "] {
            let mut headers = HeaderMap::new();
            headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(empty));
            headers.insert(FORWARDED, HeaderValue::from_static("proto=https"));
            assert_eq!(forwarded_scheme(&headers), Some(Scheme::Https), "{empty:?}");
        }
    }

    #[test]
    fn the_standard_header_says_it_too() {
        for value in [
            "proto=https",
            "for=192.0.2.60; Proto=HTTPS ;by=203.0.113.43",
            "for=\"[2001:db8::1],x;proto=http\";proto=\"https\", proto=http",
        ] {
            assert_eq!(said("forwarded", value), Some(Scheme::Https), "{value}");
        }
        assert_eq!(said("forwarded", "proto=http, proto=https"), Some(Scheme::Http));
        for value in
            ["", "for=1.2.3.4", "for=1.2.3.4, proto=https", "proto", "proto=;x", "\"proto=https"]
        {
            assert_eq!(said("forwarded", value), None, "{value}");
        }
    }
}
