//! [`Origin`]: scheme, host and port of a page, and whether a request was made from one of this site.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};

use crate::http::forwarded::{Scheme, scheme_of};

/// Scheme, host and port, as RFC 6454 names the source of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin<'a> {
    scheme: Scheme,
    /// Compared without regard to case.
    host: &'a str,
    port: u16,
}

impl<'a> Origin<'a> {
    /// Reads `https://ex.test` or `http://ex.test:4000`; whatever else a browser may send is of no
    /// site.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = Scheme::parse(scheme)?;
        let (host, port) = host_and_port(authority)?;
        Some(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }

    fn is(&self, other: &Self) -> bool {
        let hosts_agree = self.host.eq_ignore_ascii_case(other.host);
        hosts_agree && (self.scheme, self.port) == (other.scheme, other.port)
    }
}

/// Whether a socket may be opened from the page that asks: one of this site, or no page at all.
///
/// The site is `public_url`. Without one it is what the request says: its host and port, and its
/// scheme where it is known.
pub(super) fn is_allowed(uri: &Uri, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let Some(asking) = headers.get(ORIGIN) else { return true };
    let Some(asking) = asking.to_str().ok().and_then(Origin::parse) else { return false };
    let own = match public_url {
        Some(url) => Origin::parse(origin_part(url)),
        None => requested(uri, headers, asking.scheme),
    };
    own.is_some_and(|own| own.is(&asking))
}

/// Whether `url` says where pages come from.
pub(super) fn is_origin(url: &str) -> bool {
    Origin::parse(origin_part(url)).is_some()
}

/// The origin that a request was sent to; `assumed` where nothing says whether over https.
fn requested<'a>(uri: &'a Uri, headers: &'a HeaderMap, assumed: Scheme) -> Option<Origin<'a>> {
    let of_headers = || headers.get(HOST)?.to_str().ok();
    let authority = uri.authority().map(http::uri::Authority::as_str).or_else(of_headers)?;
    let (host, port) = host_and_port(authority)?;
    let scheme = scheme_of(uri, headers).unwrap_or(assumed);
    Some(Origin { scheme, host, port: port.unwrap_or(scheme.default_port()) })
}

/// A URL without the path that may follow its host.
pub(super) fn origin_part(url: &str) -> &str {
    let host_starts = url.find("://").map_or(0, |scheme| scheme + 3);
    let host_ends = url[host_starts..].find(['/', '?', '#']);
    host_ends.map_or(url, |end| &url[..host_starts + end])
}

/// The host of an authority, without its port.
pub(super) fn host_of(authority: &str) -> Option<&str> {
    host_and_port(authority).map(|(host, _)| host)
}

/// The host, and the port where there is one. A colon inside brackets belongs to an IPv6 address.
fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '@', '?', '#', '\\']);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (authority, None),
    };
    is_host(host).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn allowed(
        origin: &'static str,
        headers: &[(&'static str, &'static str)],
        url: Option<&str>,
    ) -> bool {
        let mut map = HeaderMap::new();
        map.insert(ORIGIN, HeaderValue::from_static(origin));
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        is_allowed(&Uri::from_static("/live/websocket"), &map, url)
    }

    #[test]
    fn a_page_of_another_site_may_not_open_a_socket() {
        let host = [("host", "ex.test:4000")];
        assert!(allowed("http://ex.test:4000", &host, None));
        assert!(allowed("http://EX.test:4000", &host, None));
        for foreign in [
            "http://ex.test",
            "http://ex.test:4001",
            "http://evil.test:4000",
            "null",
            "",
            "http://ex.test:4000.evil",
            "http://evil@ex.test:4000",
            "http://evil.test/ex.test:4000",
            "file://ex.test:4000",
        ] {
            assert!(!allowed(foreign, &host, None), "{foreign}");
        }
    }

    #[test]
    fn a_port_that_is_the_schemes_own_need_not_be_named() {
        assert!(allowed("https://ex.test", &[("host", "ex.test:443")], None));
        assert!(allowed("http://ex.test", &[("host", "ex.test:80")], None));
        assert!(!allowed("http://ex.test", &[("host", "ex.test:443")], None));
        assert!(allowed("http://[::1]:4000", &[("host", "[::1]:4000")], None));
        assert!(!allowed("http://[::1]:4000", &[("host", "[::1]")], None));
    }

    #[test]
    fn the_scheme_counts_as_soon_as_a_proxy_says_it() {
        let host = ("host", "ex.test");
        assert!(allowed("https://ex.test", &[host], None), "who knows");
        for https in [("x-forwarded-proto", "wss, http"), ("forwarded", "for=1.2.3.4;proto=https")]
        {
            assert!(allowed("https://ex.test", &[host, https], None));
            assert!(!allowed("http://ex.test", &[host, https], None));
        }
        assert!(!allowed("https://ex.test", &[host, ("x-forwarded-proto", "http")], None));
    }

    #[test]
    fn a_public_url_fixes_scheme_host_and_port() {
        let host = [("host", "inside:4000")];
        for url in ["https://ex.test", "https://ex.test/", "https://EX.test:443/tools"] {
            assert!(allowed("https://ex.test", &host, Some(url)), "{url}");
            assert!(!allowed("http://ex.test", &host, Some(url)), "{url}");
            assert!(!allowed("http://inside:4000", &host, Some(url)), "{url}");
        }
    }
}
