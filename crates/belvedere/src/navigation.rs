//! Where a browser may be sent, and what becomes of its history.
//!
//! A target inside the application is a [`LocalPath`], one on another site a [`SiteUrl`]; each is
//! checked when it is made, so nothing further on has to wonder where it leads.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use live_path::LivePath;

pub(crate) mod live_path;
mod spelling;

/// A path of this application, with its query: starts with a single `/`.
///
/// Spelled as browsers do it: what cannot stand in a URL is in percent encoding (`/a b` is `/a%20b`), and
/// `.` and `..` are resolved. Clones share the text. Refused: `//host`, backslashes, and tab, carriage return or line feed, raw or behind the leading
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
        if path.starts_with('/') && !path.starts_with("//") && spelling::is_plain(&path) {
            return Ok(Self(path.into()));
        }
        let before_query = path.split(['?', '#']).next().unwrap_or_default();
        let hostile =
            path.bytes().any(|byte| byte.is_ascii_control()) || before_query.contains('\\');
        if path.starts_with('/') && !path.starts_with("//") && !hostile {
            let spelled = spelling::of_browsers(&path);
            // Only now may two slashes be the first, or a control character.
            let lower = spelled.get(..4).unwrap_or_default().to_ascii_lowercase();
            let encoded_control = matches!(lower.as_str(), "/%09" | "/%0a" | "/%0d");
            if !spelled.starts_with("//") && !encoded_control {
                return Ok(Self(spelled.into()));
            }
        }
        Err(NotLocal(path))
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

    /// What a server is asked for: the part behind `#` is the browser's.
    pub(crate) fn without_fragment(&self) -> Self {
        match self.0.split_once('#') {
            Some((path, _)) => Self(path.into()),
            None => self.clone(),
        }
    }

    /// The path with its query, and with the fragment that it was made of.
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

/// An address on another site: absolute, `http` or `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteUrl(Arc<str>);

/// The target is not an address that a browser may be sent to on another site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address of a site: it must start with `https://` or `http://` and a host")]
pub struct NotASite(String);

impl SiteUrl {
    /// Checks `url`.
    ///
    /// # Errors
    ///
    /// [`NotASite`] when it has another scheme, such as `javascript:`, no host, or blanks.
    pub fn new(url: impl Into<String>) -> Result<Self, NotASite> {
        let url = url.into();
        let scheme = |scheme: &str| {
            let head = url.get(..scheme.len())?;
            head.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
        };
        let host = scheme("https://").or_else(|| scheme("http://"));
        let has_host = host.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
        let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if has_host && is_plain { Ok(Self(url.into())) } else { Err(NotASite(url)) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Routes between which navigation stays on the socket, because one layout is around them.
///
/// The default is that of the application's own layout. It stands in page tokens, so it is the same
/// on every machine that runs the same program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group(Option<[u8; Self::LEN]>);

impl Group {
    /// Bytes of a group that has a name.
    pub const LEN: usize = 8;

    /// The group of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Sha256::digest(name).first_chunk().copied())
    }

    /// As a token keeps it.
    #[must_use]
    pub const fn from_bytes(bytes: Option<[u8; Self::LEN]>) -> Self {
        Self(bytes)
    }

    /// What a token keeps; nothing of the default.
    #[must_use]
    pub const fn to_bytes(self) -> Option<[u8; Self::LEN]> {
        self.0
    }
}

/// What a patch or a navigation does to the browser's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum History {
    /// Adds an entry: the back button leads to what was shown before.
    #[default]
    Push,
    /// Takes the place of the current entry.
    Replace,
}

impl History {
    /// The word on the wire. The client throws on any other.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Replace => "replace",
        }
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
    fn another_site_is_an_absolute_address_of_the_web() {
        for site in ["https://ex.test", "HTTP://ex.test/a?b#c", "https://127.0.0.1:4000/"] {
            assert!(SiteUrl::new(site).is_ok(), "{site:?}");
        }
        for hostile in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//ex.test",
            "/users",
            "https://",
            "https:///ex.test",
            "https://ex.test/a b",
            "https://ex.test\\@evil.test",
            "https://ex.test/\n",
            "",
        ] {
            assert!(SiteUrl::new(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn a_path_is_spelled_as_browsers_spell_it() {
        for (path, spelled) in [
            ("/a b?c d", "/a%20b?c%20d"),
            ("/ö/é?q=ö", "/%C3%B6/%C3%A9?q=%C3%B6"),
            ("/it's?q=it's", "/it's?q=it%27s"),
            ("/a^b|c`{d}<\"?^|`{}<\"", "/a%5Eb%7Cc%60%7Bd%7D%3C%22?^|`{}%3C%22"),
            ("/100%25?a=%zz", "/100%25?a=%zz"),
            ("/a/./b/../c/", "/a/c/"),
            ("/a/..", "/"),
            ("/a/%2e%2E/b/.", "/b/"),
            ("/../a//b", "/a//b"),
            ("/?a=/../b", "/?a=/../b"),
            ("/a?b#it's ö", "/a?b#it's%20%C3%B6"),
        ] {
            let of = |path: &str| LocalPath::new(path).map(|path| path.to_string());
            assert_eq!(of(path), Ok(spelled.to_owned()));
            assert_eq!(of(spelled), Ok(spelled.to_owned()), "once more");
        }
        for hostile in [
            "/..//evil.test",
            "/.//evil.test",
            "/a/..//evil.test",
            "/./%09/evil.test",
            "/a/../%0D/evil.test",
        ] {
            assert!(LocalPath::new(hostile).is_err(), "{hostile}");
        }
        let path = LocalPath::new("/a?b#c").unwrap();
        assert_eq!(path.without_fragment().as_str(), "/a?b");
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
