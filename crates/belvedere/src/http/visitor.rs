//! [`Visitor`]: the runtime's session for plain pages and forms beside the live ones, such as a
//! sign-in form; and [`SessionValue`], what the application keeps with it.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::StatusCode;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::flash::Flash;
use crate::http::live_runtime::LiveRuntime;
use crate::http::session::{
    Caller, flash_cookie, flash_of, is_secure, session_cookie, used_cookies,
};
use crate::http::session_value::{SessionValueError, StoredValue};
use crate::runtime::Runtime;
use crate::wire::token::{CsrfToken, SessionId};

/// The browser behind a plain HTTP request, known by the runtime's session cookie.
///
/// It is an extractor, and a part of the response: a handler that changes something returns it, as in
/// `(visitor, Redirect::to("/"))`, and its cookies go along. A form carries
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
/// # fn knows(_: &str, _: &str) -> bool { true }
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
/// is believed any more by this server, and the browser loads the page anew with the new one.
///
/// The cookie belongs to the base path of the application
/// ([`LiveConfig::base_path`](crate::LiveConfig::base_path)), and so do the routes that know a visitor.
pub struct Visitor {
    runtime: Arc<Runtime>,
    session: SessionId,
    value: StoredValue,
    /// The browser does not have this session's cookie yet.
    needs_cookie: bool,
    secure: bool,
    /// What the next page is to show.
    flash: Flash,
    /// What this one was given to show, and what deletes it from the browser.
    received: Flash,
    used: Vec<HeaderValue>,
    has_taken: bool,
}

impl LiveRuntime {
    /// The browser that sent a request with these headers; a new one when they carry no session
    /// that this application signed. For code without an extractor: [`Visitor`] is one.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap) -> Visitor {
        Visitor::new(Caller::of(headers, self.runtime()), headers, self.runtime())
    }
}

impl Visitor {
    fn new(caller: Caller, headers: &HeaderMap, runtime: &Arc<Runtime>) -> Self {
        let Caller { session, value, needs_cookie } = caller;
        Self {
            session,
            value,
            needs_cookie,
            secure: is_secure(runtime.config.public_url.as_deref(), headers),
            flash: Flash::default(),
            received: flash_of(headers, &runtime.keys),
            used: used_cookies(headers, runtime).collect(),
            has_taken: false,
            runtime: Arc::clone(runtime),
        }
    }

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

    /// What the application keeps with this session; `None` when there is nothing, or something of
    /// another form, from an earlier release perhaps.
    #[must_use]
    pub fn value<T: DeserializeOwned>(&self) -> Option<T> {
        self.value.read()
    }

    /// Ends this visitor's session and gives it a new one, with `value` for the application to know it
    /// by: signing in.
    ///
    /// The value travels in the session's cookie as JSON, at most 2,000 bytes of it. It is signed and
    /// not encrypted: the visitor can read it and cannot change it. A copy of the cookie is good until
    /// its end, also on other servers than this one, which do not hear of
    /// [`end_session`](Self::end_session): what must be revoked at once is looked up, by an id in the
    /// value, wherever it matters.
    ///
    /// # Errors
    ///
    /// [`SessionValueError`], with the session as it was.
    pub fn start_session(&mut self, value: &impl Serialize) -> Result<(), SessionValueError> {
        let value = StoredValue::new(value)?;
        self.renew();
        self.value = value;
        Ok(())
    }

    /// Ends this visitor's session and gives it a new one without a value: signing out. Pages that are
    /// open in this browser end.
    pub fn end_session(&mut self) {
        self.renew();
        self.value = StoredValue::default();
    }

    /// Ends this visitor's session and gives it a new one with the same value, for an application
    /// that has changed what the browser may do and keeps that by itself. The sockets of the old
    /// session close, its held views are dropped, its cookie and its tokens are worthless.
    pub fn renew(&mut self) {
        self.runtime.end_session(self.session);
        self.session = SessionId::random();
        self.needs_cookie = true;
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
    pub fn remember(&self, response: &mut HeaderMap) {
        if self.has_taken {
            response.extend(self.used.iter().map(|used| (SET_COOKIE, used.clone())));
        }
        let token = self.flash.clone().into_token(&self.runtime.keys, SystemTime::now());
        let flash = token.and_then(|token| flash_cookie(&token, &self.runtime, self.secure));
        response.extend(flash.map(|cookie| (SET_COOKIE, cookie)));
        if self.needs_cookie {
            let cookie = session_cookie(self.session, &self.value, &self.runtime, self.secure);
            response.extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
        }
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Visitor")
            .field("needs_cookie", &self.needs_cookie)
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        let runtime = runtime_of(parts)?;
        let caller = Caller::of_request(parts, &runtime);
        Ok(Self::new(caller, &parts.headers, &runtime))
    }
}

impl IntoResponseParts for Visitor {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.remember(response.headers_mut());
        Ok(response)
    }
}

/// What the application keeps with a visitor's session
/// ([`Visitor::start_session`]), for views and plain handlers.
///
/// As an extractor it refuses a visitor without one with 401; as an `Option` it lets everybody pass. One
/// layer guards a group of routes, their joins as well, and shows the value to the layout:
///
/// ```
/// use axum::extract::Request;
/// use axum::middleware::{self, Next};
/// use axum::response::{IntoResponse, Redirect, Response};
/// use axum::{Extension, Router};
/// use belvedere::http::SessionValue;
/// # #[derive(Clone, serde::Deserialize)] struct User { name: String }
///
/// async fn signed_in(
///     user: Option<SessionValue<User>>,
///     mut request: Request,
///     next: Next,
/// ) -> Response {
///     let Some(SessionValue(user)) = user else {
///         return Redirect::to("/sign-in").into_response();
///     };
///     request.extensions_mut().insert(user);
///     next.run(request).await
/// }
///
/// let private: Router = Router::new().layer(middleware::from_fn(signed_in));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionValue<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for SessionValue<T> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        value_of(parts)?.ok_or(SessionRejection::NoValue)
    }
}

impl<S: Sync, T: DeserializeOwned> OptionalFromRequestParts<S> for SessionValue<T> {
    type Rejection = SessionRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, SessionRejection> {
        value_of(parts)
    }
}

fn value_of<T: DeserializeOwned>(
    parts: &mut Parts,
) -> Result<Option<SessionValue<T>>, SessionRejection> {
    let runtime = runtime_of(parts)?;
    Ok(Caller::of_request(parts, &runtime).value.read().map(SessionValue))
}

fn runtime_of(parts: &Parts) -> Result<Arc<Runtime>, SessionRejection> {
    parts.extensions.get::<Arc<Runtime>>().cloned().ok_or(SessionRejection::NotServed)
}

/// Why there is no [`Visitor`] or [`SessionValue`] for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionRejection {
    /// The route, or the layer, is not in a router that a runtime serves. Answered with 500.
    #[error(
        "who a visitor is was asked for outside of the router that a `LiveRuntime` serves; put the \
         route, or the layer, on it before `LiveRuntime::new(config).serve(router)`"
    )]
    NotServed,
    /// The session holds no value of this form. Answered with 401.
    #[error("nobody is signed in")]
    NoValue,
}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        match self {
            Self::NotServed => {
                tracing::error!("{self}");
                let shown = if cfg!(debug_assertions) { self.to_string() } else { String::new() };
                (StatusCode::INTERNAL_SERVER_ERROR, shown).into_response()
            }
            Self::NoValue => (StatusCode::UNAUTHORIZED, self.to_string()).into_response(),
        }
    }
}

/// Answered with 500, and a line in the log: what an application keeps is its own doing.
impl IntoResponse for SessionValueError {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
