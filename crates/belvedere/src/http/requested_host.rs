//! Under which name a request asks for this server, and what it is answered if that is none of its own.

use axum::response::{IntoResponse, Response};
use http::header::HOST;
use http::{HeaderMap, StatusCode, Uri};

use crate::http::allowed_hosts::AllowedHosts;
use crate::http::origin::{host_of, origin_part};
use crate::runtime::Runtime;

/// How a request under another name is answered, in words for people.
pub(super) const REFUSAL: (StatusCode, &str) =
    (StatusCode::MISDIRECTED_REQUEST, "this server does not answer under this name");

/// How a request is answered that names several: a proxy may have looked at another one than this server.
pub(super) const SEVERAL: (StatusCode, &str) =
    (StatusCode::BAD_REQUEST, "a request names one host");

/// Whether a request names one host at most.
pub(super) fn is_one(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let is_list = hosts.next().is_some_and(|host| host.as_bytes().contains(&b','));
    !is_list && hosts.next().is_none()
}

/// Whether a runtime answers a request under the name that it asks for. One without a name is no browser's.
pub(super) fn is_answered(runtime: &Runtime, uri: &Uri, headers: &HeaderMap) -> bool {
    let config = &runtime.config;
    if config.allowed_hosts == AllowedHosts::Any {
        return true;
    }
    let header = || headers.get(HOST).map(|host| host.to_str().unwrap_or_default());
    let asked = uri.authority().map(http::uri::Authority::as_str).or_else(header);
    let Some(asked) = asked else { return true };
    let Some(host) = host_of(asked) else { return false };
    let public = config.public_url.as_deref().and_then(|url| origin_part(url).split_once("://"));
    let public = public.and_then(|(_, authority)| host_of(authority));
    public.is_some_and(|public| public.eq_ignore_ascii_case(host))
        || config.allowed_hosts.allows(host)
}

/// What a request under another name is answered.
pub(super) fn refusal(runtime: &Runtime, headers: &HeaderMap) -> Response {
    if let Some(times) = runtime.told.hosts.again() {
        tracing::warn!(
            times,
            host = ?headers.get(HOST),
            "requests for another name than the server's were refused; if browsers reach it by this one, set \
             `LiveConfig::public_url`, or name it in `LiveConfig::allowed_hosts`"
        );
    }
    REFUSAL.into_response()
}
