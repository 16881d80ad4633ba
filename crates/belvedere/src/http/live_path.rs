//! The extractor that a type with [`LivePath`] is, and what the derive macro names for it.

pub use axum::extract::FromRequestParts;
use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
pub use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::navigation::LivePath;

/// A URL does not say what its [`LivePath`] reads.
#[derive(Debug, thiserror::Error)]
pub enum LivePathRejection {
    /// What stands in the path, such as the `x` of `/users/x` where a number belongs: there is no such
    /// page, 404.
    #[error("there is nothing at this address: {0}")]
    Path(#[source] serde_urlencoded::de::Error),
    /// The query: 400.
    #[error("this address is not understood: {0}")]
    Query(#[source] serde_urlencoded::de::Error),
}

impl IntoResponse for LivePathRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Path(_) => StatusCode::NOT_FOUND,
            Self::Query(_) => StatusCode::BAD_REQUEST,
        };
        (status, self.to_string()).into_response()
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
    read(&in_path, query)
}

fn read<T: DeserializeOwned>(
    in_path: &[(&str, &str)],
    query: &[u8],
) -> Result<T, LivePathRejection> {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs(in_path);
    let is_new = |name: &str| !in_path.iter().any(|(other, _)| *other == name);
    fields.extend_pairs(form_urlencoded::parse(query).filter(|(name, _)| is_new(name)));
    serde_urlencoded::from_str(&fields.finish()).map_err(|error| {
        if breaks::<T>(in_path, &error) {
            LivePathRejection::Path(error)
        } else {
            LivePathRejection::Query(error)
        }
    })
}

/// Whether the path by itself is read with this error. It is given twice: one that can be read is then
/// refused for its first field, which is there already, and not for a field of the query that is missing.
fn breaks<T: DeserializeOwned>(
    in_path: &[(&str, &str)],
    error: &serde_urlencoded::de::Error,
) -> bool {
    let mut twice = form_urlencoded::Serializer::new(String::new());
    twice.extend_pairs(in_path).extend_pairs(in_path);
    let of_path = serde_urlencoded::from_str::<T>(&twice.finish()).err();
    !in_path.is_empty() && of_path.is_some_and(|of_path| of_path.to_string() == error.to_string())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only that it is read matters")]
    struct UserPage {
        id: u32,
        page: u8,
        #[serde(default)]
        tab: String,
    }

    #[test]
    fn a_path_that_cannot_be_read_leads_nowhere_and_a_query_is_not_understood() {
        let status = |id: &str, query: &str| {
            let read = read::<UserPage>(&[("id", id)], query.as_bytes());
            read.map_or_else(|error| error.into_response().status(), |_| StatusCode::OK)
        };
        for (id, query, expected) in [
            ("7", "page=2&tab=a", StatusCode::OK),
            ("7", "page=2&id=x", StatusCode::OK),
            ("x", "page=2", StatusCode::NOT_FOUND),
            ("-1", "page=x", StatusCode::NOT_FOUND),
            ("7", "page=x", StatusCode::BAD_REQUEST),
            ("7", "", StatusCode::BAD_REQUEST),
            ("7", "page=1&page=2", StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(status(id, query), expected, "/users/{id}?{query}");
        }
    }
}
