//! The runtime's cookies: the signed session id, and what the browser client leaves for the next
//! page.

use std::time::SystemTime;

use http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::flash::Flash;
use crate::http::forwarded::{Scheme, forwarded_scheme};
use crate::runtime::Runtime;
use crate::wire::token::{FlashToken, Keys, ReloadToken, SessionId, TokenError};

/// Holds the signed session id and nothing else.
const SESSION_COOKIE: &str = "_live_view_session";
/// Set by the client: the flash of a redirect.
pub(crate) const FLASH_COOKIE: &str = "__phoenix_flash__";
/// Set by the client: the status of a refused join.
const RELOAD_COOKIE: &str = "__phoenix_reload_status__";

/// The session of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// A cookie that this server signed.
    Known(SessionId),
    /// A cookie, but none that can be trusted.
    Invalid,
    /// No cookie at all.
    Absent,
}

impl Session {
    pub(super) fn of(headers: &HeaderMap, keys: &Keys) -> Self {
        // A runtime at the root of the same host has a cookie of the same name, which comes along.
        let mut session = Self::Absent;
        for value in cookies(headers, SESSION_COOKIE) {
            match SessionId::verify(value, keys, SystemTime::now()) {
                Ok(id) => return Self::Known(id),
                Err(_) => session = Self::Invalid,
            }
        }
        session
    }

    /// The id, or a new one.
    pub(super) fn or_new(self) -> SessionId {
        match self {
            Self::Known(id) => id,
            Self::Invalid | Self::Absent => SessionId::random(),
        }
    }
}

/// The `Set-Cookie` value that gives a browser this session.
pub(super) fn session_cookie(
    id: SessionId,
    runtime: &Runtime,
    secure: bool,
) -> Option<HeaderValue> {
    let token = id.sign(&runtime.keys, SystemTime::now());
    let secure = if secure { "; Secure" } else { "" };
    let path = runtime.config.base_path.path("/");
    let cookie = format!("{SESSION_COOKIE}={token}; Path={path}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).ok()
}

/// The `Set-Cookie` value that carries a signed flash to the page of a redirect.
pub(super) fn flash_cookie(token: &str, runtime: &Runtime, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let path = runtime.config.base_path.path("/");
    let cookie =
        format!("{FLASH_COOKIE}={token}; Path={path}; Max-Age=60; SameSite=Strict{secure}");
    HeaderValue::try_from(cookie).ok()
}

/// The flash that a redirect left.
pub(super) fn flash_of(headers: &HeaderMap, keys: &Keys) -> Flash {
    let now = SystemTime::now();
    cookies(headers, FLASH_COOKIE)
        .find_map(|value| FlashToken::verify(value, keys, now).ok())
        .map(|token| Flash::from_pairs(token.flash))
        .unwrap_or_default()
}

/// The status of a refused join, which the page now answers with. A cookie that is too old, or that
/// this server did not sign, says nothing.
pub(super) fn reload_status(headers: &HeaderMap, keys: &Keys) -> Option<u16> {
    let now = SystemTime::now();
    let mut values = cookies(headers, RELOAD_COOKIE);
    values.find_map(|value| ReloadToken::verify(value, keys, now).ok()).map(|token| token.status)
}

/// `Set-Cookie` values that delete what was left for this one page, and what nobody can use. A cookie
/// that another runtime of this host has signed is left to it.
pub(super) fn used_cookies(
    headers: &HeaderMap,
    runtime: &Runtime,
) -> impl Iterator<Item = HeaderValue> {
    let (keys, now) = (&runtime.keys, SystemTime::now());
    let base = runtime.config.base_path.path("/");
    let flash = cookies(headers, FLASH_COOKIE)
        .map(|value| FlashToken::verify(value, keys, now).err() != Some(TokenError::Signature));
    let reload = cookies(headers, RELOAD_COOKIE)
        .any(|value| ReloadToken::verify(value, keys, now).err() != Some(TokenError::Signature));
    let flash = paths(&flash.collect::<Vec<_>>(), &base).into_iter();
    let flash = flash.map(|path| (FLASH_COOKIE, path));
    // Only the client sets this one.
    let reload = reload.then(|| (RELOAD_COOKIE, "/".to_owned()));
    flash.chain(reload).filter_map(|(name, path)| {
        HeaderValue::try_from(format!("{name}=; Path={path}; Max-Age=0; SameSite=Strict")).ok()
    })
}

/// The paths of the cookies that are to be deleted, of those of one name that came, the longest path
/// first. A redirect sets one at the base path, the client at the root.
fn paths(is_used: &[bool], base: &str) -> Vec<String> {
    let (base, root) = (base.to_owned(), "/".to_owned());
    match is_used {
        _ if base == root => is_used.contains(&true).then_some(root).into_iter().collect(),
        [true] => vec![base, root],
        [first, rest @ ..] => {
            let of_rest = rest.contains(&true).then_some(root);
            first.then_some(base).into_iter().chain(of_rest).collect()
        }
        [] => Vec::new(),
    }
}

/// Whether the browser reached the application over https.
pub(super) fn is_secure(public_url: Option<&str>, headers: &HeaderMap) -> bool {
    match public_url {
        Some(url) => is_https(url),
        None => forwarded_scheme(headers) == Some(Scheme::Https),
    }
}

/// Whether a URL is one of https.
pub(super) fn is_https(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

/// The values of the cookies of this name; of the longest path first, as browsers send them.
fn cookies<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(move |(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_in_repeated_headers() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; bb=2"));
        headers.append(COOKIE, HeaderValue::from_static("b=3"));
        let found = |name| cookies(&headers, name).collect::<Vec<_>>();
        assert_eq!((found("bb"), found("b")), (vec!["2"], vec!["3"]));
        assert!(found("c").is_empty());
    }

    #[test]
    fn a_cookie_is_deleted_where_it_was_set() {
        for (is_used, base, expected) in [
            (&[][..], "/tools/", &[][..]),
            (&[false], "/tools/", &[]),
            (&[true], "/", &["/"]),
            (&[true], "/tools/", &["/tools/", "/"]),
            (&[true, false], "/tools/", &["/tools/"]),
            (&[false, true], "/tools/", &["/"]),
            (&[true, true], "/tools/", &["/tools/", "/"]),
        ] {
            assert_eq!(paths(is_used, base), expected, "{is_used:?} {base}");
        }
    }
}
