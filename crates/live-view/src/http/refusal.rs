//! Why a route hands out no view, and what the page then answers; the join makes it a response that
//! the runtime translates for the client.

use std::time::SystemTime;

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use tracing::Span;

use crate::error::MountError;
use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::telemetry;
use crate::view::LiveView;
use crate::wire::token::{FlashToken, Keys};

/// What the visitor gets instead of the view.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A page with this status.
    Status(StatusCode),
    /// Another page, which shows this flash.
    Redirect { to: LocalPath, flash: Flash },
}

/// On the extensions of a redirect: the signed flash it carries, for a join's answer.
#[derive(Clone, Debug)]
pub(super) struct RedirectFlash(pub(super) String);

impl Refusal {
    /// What a mount's error means. Causes are logged and marked on the span, never shown.
    pub(super) fn of<V: LiveView>(error: MountError, flash: Flash, span: &Span) -> Self {
        match error {
            MountError::Status(status) => Self::Status(status),
            MountError::Redirect(to) => match LocalPath::new(to) {
                Ok(to) => Self::Redirect { to, flash },
                Err(error) => {
                    tracing::error!(view = V::name(), %error, "mount redirects off the site");
                    telemetry::fail(span, "redirect", "mount redirects off the site");
                    Self::Status(StatusCode::INTERNAL_SERVER_ERROR)
                }
            },
            MountError::Failed(error) => {
                tracing::error!(view = V::name(), %error, "mount failed");
                telemetry::fail(span, "mount", &error.to_string());
                Self::Status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// A redirect to `to` that carries `flash` to it.
pub(super) fn redirect(status: StatusCode, to: &LocalPath, flash: Flash, keys: &Keys) -> Response {
    let Ok(location) = HeaderValue::try_from(to.as_str()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
    let mut response = (status, headers).into_response();
    if !flash.is_empty() {
        let token = FlashToken { flash: flash.into_pairs() }.sign(keys, SystemTime::now());
        response.extensions_mut().insert(RedirectFlash(token));
    }
    response
}
