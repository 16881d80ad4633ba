//! Whether a policy lets a browser do something.
//!
//! Source of the rules: Content Security Policy Level 3, sections 6.7.2 and 6.7.3. Where a directive has
//! hashes, what is not known to the letter is taken for one of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::needs::{self, Directives, Given, Kind};

/// The header of one response, which may be several policies, each of which has to agree.
#[derive(Debug)]
pub(super) struct Policies<'a> {
    policies: Vec<Vec<(&'a str, Vec<&'a str>)>>,
    /// Host and port of the page, if they are known.
    own: Option<(String, Option<String>)>,
}

impl<'a> Policies<'a> {
    pub(super) fn new(header: &'a str, own: Option<&str>) -> Self {
        let policies = header.split(',').map(|policy| policy.split(';').filter_map(directive));
        Self { policies: policies.map(Iterator::collect).collect(), own: own.map(host_and_port) }
    }

    /// The directive that refuses it.
    pub(super) fn refusing(&self, kind: &Kind) -> Option<&'static str> {
        match kind {
            Kind::Script { text, nonce, are_rules } => self.by(needs::SCRIPT, |sources| {
                lets_element(sources, nonce.as_deref(), text)
                    || *are_rules && sources.contains(&"'inline-speculation-rules'")
            }),
            Kind::Style { text, nonce } => {
                self.by(needs::STYLE, |sources| lets_element(sources, nonce.as_deref(), text))
            }
            Kind::StyleAttribute { text } => {
                self.by(needs::STYLE_ATTRIBUTE, |sources| lets_attribute(sources, Some(text)))
            }
            Kind::Handler { text, .. } => {
                self.by(needs::HANDLER, |sources| lets_attribute(sources, Some(text)))
            }
            Kind::Code { .. } => self.by(needs::SCRIPT, |sources| lets_attribute(sources, None)),
            Kind::Address { directives, url, given, .. } => self.by(directives, |sources| {
                let Given { nonce, integrity } = given;
                sources.contains(&"'strict-dynamic'")
                    || has_nonce(sources, nonce.as_deref())
                    || integrity.as_deref().is_some_and(|hashes| has_all(sources, hashes))
                    || sources.iter().any(|source| self.matches(source, url))
            }),
        }
    }

    /// The directive that one of the policies has and `allows` refuses.
    fn by(&self, directives: Directives, allows: impl Fn(&[&str]) -> bool) -> Option<&'static str> {
        self.policies.iter().find_map(|policy| {
            let (name, sources) = directives.iter().find_map(|name| {
                let known = policy.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                known.map(|(_, sources)| (*name, sources))
            })?;
            (!allows(sources)).then_some(name)
        })
    }

    /// Whether a source lets an address be used.
    fn matches(&self, source: &str, url: &str) -> bool {
        let source = source.to_ascii_lowercase();
        let Some(url) = Address::of(url) else {
            // Of the page's own host, which may be spelled in any way.
            return !source.starts_with('\'') || source == "'self'";
        };
        if let Some(scheme) = source.strip_suffix(':') {
            return url.has_scheme(scheme);
        }
        match source.as_str() {
            "*" => url.host.is_some(),
            "'self'" => self
                .own
                .as_ref()
                .is_some_and(|(host, port)| url.host.as_ref() == Some(host) && url.port == *port),
            keyword if keyword.starts_with('\'') => false,
            host => url.is_at(host),
        }
    }
}

/// Whether sources let an element with this text.
fn lets_element(sources: &[&str], nonce: Option<&str>, text: &str) -> bool {
    lets_inline(sources) || has_nonce(sources, nonce) || has_hash(sources, Some(text))
}

/// Whether sources let an attribute with this text, if it is known.
fn lets_attribute(sources: &[&str], text: Option<&str>) -> bool {
    // As a browser reads it, which takes `&amp;` for `&`.
    let text = text.filter(|text| !text.contains('&'));
    lets_inline(sources) || sources.contains(&"'unsafe-hashes'") && has_hash(sources, text)
}

/// Whether sources let whatever stands in the page.
fn lets_inline(sources: &[&str]) -> bool {
    let is_given = |start: &str| sources.iter().any(|source| source.starts_with(start));
    let is_strict = is_given("'nonce-") || is_given("'sha") || is_given("'strict-dynamic'");
    sources.contains(&"'unsafe-inline'") && !is_strict
}

/// Whether a text has one of the hashes; one that is not known, or that a template leaves open, may have
/// any.
fn has_hash(sources: &[&str], text: Option<&str>) -> bool {
    sources.iter().filter_map(|source| hash(source)).any(|(algorithm, hash)| {
        let Some(text) = text.filter(|text| !needs::is_open(text)) else { return true };
        // Of a page's line breaks the browser makes one kind.
        let text = text.replace("\r\n", "\n");
        let own = match algorithm {
            "sha256" => STANDARD.encode(Sha256::digest(text)),
            "sha384" => STANDARD.encode(Sha384::digest(text)),
            _ => STANDARD.encode(Sha512::digest(text)),
        };
        // A policy may have the alphabet for addresses.
        own == hash.replace('-', "+").replace('_', "/")
    })
}

/// Whether sources have all hashes of which an `integrity` says that a script has one.
fn has_all(sources: &[&str], integrity: &str) -> bool {
    let mut hashes = integrity.split_ascii_whitespace().peekable();
    let has = |hash: &str| sources.iter().any(|source| source.trim_matches('\'') == hash);
    hashes.peek().is_some() && hashes.all(|hash| needs::is_open(hash) || has(hash))
}

/// The algorithm and the hash of `'sha256-…'`.
fn hash<'a>(source: &&'a str) -> Option<(&'a str, &'a str)> {
    let (algorithm, hash) = source.strip_prefix('\'')?.strip_suffix('\'')?.split_once('-')?;
    matches!(algorithm, "sha256" | "sha384" | "sha512").then_some((algorithm, hash))
}

fn directive(text: &str) -> Option<(&str, Vec<&str>)> {
    let mut words = text.split_ascii_whitespace();
    Some((words.next()?, words.collect()))
}

/// Whether a nonce is let. What a template leaves open may be the right one.
fn has_nonce(sources: &[&str], nonce: Option<&str>) -> bool {
    let of = |source: &&str| source.strip_prefix("'nonce-")?.strip_suffix('\'').map(str::to_owned);
    let is_it = |known: String| nonce.is_some_and(|own| needs::is_open(own) || own == known);
    sources.iter().filter_map(of).any(is_it)
}

/// An absolute address.
struct Address {
    /// Absent for one that takes the page's, `//host/path`.
    scheme: Option<String>,
    /// Absent for `data:` and the like.
    host: Option<String>,
    port: Option<String>,
    path: String,
}

impl Address {
    /// `None` for one that is relative to the page.
    fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = match url.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
            _ => (None, url),
        };
        let Some(rest) = rest.strip_prefix("//") else {
            let path = rest.to_owned();
            return scheme.is_some().then_some(Self { scheme, host: None, port: None, path });
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host_and_port(authority);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path }.to_owned();
        Some(Self { scheme, host: Some(host), port, path })
    }

    /// What may be taken by http may be taken by https.
    fn has_scheme(&self, allowed: &str) -> bool {
        let Some(own) = self.scheme.as_deref() else { return true };
        own == allowed || allowed == "http" && own == "https"
    }

    /// Whether a source such as `https://*.example.org:8080/images/` names it.
    fn is_at(&self, source: &str) -> bool {
        let (scheme, source) = match source.split_once("://") {
            Some((scheme, source)) => (Some(scheme), source),
            None => (None, source),
        };
        let Some(host) = self.host.as_deref() else { return false };
        let (authority, path) = source.split_at(source.find('/').unwrap_or(source.len()));
        let (wanted, port) = host_and_port(authority);
        let is_host = match wanted.strip_prefix('*') {
            Some(end) => host.ends_with(end) && host.len() > end.len(),
            None => host == wanted,
        };
        let is_path = match path {
            "" | "/" => true,
            folder if folder.ends_with('/') => self.path.starts_with(folder),
            file => self.path == file,
        };
        let is_port = port.as_deref() == Some("*") || port == self.port;
        scheme.is_none_or(|scheme| self.has_scheme(scheme)) && is_host && is_port && is_path
    }
}

fn is_scheme(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_part)
}

/// In lower case, without a port that everybody means.
fn host_and_port(authority: &str) -> (String, Option<String>) {
    let is_port = |text: &str| text == "*" || text.bytes().all(|byte| byte.is_ascii_digit());
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => (host, Some(port)),
        _ => (authority, None),
    };
    let port = port.filter(|port| !matches!(*port, "" | "80" | "443"));
    (host.to_ascii_lowercase(), port.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::needs::needs;
    use super::*;
    use crate::http::ContentSecurityPolicy;

    /// What of a page a policy refuses, by directive and element.
    fn refused(html: &str, policy: &str) -> Vec<String> {
        let policies = Policies::new(policy, Some("own.org"));
        let refused = |need: &needs::Need| {
            Some(format!("{} {}", policies.refusing(&need.kind)?, need.element))
        };
        needs(html).iter().filter_map(refused).collect()
    }

    #[test]
    fn nothing_inline_passes_the_strict_policy_unless_it_is_loosened() {
        let html = "<p style='a'><script>go()</script><style>p{}</style><b onclick=go>";
        let strict = ContentSecurityPolicy::strict();
        let found = refused(html, strict.as_str());
        assert_eq!(found, ["style-src p", "script-src script", "style-src style", "script-src b"]);
        let styles = strict.with("style-src", "'self' 'unsafe-inline'").unwrap();
        assert_eq!(refused(html, styles.as_str()), ["script-src script", "script-src b"]);
        let nonce = "style-src 'unsafe-inline' 'nonce-x'";
        assert_eq!(refused(html, nonce), ["style-src p", "style-src style"]);
        assert!(refused(html, "frame-ancestors 'none'").is_empty());
        let both = refused(html, "default-src 'unsafe-inline', style-src-attr 'none'");
        assert_eq!(both, ["style-src-attr p"]);
    }

    #[test]
    fn a_hash_lets_the_text_that_has_it() {
        const GO: &str = "sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw=";
        let own = |text: &str| format!("sha256-{}", STANDARD.encode(Sha256::digest(text)));
        let (go, line) = (own("go()"), own("a\nb"));
        let html =
            "<script>go()</script><script>a\r\nb</script><b onclick=go()><i onclick='a&amp;b'>";
        let policy = format!("script-src '{go}'");
        assert_eq!(refused(html, &policy), ["script-src script", "script-src b", "script-src i"]);
        let policy = format!("script-src '{line}' 'unsafe-hashes'");
        assert_eq!(refused(html, &policy), ["script-src script", "script-src b"]);
        let policy = format!(
            "script-src '{}' '{line}' 'unsafe-hashes'",
            go.replace('+', "-").replace('/', "_")
        );
        assert_eq!(refused(html, &policy), [""; 0]);
        assert_eq!(go, GO);
        for (algorithm, hash) in [
            ("sha384", STANDARD.encode(Sha384::digest("p{}"))),
            ("sha512", STANDARD.encode(Sha512::digest("p{}"))),
        ] {
            let policy = format!("style-src '{algorithm}-{hash}'");
            assert_eq!(
                refused("<style>p{}</style><style>q{}</style>", &policy),
                ["style-src style"]
            );
        }
        // What a template leaves open may be what it has to be.
        let open = "<script>go(\u{FFFC})</script>";
        assert_eq!(refused(open, "script-src 'sha256-x'"), [""; 0]);
        assert_eq!(refused(open, "script-src 'self'"), ["script-src script"]);
    }

    #[test]
    fn a_script_from_elsewhere_is_let_by_the_hashes_that_it_has_to_have() {
        let html =
            |integrity: &str| format!("<script src=//a.org/x integrity='{integrity}'></script>");
        let policy = "script-src 'self' 'sha256-a' 'sha384-b'";
        for (integrity, is_let) in [
            ("sha256-a", true),
            ("sha256-a sha384-b", true),
            ("sha256-c sha256-a", false),
            ("", false),
        ] {
            assert_eq!(refused(&html(integrity), policy).is_empty(), is_let, "{integrity}");
        }
    }

    #[test]
    fn a_nonce_lets_the_element_that_has_it() {
        let html = "<script nonce=a>1</script><script nonce=b src=/x></script><style nonce=a>p";
        let policy = "default-src 'nonce-a'";
        assert_eq!(refused(html, policy), ["default-src script"]);
    }

    #[test]
    fn speculation_rules_have_a_word_of_their_own() {
        let html = "<script type=speculationrules>{}</script><script>go()</script>";
        let let_both = "script-src 'unsafe-inline'";
        assert_eq!(refused(html, let_both), [""; 0]);
        let let_rules = "script-src 'self' 'inline-speculation-rules'";
        assert_eq!(refused(html, let_rules), ["script-src script"]);
        assert_eq!(refused(html, "script-src 'self'").len(), 2);
    }

    #[test]
    fn an_address_is_let_by_its_host() {
        let image = |url: &str, sources: &str| {
            refused(&format!("<img src=\"{url}\">"), &format!("img-src {sources}")).is_empty()
        };
        for (url, sources) in [
            ("/a.png", "'self'"),
            ("a.png", "https://own.org"),
            ("https://own.org/a.png", "'self'"),
            ("//own.org/a.png", "'self'"),
            ("data:image/png;base64,x", "data:"),
            ("https://a.b.org/c", "*.b.org"),
            ("https://A.org/c/d?e", "https://a.org/c/"),
            ("http://a.org:8080/", "a.org:*"),
            ("https://a.org/", "http://a.org"),
            ("https://a.org/", "https:"),
            ("https://a.org/", "*"),
        ] {
            assert!(image(url, sources), "{url} {sources}");
        }
        for (url, sources) in [
            ("/a.png", "'none'"),
            ("https://a.org/", "'self'"),
            ("//a.org/", "'self'"),
            ("data:image/png;base64,x", "'self' *"),
            ("https://b.org/", "*.b.org"),
            ("https://a.org/d", "https://a.org/c/"),
            ("http://a.org:8080/", "a.org"),
            ("http://a.org/", "https:"),
        ] {
            assert!(!image(url, sources), "{url} {sources}");
        }
    }
}
