//! The runtime's cookies: the signed session id, and what the browser client leaves for the next
//! page.

use std::time::SystemTime;

use http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::flash::Flash;
use crate::http::forwarded::{Scheme, forwarded_scheme};
use crate::runtime::Runtime;
use crate::wire::token::{FlashToken, Keys, ReloadToken, SessionId};

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
pub(super) fn flash_cookie(token: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{FLASH_COOKIE}={token}; Path=/; Max-Age=60; SameSite=Strict"))
        .ok()
}

/// The flash that a redirect left.
pub(super) fn flash_of(headers: &HeaderMap, keys: &Keys) -> Flash {
    cookie(headers, FLASH_COOKIE)
        .and_then(|value| FlashToken::verify(value, keys, SystemTime::now()).ok())
        .map(|token| Flash::from_pairs(token.flash))
        .unwrap_or_default()
}

/// The status of a refused join, which the page now answers with. A cookie that is too old, or that
/// this server did not sign, says nothing.
pub(super) fn reload_status(headers: &HeaderMap, keys: &Keys) -> Option<u16> {
    let value = cookie(headers, RELOAD_COOKIE)?;
    let token = ReloadToken::verify(value, keys, SystemTime::now());
    token.ok().map(|token| token.status)
}

/// `Set-Cookie` values that delete what the client left for this one page.
pub(super) fn used_cookies(headers: &HeaderMap) -> impl Iterator<Item = HeaderValue> {
    let delete = |name: &'static str| {
        let value = format!("{name}=; Path=/; Max-Age=0; SameSite=Strict");
        cookie(headers, name).and_then(|_| HeaderValue::try_from(value).ok())
    };
    [delete(FLASH_COOKIE), delete(RELOAD_COOKIE)].into_iter().flatten()
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

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers, name).next()
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
        assert_eq!(cookie(&headers, "bb"), Some("2"));
        assert_eq!(cookie(&headers, "b"), Some("3"));
        assert_eq!(cookie(&headers, "c"), None);
    }
}
