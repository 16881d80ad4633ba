//! The response headers every page goes out with: nothing inline, nothing from elsewhere.
//!
//! The dead render sets them on live pages; an application sets them on its other pages with
//! [`set_headers`], so that both kinds follow one policy.

use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// What a page may load, run and connect to: its own origin.
///
/// No inline script, style or style attribute runs under it. `connect-src 'self'` lets the socket
/// through, because `'self'` matches `ws:` and `wss:` of the page's own host (Content Security
/// Policy Level 3, §6.7.2.8). `blob:` images are the client's previews of files to upload.
pub const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Header and value, in the order in which they are set.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
];

/// Adds the security headers that `headers` does not have yet.
///
/// A header that is present stays, so a route can have a policy of its own.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// live_view::http::security::set_headers(&mut headers);
/// assert_eq!(headers["x-content-type-options"], "nosniff");
/// ```
pub fn set_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_policy_of_a_route_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'"),
        );
        set_headers(&mut headers);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'none'");
        assert_eq!(headers.len(), HEADERS.len());
    }

    #[test]
    fn policy_allows_nothing_inline() {
        assert!(!POLICY.contains("unsafe") && !POLICY.contains("nonce"));
    }
}
