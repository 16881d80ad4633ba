//! Redirects as responses, with the flash that they carry.

use std::time::SystemTime;

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::flash::Flash;
use crate::navigation::{LocalPath, SiteUrl};
use crate::wire::token::Keys;

/// On the extensions of a redirect: the signed flash it carries, for a join's answer.
#[derive(Clone, Debug)]
pub(super) struct RedirectFlash(pub(super) String);

/// A redirect to `to` that carries `flash` to it.
pub(super) fn redirect(status: StatusCode, to: &LocalPath, flash: Flash, keys: &Keys) -> Response {
    let Ok(location) = HeaderValue::try_from(to.as_str()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
    let mut response = (status, headers).into_response();
    if let Some(token) = flash.into_token(keys, SystemTime::now()) {
        response.extensions_mut().insert(RedirectFlash(token));
    }
    response
}

/// A redirect to another site.
pub(super) fn redirect_to_site(status: StatusCode, url: &SiteUrl) -> Response {
    let Ok(location) = HeaderValue::try_from(url.as_str()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (status, HeaderMap::from_iter([(header::LOCATION, location)])).into_response()
}
