//! Security headers: every page of the runtime goes out with them, and an application can add them
//! to its own responses.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::config::LiveConfig;
use crate::http::content_security_policy::ContentSecurityPolicy;
use crate::http::session::is_https;

const HEADERS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// How many headers a page has beside those of its handler, cookies among them.
const PAGE_HEADERS: usize = 8;

/// Adds the security headers that `headers` does not set itself, with the
/// [strict](ContentSecurityPolicy::strict) policy.
pub fn add_security_headers(headers: &mut HeaderMap) {
    add_with(&ContentSecurityPolicy::strict(), headers);
}

fn add_with(policy: &ContentSecurityPolicy, headers: &mut HeaderMap) {
    // At once, since a map that grows places all its headers anew.
    headers.reserve(PAGE_HEADERS);
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| policy.header());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// What a page of an application with this configuration goes out with.
pub(super) fn add_headers_of(config: &LiveConfig, headers: &mut HeaderMap) {
    add_with(&config.content_security_policy, headers);
    let is_secure = config.public_url.as_deref().is_some_and(is_https);
    if let Some(period) = config.strict_transport.filter(|_| is_secure) {
        let value = HeaderValue::try_from(format!("max-age={}", period.as_secs()));
        if let Ok(value) = value {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_of_a_route_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
        add_security_headers(&mut headers);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'none'");
        assert_eq!(headers.len(), HEADERS.len() + 1);
    }
}
