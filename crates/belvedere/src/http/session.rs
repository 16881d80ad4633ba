//! The runtime's cookies: the signed session, and what the browser client leaves for the next page.

use std::fmt::Write as _;
use std::time::SystemTime;

use http::header::{CACHE_CONTROL, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;

use crate::flash::Flash;
use crate::http::forwarded::{Scheme, forwarded_scheme};
use crate::http::session_value::{Caller, StoredValue};
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::wire::token::{
    FlashToken, Keys, MAX_COOKIE_AGE, ReloadToken, SessionId, SessionToken, SignedWith, TokenError,
};

/// Holds the signed session id, and what the application keeps with it.
const SESSION_COOKIE: &str = "_live_view_session";
/// Set by the client: the flash of a redirect.
pub(crate) const FLASH_COOKIE: &str = "__phoenix_flash__";
/// Set by the client: the status of a refused join.
pub(crate) const RELOAD_COOKIE: &str = "__phoenix_reload_status__";

/// The session of a request.
pub(super) enum Session {
    /// A cookie that this server signed, and with which of its secrets.
    Known(SessionToken, SignedWith),
    /// A cookie that this server signed, of a session that was ended: the browser may be about to get the
    /// next one.
    Ended(SessionId),
    /// A cookie, but none that can be trusted.
    Invalid,
    /// No cookie at all.
    Absent,
}

impl Session {
    pub(super) fn of(headers: &HeaderMap, runtime: &Runtime) -> Self {
        let max_age = runtime.config.session_lasts();
        let now = SystemTime::now();
        // A runtime at the root of the same host has a cookie of the same name, which comes along.
        let mut session = Self::Absent;
        for value in cookies(headers, SESSION_COOKIE) {
            match SessionToken::verify(value, &runtime.keys, now, max_age) {
                Ok((token, _)) if runtime.ended_sessions.contains(token.id) => {
                    session = Self::Ended(token.id);
                }
                Ok((token, signed_with)) => return Self::Known(token, signed_with),
                Err(_) if matches!(session, Self::Absent) => session = Self::Invalid,
                Err(_) => {}
            }
        }
        session
    }

    /// Whose it is; nobody's, where no cookie can be trusted.
    pub(super) fn id(&self) -> Option<SessionId> {
        match self {
            Self::Known(token, _) => Some(token.id),
            Self::Ended(_) | Self::Invalid | Self::Absent => None,
        }
    }
}

/// Who sent a request with these headers.
pub(super) fn caller_of(headers: &HeaderMap, runtime: &Runtime) -> Caller {
    match Session::of(headers, runtime) {
        Session::Known(token, signed_with) => {
            let age = SystemTime::now().duration_since(token.issued_at).unwrap_or_default();
            let is_old = age >= runtime.config.session_lasts() / 2;
            let needs_cookie = is_old || signed_with == SignedWith::Another;
            Caller::known(token.id, StoredValue(token.value), needs_cookie)
        }
        Session::Ended(_) | Session::Invalid | Session::Absent => Caller::stranger(),
    }
}

/// Who sent a request: what the served router has put there, or a join's own.
pub(super) fn caller_of_request(parts: &mut Parts, runtime: &Runtime) -> Caller {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return caller.clone();
    }
    let caller = caller_of(&parts.headers, runtime);
    parts.extensions.insert(caller.clone());
    caller
}

/// Sets the caller's session cookie on a response, if the browser needs it: one that a request has started
/// in place of all others, and none of a session that was ended meanwhile.
pub(super) fn give_session(
    caller: &Caller,
    runtime: &Runtime,
    secure: bool,
    response: &mut HeaderMap,
) {
    let session = caller.session();
    if !caller.needs_cookie() || runtime.ended_sessions.contains(session) {
        return;
    }
    let is_it = |cookie: &HeaderValue| name_of(cookie) == SESSION_COOKIE.as_bytes();
    if response.get_all(SET_COOKIE).iter().any(is_it) {
        if !caller.is_started() {
            return;
        }
        let others: Vec<_> = response.get_all(SET_COOKIE).iter().cloned().collect();
        response.remove(SET_COOKIE);
        response.extend(others.into_iter().filter(|it| !is_it(it)).map(|it| (SET_COOKIE, it)));
    }
    if let Some(cookie) = session_cookie(session, &caller.stored(), runtime, secure) {
        response.append(SET_COOKIE, cookie);
        response.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        caller.is_given();
    }
}

/// The runtime's cookies on a response of the application, which may lose them: axum puts `[(SET_COOKIE, …)]` in
/// the place of all cookies before it.
#[derive(Clone)]
pub(super) struct OwnCookies(Vec<HeaderValue>);

impl OwnCookies {
    pub(super) fn of(response: &HeaderMap) -> Self {
        let own = [SESSION_COOKIE, FLASH_COOKIE, RELOAD_COOKIE].map(str::as_bytes);
        let is_own = |cookie: &&HeaderValue| own.contains(&name_of(cookie));
        Self(response.get_all(SET_COOKIE).iter().filter(is_own).cloned().collect())
    }

    /// Sets those that were lost. Whoever has taken all cookies from the response wants none in it, and whoever
    /// has set one of that name has said what becomes of it.
    pub(super) fn restore(self, response: &mut HeaderMap) {
        let set: Vec<_> = response.get_all(SET_COOKIE).iter().cloned().collect();
        if set.is_empty() {
            return;
        }
        for cookie in self.0 {
            if set.iter().all(|set| name_of(set) != name_of(&cookie)) {
                response.append(SET_COOKIE, cookie);
            }
        }
    }
}

fn name_of(cookie: &HeaderValue) -> &[u8] {
    cookie.as_bytes().split(|byte| *byte == b'=').next().unwrap_or_default()
}

/// The `Set-Cookie` value that gives a browser this session.
fn session_cookie(
    session: SessionId,
    value: &StoredValue,
    runtime: &Runtime,
    secure: bool,
) -> Option<HeaderValue> {
    let token = SessionToken { id: session, value: value.0.clone(), issued_at: SystemTime::now() };
    let token = token.sign(&runtime.keys);
    let path = runtime.config.base_path.path("/");
    let mut cookie = format!("{SESSION_COOKIE}={token}; Path={path}; HttpOnly; SameSite=Lax");
    if let Some(lifetime) = runtime.config.session_lifetime {
        let _ = write!(cookie, "; Max-Age={}", lifetime.min(MAX_COOKIE_AGE).as_secs());
    }
    cookie.push_str(if secure { "; Secure" } else { "" });
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

/// The status of a refused join, which the page at `url` now answers with. A cookie that is too old,
/// for another page, or that this server did not sign, says nothing.
pub(super) fn reload_status(headers: &HeaderMap, url: &str, keys: &Keys) -> Option<u16> {
    let now = SystemTime::now();
    let is_for_this = |token: &ReloadToken| {
        token.is_for(LocalPath::of_url(url).as_ref().map_or("", LocalPath::as_str))
    };
    cookies(headers, RELOAD_COOKIE)
        .filter_map(|value| ReloadToken::verify(value, keys, now).ok())
        .find(is_for_this)
        .map(|token| token.status)
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
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        // Others of this host may hold any bytes.
        .filter_map(|value| str::from_utf8(value).ok())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::LiveConfig;
    use crate::wire::token::SecretKeyBase;

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
    fn a_cookie_is_found_beside_others_of_any_bytes() {
        let header = HeaderValue::from_bytes(b"name=J\xc3\xbcrgen; x=\xff; a=1; y=\xe2\x82");
        let headers = HeaderMap::from_iter([(COOKIE, header.unwrap())]);
        assert_eq!(cookies(&headers, "a").collect::<Vec<_>>(), ["1"]);
        assert_eq!(cookies(&headers, "name").collect::<Vec<_>>(), ["Jürgen"]);
        assert_eq!(cookies(&headers, "x").count(), 0);
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

    #[test]
    fn a_session_lasts_as_long_as_is_configured_and_is_prolonged_by_half() {
        let day = Duration::from_secs(24 * 60 * 60);
        let known_after = |days: u32, session_lifetime| {
            let secret = SecretKeyBase::random();
            let config = LiveConfig { session_lifetime, ..LiveConfig::new(secret) };
            let runtime = Runtime::new(config);
            let issued_at = SystemTime::now() - day * days;
            let token = SessionToken { id: SessionId::random(), value: None, issued_at };
            let cookie = format!("{SESSION_COOKIE}={}", token.sign(&runtime.keys));
            let headers = HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())]);
            let caller = caller_of(&headers, &runtime);
            (caller.session() == token.id, caller.needs_cookie())
        };
        assert_eq!(known_after(10, Some(day * 30)), (true, false));
        assert_eq!(known_after(20, Some(day * 30)), (true, true));
        assert_eq!(known_after(31, Some(day * 30)), (false, true));
        assert_eq!(known_after(6, None), (true, false));
        assert_eq!(known_after(8, None), (true, true));
        assert_eq!(known_after(15, None), (false, true));
        assert_eq!(known_after(401, Some(day * 1_000)), (false, true));

        let of = |session_lifetime| {
            let secret = SecretKeyBase::random();
            let runtime = Runtime::new(LiveConfig { session_lifetime, ..LiveConfig::new(secret) });
            let session = SessionId::random();
            let cookie = session_cookie(session, &StoredValue::default(), &runtime, false);
            cookie.unwrap().to_str().unwrap().to_owned()
        };
        assert!(!of(None).contains("Max-Age"));
        assert!(of(Some(day)).contains("; Max-Age=86400"));
        assert!(of(Some(day * 1_000)).contains("; Max-Age=34560000"));
    }
}
