//! The extractor that a type with [`LivePath`] is, and what the derive macro names for it.

pub use axum::extract::FromRequestParts;
use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
pub use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::navigation::LivePath;

/// A URL does not say what its [`LivePath`] reads: answered with 400.
#[derive(Debug, thiserror::Error)]
#[error("this address is not understood: {0}")]
pub struct LivePathRejection(serde_urlencoded::de::Error);

impl IntoResponse for LivePathRejection {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.to_string()).into_response()
    }
}

/// Path and query as the type reads them. What the path says counts, should the query repeat it.
///
/// # Errors
///
/// When a field is missing or of another type.
pub async fn read_path<T: LivePath + DeserializeOwned>(
    parts: &mut Parts,
) -> Result<T, LivePathRejection> {
    let in_path = RawPathParams::from_request_parts(parts, &()).await.ok();
    let in_path: Vec<(&str, &str)> = in_path.iter().flatten().collect();
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs(&in_path);
    let is_new = |name: &str| !in_path.iter().any(|(other, _)| *other == name);
    fields.extend_pairs(form_urlencoded::parse(query).filter(|(name, _)| is_new(name)));
    serde_urlencoded::from_str(&fields.finish()).map_err(LivePathRejection)
}
