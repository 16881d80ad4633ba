//! Where a browser may be sent.
//!
//! A target inside the application is a [`LocalPath`]; it is checked when it is made, so nothing
//! further on has to wonder whether it leads to another site.

use std::fmt;
use std::sync::Arc;

/// A path of this application, with its query: starts with a single `/`.
///
/// Clones share the text. Refused: `//host`, backslashes, and tab, carriage return or line feed, raw or behind the leading
/// slash in percent encoding, all of which browsers turn into another site's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(Arc<str>);

/// The target is not a path of this application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a local path: it must start with a single `/` and hold no backslash or control character"
)]
pub struct NotLocal(String);

impl LocalPath {
    /// Checks `path`.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when a browser could read it as an address elsewhere.
    pub fn new(path: impl Into<String>) -> Result<Self, NotLocal> {
        let path = path.into();
        let before_query = path.split('?').next().unwrap_or_default();
        let hostile =
            path.bytes().any(|byte| byte.is_ascii_control()) || before_query.contains('\\');
        let lower = path.get(..4).unwrap_or_default().to_ascii_lowercase();
        let encoded_control = matches!(lower.as_str(), "/%09" | "/%0a" | "/%0d");
        if path.starts_with('/') && !path.starts_with("//") && !hostile && !encoded_control {
            Ok(Self(path.into()))
        } else {
            Err(NotLocal(path))
        }
    }

    /// The path and query of an absolute `http` or `https` URL, or of a path.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when there is no such path in it.
    pub fn of_url(url: &str) -> Result<Self, NotLocal> {
        let after_scheme = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let path = match after_scheme {
            Some(rest) => rest.find(['/', '?', '#']).map_or("/", |start| &rest[start..]),
            None => url,
        };
        let path = path.split_once('#').map_or(path, |(path, _fragment)| path);
        match path {
            "" => Self::new("/"),
            query if query.starts_with('?') => Self::new(format!("/{query}")),
            path => Self::new(path),
        }
    }

    /// The path with its query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_sites_are_refused() {
        for hostile in [
            "//evil.test",
            "/\\evil.test",
            "\\evil",
            "https:/evil",
            "evil",
            "",
            "/\t/evil",
            "/%09/evil",
            "/%0A/evil",
        ] {
            assert!(LocalPath::new(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn the_path_of_a_url_keeps_its_query_and_loses_its_fragment() {
        let path = |url| LocalPath::of_url(url).map(|path| path.to_string());
        assert_eq!(path("http://localhost:4000/users?page=2#top"), Ok("/users?page=2".to_owned()));
        assert_eq!(path("https://ex.test"), Ok("/".to_owned()));
        assert_eq!(path("https://ex.test?a=1"), Ok("/?a=1".to_owned()));
        assert!(path("https://ex.test//evil.test").is_err());
        assert_eq!(path("/search?q=a\\b"), Ok("/search?q=a\\b".to_owned()));
    }
}
