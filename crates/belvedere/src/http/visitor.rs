//! [`Visitor`]: the runtime's session for plain pages and forms beside the live ones, such as a
//! sign-in form.

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, SET_COOKIE};

use crate::http::live_runtime::LiveRuntime;
use crate::http::session::{Session, is_secure, session_cookie};
use crate::runtime::Runtime;
use crate::wire::token::{CsrfToken, SessionId};

/// The browser behind a plain HTTP request, known by the runtime's session cookie.
///
/// A form carries [`csrf_token`](Self::csrf_token) and its handler asks
/// [`accepts`](Self::accepts). Whoever changes what a browser may do, by signing in or out, calls
/// [`renew`](Self::renew). Every response made with a visitor ends with
/// [`remember`](Self::remember). The cookie belongs to the base path of the application
/// ([`LiveConfig::base_path`](crate::LiveConfig::base_path)), and so do the routes that know a visitor.
///
/// ```
/// use http::HeaderMap;
/// use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
///
/// let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
/// // GET /sign-in: the form holds the token, the response the cookie.
/// let visitor = live.visitor(&HeaderMap::new());
/// let token = visitor.csrf_token();
/// let mut response = HeaderMap::new();
/// visitor.remember(&mut response);
///
/// // POST /sign-in: the token belongs to the cookie.
/// let cookie = response["set-cookie"].to_str()?.split(';').next().unwrap_or_default();
/// let request = HeaderMap::from_iter([(http::header::COOKIE, cookie.parse()?)]);
/// let mut visitor = live.visitor(&request);
/// assert!(visitor.accepts(&token));
/// let before = visitor.session();
/// visitor.renew();
/// assert!(visitor.session() != before && !visitor.accepts(&token));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Visitor {
    runtime: Arc<Runtime>,
    session: SessionId,
    /// The browser does not have this session's cookie yet.
    is_new: bool,
    secure: bool,
}

impl LiveRuntime {
    /// The browser that sent a request with these headers; a new one when they carry no session
    /// that this application signed.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap) -> Visitor {
        let runtime = Arc::clone(self.runtime());
        let session = Session::of(headers, &runtime.keys);
        Visitor {
            session: session.or_new(),
            is_new: !matches!(session, Session::Known(_)),
            secure: is_secure(runtime.config.public_url.as_deref(), headers),
            runtime,
        }
    }
}

impl Visitor {
    /// The session that pages, sockets and tokens of this browser are bound to.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Whether this browser reaches the application over https, so that cookies should be
    /// `Secure`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// A token for a form of this visitor's; different each time.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        CsrfToken::issue(&self.session, &self.runtime.keys)
    }

    /// Whether a form's token was issued to this visitor.
    #[must_use]
    pub fn accepts(&self, csrf_token: &str) -> bool {
        CsrfToken::verify(csrf_token, &self.session, &self.runtime.keys).is_ok()
    }

    /// Gives this visitor a new session and ends the old one: its sockets close, its held views are
    /// dropped, its tokens are worthless.
    pub fn renew(&mut self) {
        self.runtime.disconnect(self.session);
        self.session = SessionId::random();
        self.is_new = true;
    }

    /// Sets the session's cookie on a response, unless the browser has it already.
    pub fn remember(&self, response: &mut HeaderMap) {
        if self.is_new {
            let cookie = session_cookie(self.session, &self.runtime, self.secure);
            if let Some(cookie) = cookie {
                response.append(SET_COOKIE, cookie);
            }
        }
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Visitor").field("is_new", &self.is_new).finish_non_exhaustive()
    }
}
