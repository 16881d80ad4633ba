//! [`SessionValue`]: what the application keeps with a session, as an extractor.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::session::caller_of_request;
use crate::http::session_value::SessionValueError;
use crate::runtime::Runtime;

/// What the application keeps with a visitor's session
/// ([`Visitor::start_session`](super::Visitor::start_session)), for views and plain handlers.
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
    Ok(caller_of_request(parts, &runtime).value().map(SessionValue))
}

pub(super) fn runtime_of(parts: &Parts) -> Result<Arc<Runtime>, SessionRejection> {
    parts.extensions.get::<Arc<Runtime>>().cloned().ok_or(SessionRejection::NotServed)
}

/// Why there is no [`Visitor`](super::Visitor) or [`SessionValue`] for a request.
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

/// Answered with 500, and a line in the log: how large a value is, is the application's to bound.
impl IntoResponse for SessionValueError {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
