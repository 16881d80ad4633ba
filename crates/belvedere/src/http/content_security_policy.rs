//! [`ContentSecurityPolicy`]: what a page may load and run.

use std::fmt;

use http::HeaderValue;

pub(crate) mod needs;
pub(crate) mod refused;
mod sources;
mod tags;

/// Scripts, styles and connections of this origin only; nothing inline, no frames, no plug-ins.
///
/// `connect-src 'self'` lets the socket through, because `'self'` matches `ws:` and `wss:` of the
/// page's own host (Content Security Policy Level 3, §6.7.2.8). `blob:` images are the client's
/// previews of files to upload.
const STRICT: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// What a page may load and run, as the header `Content-Security-Policy` tells the browser.
///
/// The default is strict: everything comes from the application's own host, and nothing is inline, neither
/// `style=` nor `onclick=` nor a `<script>` or `<style>` with content. So text of a visitor's that slips
/// into a page unescaped still runs nothing. What is refused instead stands in a file of the
/// application's own; what a style needs of a value goes by a class, or by an SVG attribute such as
/// `width`. Loosen the one directive that needs it:
///
/// ```
/// use belvedere::{LiveConfig, SecretKeyBase, http::ContentSecurityPolicy};
///
/// let policy = ContentSecurityPolicy::strict()
///     .with("img-src", "'self' data: blob: https://images.example.org")?;
/// let config = LiveConfig {
///     content_security_policy: policy,
///     ..LiveConfig::new(SecretKeyBase::random())
/// };
/// # Ok::<(), belvedere::http::NotAPolicy>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentSecurityPolicy(HeaderValue);

impl ContentSecurityPolicy {
    /// Everything from this origin only, nothing inline, no frames, no plug-ins.
    #[must_use]
    pub const fn strict() -> Self {
        Self(HeaderValue::from_static(STRICT))
    }

    /// A policy in the words of the header: directives, separated by `;`.
    ///
    /// # Errors
    ///
    /// [`NotAPolicy`] when it is empty or is no list of directives.
    pub fn new(policy: &str) -> Result<Self, NotAPolicy> {
        let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
        let (last, others) = directives.split_last().unwrap_or((&"", &[]));
        let may_end = |last: &str| last.is_empty() && !others.is_empty();
        for directive in others.iter().chain((!may_end(last)).then_some(last)) {
            check(directive)?;
        }
        HeaderValue::try_from(policy.trim()).map(Self).map_err(|_| NotAPolicy::of(policy))
    }

    /// The same policy with these sources for one directive, in place of those that it has:
    /// `.with("style-src", "'self' 'unsafe-inline'")`.
    ///
    /// # Errors
    ///
    /// [`NotAPolicy`] when this is no directive.
    pub fn with(&self, directive: &str, sources: &str) -> Result<Self, NotAPolicy> {
        let added = format!("{directive} {sources}");
        let added = added.trim_end();
        if directive.contains(' ') {
            return Err(NotAPolicy::of(added));
        }
        check(added)?;
        let kept = self.directives().filter(|(name, _)| !name.eq_ignore_ascii_case(directive));
        let mut policy: String =
            kept.flat_map(|(name, sources)| [name, " ", sources, "; "]).collect();
        policy.push_str(added);
        Self::new(&policy)
    }

    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Each directive and its sources.
    fn directives(&self) -> impl Iterator<Item = (&str, &str)> {
        let directives = self.as_str().split(';').map(str::trim).filter(|text| !text.is_empty());
        directives.map(|text| text.split_once(' ').unwrap_or((text, "")))
    }
}

impl Default for ContentSecurityPolicy {
    /// The [strict](Self::strict) one.
    fn default() -> Self {
        Self::strict()
    }
}

impl fmt::Display for ContentSecurityPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One directive: a name, and sources in printable ASCII without a comma, which would end the policy.
fn check(directive: &str) -> Result<(), NotAPolicy> {
    let (name, sources) = directive.split_once(' ').unwrap_or((directive, ""));
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    let is_source = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b';');
    if is_name && sources.bytes().all(is_source) {
        return Ok(());
    }
    Err(NotAPolicy::of(directive))
}

/// Why a text is no Content-Security-Policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{directive}` is no directive of a Content-Security-Policy: write a name and its sources, such as \
     `img-src 'self' https://images.example.org`, one directive from the next by `;`"
)]
pub struct NotAPolicy {
    directive: String,
}

impl NotAPolicy {
    fn of(directive: &str) -> Self {
        Self { directive: directive.escape_default().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_is_allowed_by_default() {
        assert!(!ContentSecurityPolicy::default().as_str().contains("unsafe"));
        assert_eq!(ContentSecurityPolicy::new(STRICT), Ok(ContentSecurityPolicy::strict()));
    }

    #[test]
    fn a_directive_is_replaced_or_added() {
        let policy = ContentSecurityPolicy::new("default-src 'self'; img-src 'self';").unwrap();
        let loosened =
            policy.with("IMG-src", "*").unwrap().with("frame-src", "https://a.b").unwrap();
        assert_eq!(loosened.as_str(), "default-src 'self'; IMG-src *; frame-src https://a.b");
        let bare = policy.with("upgrade-insecure-requests", "").unwrap();
        assert!(bare.as_str().ends_with("; upgrade-insecure-requests"), "{bare}");
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for wrong in ["", ";", "img-src a\nb", "a b;;c d", "img-src é", "img-src a, b", "'self'"] {
            let error = ContentSecurityPolicy::new(wrong).unwrap_err().to_string();
            assert!(error.contains("is no directive"), "{wrong:?}: {error}");
        }
        for (name, sources) in [("", "x"), ("img-src", "x; script-src *"), ("img src", "x\r")] {
            assert!(ContentSecurityPolicy::strict().with(name, sources).is_err(), "{name:?}");
        }
    }
}
