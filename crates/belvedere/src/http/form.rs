//! The body of a plain `POST` as the same [`FormData`] that an event carries.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use http_body_util::LengthLimitError;

use crate::event::{FormLimits, ValueError};
use crate::form::FormData;
use crate::http::origin;
use crate::runtime::Runtime;

/// The only encoding that is read.
const ENCODING: &str = "application/x-www-form-urlencoded";

/// What a browser says of where a request comes from; scripts cannot set it.
const SITE: &str = "sec-fetch-site";

/// Reads the body of a form that was sent without the socket: by a browser without JavaScript, or by
/// `phx-trigger-action`. Bounded by [`LiveConfig::form_limits`](crate::LiveConfig::form_limits), in a
/// router that no `LiveRuntime` serves by the defaults of [`FormLimits`]; refused when another site sent
/// it. Line breaks are `\n`, as in events.
impl<S: Send + Sync, T> FromRequest<S> for FormData<T> {
    type Rejection = FormRejection;

    async fn from_request(request: Request, _state: &S) -> Result<Self, FormRejection> {
        let (parts, body) = request.into_parts();
        let config = parts.extensions.get::<Arc<Runtime>>().map(|runtime| &*runtime.config);
        let public_url = config.and_then(|config| config.public_url.as_deref());
        if !is_own(&parts.uri, &parts.headers, public_url) {
            return Err(FormRejection::OtherSite);
        }
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let encoding = content_type.and_then(|value| value.split(';').next()).map(str::trim);
        if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case(ENCODING)) {
            return Err(FormRejection::Encoding);
        }
        let limits = config.map_or_else(FormLimits::default, |config| config.form_limits);
        let body = read(body, limits.max_bytes).await?;
        // Browsers send a text area's lines so, and the client sends them with `\n` alone.
        let encoded = String::from_utf8_lossy(&body).replace("%0D%0A", "%0A");
        Self::parse(&encoded, &limits).map_err(FormRejection::Value)
    }
}

/// The body, unless it is longer than `max_bytes`, which its head may say already.
async fn read(body: Body, max_bytes: usize) -> Result<Bytes, FormRejection> {
    let too_long = FormRejection::Body { max_bytes };
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_long);
    }
    to_bytes(body, max_bytes).await.map_err(|error| match error.source() {
        Some(source) if source.is::<LengthLimitError>() => too_long,
        _ => FormRejection::Incomplete,
    })
}

/// Whether a page of this site sent the form, or nothing that knows of pages. What no page asks for names none.
fn is_own(uri: &Uri, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    match headers.get(SITE).map(HeaderValue::as_bytes) {
        Some(b"same-origin") => true,
        Some(b"none") | None => origin::is_allowed(uri, headers, public_url),
        Some(_) => false,
    }
}

/// Why a plain form was not read. As a response, its words as plain text.
#[derive(Debug)]
pub enum FormRejection {
    /// A page of another site sent it: 403.
    OtherSite,
    /// It is not URL-encoded: 415.
    Encoding,
    /// It is longer than the limit: 413.
    Body {
        /// The limit.
        max_bytes: usize,
    },
    /// It broke off, or did not come in the time that the server gives it: 408.
    Incomplete,
    /// It has more fields, or they are nested deeper, than is read: 413.
    Value(ValueError),
}

impl fmt::Display for FormRejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherSite => formatter.write_str(
                "This form was sent from another site. Please open its page here and send it again.",
            ),
            Self::Encoding => write!(formatter, "A form is sent as `{ENCODING}`."),
            Self::Body { max_bytes } => {
                write!(formatter, "This form is too long: at most {max_bytes} bytes are taken.")
            }
            Self::Incomplete => {
                formatter.write_str("This form did not arrive whole. Please send it again.")
            }
            Self::Value(error) => write!(formatter, "This form was not read: {error}."),
        }
    }
}

impl std::error::Error for FormRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Value(error) => Some(error),
            Self::OtherSite | Self::Encoding | Self::Body { .. } | Self::Incomplete => None,
        }
    }
}

impl IntoResponse for FormRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Incomplete => StatusCode::REQUEST_TIMEOUT,
            Self::Body { .. } | Self::Value(_) => StatusCode::PAYLOAD_TOO_LARGE,
        };
        (status, self.to_string()).into_response()
    }
}
