//! [`Visitor`]: the runtime's session for plain pages and forms beside the live ones, such as a
//! sign-in form; and [`SessionValue`], what the application keeps with it.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::flash::Flash;
use crate::http::live_runtime::LiveRuntime;
use crate::http::requested::is_without_response;
use crate::http::session::{
    OwnCookies, caller_of, caller_of_request, flash_cookie, flash_of, give_session, is_secure,
    used_cookies,
};
use crate::http::session_value::{Caller, SessionValueError, StoredValue};
use crate::runtime::Runtime;
use crate::wire::token::{CsrfToken, SessionId};

pub use value::{SessionRejection, SessionValue};

use value::runtime_of;

mod value;

/// The browser behind a plain HTTP request, known by the runtime's session cookie.
///
/// It is an extractor, and a part of the response: a handler returns it, as in
/// `(visitor, Redirect::to("/"))`, and its flash and its cookies go along. A session that it starts or
/// ends holds from that moment for all layers and handlers of the request, and its cookie is set on the
/// response whether the visitor is returned or not. A form carries
/// [`csrf_token`](Self::csrf_token) and its handler asks [`accepts`](Self::accepts).
///
/// Signing in is [`start_session`](Self::start_session) with what the application wants to know of the
/// visitor, signing out [`end_session`](Self::end_session). Views and handlers read it with
/// [`SessionValue`]:
///
/// ```
/// use axum::response::{IntoResponse, Redirect, Response};
/// use axum::routing::post;
/// use axum::{Form, Router};
/// use belvedere::http::{SessionValue, Visitor};
/// use belvedere::{LiveRouter, LiveView, MountError, Render, Result, Socket, flash, live};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct User { name: String }
///
/// #[derive(Deserialize)]
/// struct SignIn { csrf_token: String, name: String, password: String }
/// /// Of no name that is too long to be anybody's.
/// fn knows(name: &str, password: &str) -> bool { name.len() <= 100 && password == "…" }
///
/// async fn sign_in(mut visitor: Visitor, Form(form): Form<SignIn>) -> Response {
///     if !visitor.accepts(&form.csrf_token) || !knows(&form.name, &form.password) {
///         visitor.put_flash("error", "That is not right. Please try again.");
///         return (visitor, Redirect::to("/sign-in")).into_response();
///     }
///     match visitor.start_session(&User { name: form.name }) {
///         Ok(()) => (visitor, Redirect::to("/")).into_response(),
///         Err(error) => error.into_response(),
///     }
/// }
///
/// struct Desk { user: User }
///
/// impl LiveView for Desk {
///     type Extract = Option<SessionValue<User>>;
///     type Params = ();
/// #     type Event = ();
/// #     type Message = ();
///
///     async fn mount(user: Self::Extract, socket: &mut Socket<Self>) -> Result<Self, MountError> {
///         let Some(SessionValue(user)) = user else {
///             socket.put_flash("info", "Please sign in first.");
///             return Err(MountError::redirect("/sign-in"));
///         };
///         Ok(Self { user })
///     }
/// #     fn render(&self) -> impl Render { live! { (flash()) p { (self.user.name) } } }
/// }
///
/// let pages: Router = Router::new().route("/sign-in", post(sign_in)).live::<Desk>("/");
/// ```
///
/// A session's value never changes: whoever changes it, or what a browser may do, gives the visitor a
/// new session and ends the old one. So nobody can have known its id before (session fixation), and no
/// page stays open that was made for somebody else: its socket is closed, no cookie of the old session
/// is believed any more by this process, and the browser loads the page anew with the new one.
///
/// The cookie belongs to the base path of the application
/// ([`LiveConfig::base_path`](crate::LiveConfig::base_path)), and so do the routes that know a visitor.
pub struct Visitor {
    runtime: Arc<Runtime>,
    caller: Caller,
    secure: bool,
    /// What the next page is to show.
    flash: Flash,
    /// What this one was given to show, and what deletes it from the browser.
    received: Flash,
    used: Vec<HeaderValue>,
    has_taken: bool,
    place: Place,
    /// A session was started that only [`remember`](Self::remember) gives to the browser.
    owes_session: bool,
    is_remembered: AtomicBool,
}

/// What becomes of the session that a visitor starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The runtime sets its cookie on the response.
    Handler,
    /// Code without an extractor sets it.
    Headers,
    /// There is no response that could set it: a view's, or a layer's at a join.
    View,
}

impl LiveRuntime {
    /// The browser that sent a request with these headers; a new one when they carry no session
    /// that this application signed. For code without an extractor, which has to
    /// [`remember`](Visitor::remember) what it changes: [`Visitor`] is one.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap) -> Visitor {
        let caller = caller_of(headers, self.runtime());
        Visitor::new(caller, headers, self.runtime(), Place::Headers)
    }
}

impl Visitor {
    fn new(caller: Caller, headers: &HeaderMap, runtime: &Arc<Runtime>, place: Place) -> Self {
        Self {
            caller,
            secure: is_secure(runtime.config.public_url.as_deref(), headers),
            flash: Flash::default(),
            received: flash_of(headers, &runtime.keys),
            used: used_cookies(headers, runtime).collect(),
            has_taken: false,
            place,
            owes_session: false,
            is_remembered: AtomicBool::new(false),
            runtime: Arc::clone(runtime),
        }
    }

    /// The session that pages, sockets and tokens of this browser are bound to.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.caller.session()
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
        CsrfToken::issue(&self.session(), &self.runtime.keys)
    }

    /// Whether a form's token was issued to this visitor.
    #[must_use]
    pub fn accepts(&self, csrf_token: &str) -> bool {
        CsrfToken::verify(csrf_token, &self.session(), &self.runtime.keys).is_ok()
    }

    /// What the application keeps with this session; `None` when there is nothing, or something of
    /// another type or form, from an earlier release perhaps.
    #[must_use]
    pub fn value<T: DeserializeOwned>(&self) -> Option<T> {
        self.caller.value()
    }

    /// Ends this visitor's session and gives it a new one, with `value` for the application to know it
    /// by: signing in.
    ///
    /// The value travels in the session's cookie as JSON, at most 2,000 bytes of it. It is signed and
    /// not encrypted: the visitor can read it and cannot change it. It is read as the type that was
    /// written and as no other, so that what says who waits for a second factor is never taken for who
    /// has passed it. Types are told apart by their names with their paths: a type that has moved finds
    /// nothing of what it was.
    ///
    /// A copy of the cookie is good until its end wherever nobody has heard of
    /// [`end_session`](Self::end_session): what must be revoked at once is looked up, by an id in the
    /// value, wherever it matters.
    ///
    /// # Errors
    ///
    /// [`SessionValueError`], with the session as it was. In a live view, and in a layer at a join, it
    /// is always [`NoResponse`](SessionValueError::NoResponse).
    pub fn start_session<T: Serialize>(&mut self, value: &T) -> Result<(), SessionValueError> {
        let value = StoredValue::new(value)?;
        if self.place == Place::View {
            return Err(SessionValueError::NoResponse);
        }
        self.begin(value);
        Ok(())
    }

    /// Ends this visitor's session and gives it a new one without a value: signing out. Pages that are
    /// open in this browser end.
    ///
    /// The old cookie is believed no more by this process, as with
    /// [`LiveRuntime::end_session`](crate::LiveRuntime::end_session), which says what it remembers. A
    /// process that starts anew, and another machine, believes a copy of it until it has expired.
    ///
    /// In a live view the session ends too; the browser loads its page anew, and has another then.
    pub fn end_session(&mut self) {
        self.begin(StoredValue::default());
    }

    /// Ends this visitor's session, as [`end_session`](Self::end_session) does, and gives it a new one
    /// with the same value, for an application that has changed what the browser may do and keeps that
    /// by itself. The sockets of the old session close, its held views are dropped, and this process
    /// believes neither its cookie nor its tokens; a copy of the cookie is good elsewhere, as there.
    ///
    /// In a live view nobody gets the new one, and an error is logged: it signs out.
    pub fn renew(&mut self) {
        if self.place == Place::View {
            tracing::error!(
                "a live view renewed its visitor's session, which signs the visitor out, since a \
                 socket sets no cookie; renew it in a plain handler"
            );
        }
        self.begin(self.caller.stored());
    }

    fn begin(&mut self, value: StoredValue) {
        let old = match self.place {
            Place::View => self.caller.present(),
            Place::Handler | Place::Headers => self.caller.start(value),
        };
        self.owes_session = self.place == Place::Headers;
        // No browser has heard of the others.
        if old.is_known {
            self.runtime.end_session(old.session, old.has_value);
        }
    }

    /// Shows `text` on the next page, as [`Socket::put_flash`](crate::Socket::put_flash) does.
    pub fn put_flash(&mut self, kind: impl Into<String>, text: impl Into<String>) {
        self.flash.put(kind.into(), text.into());
    }

    /// What a redirect has left for this page to show. The response, which this visitor is a part of,
    /// deletes it from the browser. For plain pages; a live one shows it by itself.
    pub fn take_flash(&mut self) -> Flash {
        self.has_taken = true;
        std::mem::take(&mut self.received)
    }

    /// Sets on a response the cookies that the browser needs to be this visitor. A handler that
    /// returns the visitor as a part of its response needs not call it.
    ///
    /// A response with a session's cookie is stored by no cache, unless it says otherwise itself.
    pub fn remember(&self, response: &mut HeaderMap) {
        self.is_remembered.store(true, Ordering::Relaxed);
        if self.has_taken {
            response.extend(self.used.iter().map(|used| (SET_COOKIE, used.clone())));
        }
        let token = self.flash.clone().into_token(&self.runtime.keys, SystemTime::now());
        let flash = token.and_then(|token| flash_cookie(&token, &self.runtime, self.secure));
        response.extend(flash.map(|cookie| (SET_COOKIE, cookie)));
        give_session(&self.caller, &self.runtime, self.secure, response);
    }
}

/// Tells an author of what the browser never hears of.
impl Drop for Visitor {
    fn drop(&mut self) {
        if !cfg!(debug_assertions) || *self.is_remembered.get_mut() || std::thread::panicking() {
            return;
        }
        if self.owes_session {
            tracing::warn!(
                "a visitor was given a new session and dropped, so that its browser has none: call \
                 `Visitor::remember` with the headers of the response"
            );
        }
        if !self.flash.is_empty() {
            tracing::warn!(
                "a visitor was given a flash and dropped, so that no page shows it: return the visitor \
                 as a part of the response, as in `(visitor, Redirect::to(\"/\"))`; a view has \
                 `Socket::put_flash`"
            );
        }
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Visitor")
            .field("needs_cookie", &self.caller.needs_cookie())
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        let runtime = runtime_of(parts)?;
        let caller = caller_of_request(parts, &runtime);
        let is_of_view = is_without_response(&parts.extensions);
        let place = if is_of_view { Place::View } else { Place::Handler };
        Ok(Self::new(caller, &parts.headers, &runtime, place))
    }
}

impl IntoResponseParts for Visitor {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        // Of a visitor within, as in the response of a handler that a layer returns with its own.
        if let Some(within) = response.extensions_mut().remove::<OwnCookies>() {
            within.restore(response.headers_mut());
        }
        self.remember(response.headers_mut());
        let own = OwnCookies::of(response.headers());
        response.extensions_mut().insert(own);
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
