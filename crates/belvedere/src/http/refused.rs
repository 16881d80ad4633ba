//! In a debug build: what of a page its Content-Security-Policy refuses, which otherwise only the browser's
//! console says.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::http::content_security_policy::ContentSecurityPolicy;

/// Most findings that are said, each once.
const MAX_SAID: usize = 100;

/// What has been said already.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Says in the log what of a page the policy refuses.
pub(super) fn say(html: &str, policy: &ContentSecurityPolicy) {
    if !cfg!(debug_assertions) {
        return;
    }
    for Finding { tag, what, instead } in findings(html, policy.as_str()) {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < MAX_SAID && said.insert(format!("{tag}{what}")) {
            tracing::warn!(
                element = tag,
                "the Content-Security-Policy of this page refuses {what}: {instead}, or loosen \
                 `LiveConfig::content_security_policy`"
            );
        }
    }
}

/// Something that the browser refuses.
#[derive(Debug, PartialEq)]
struct Finding<'a> {
    /// As it stands in the page.
    tag: &'a str,
    what: &'static str,
    instead: &'static str,
}

fn findings<'a>(html: &'a str, policy: &str) -> Vec<Finding<'a>> {
    let allows = |kinds: &[&str], words: &[&str]| {
        let sources = kinds.iter().find_map(|kind| sources(policy, kind));
        sources.is_none_or(|sources| words.iter().any(|word| sources.contains(word)))
    };
    const ELEMENT: [&str; 3] = ["'unsafe-inline'", "'nonce-", "'sha"];
    const ATTRIBUTE: [&str; 2] = ["'unsafe-inline'", "'unsafe-hashes'"];
    let script = allows(&["script-src-elem", "script-src", "default-src"], &ELEMENT);
    let handler = allows(&["script-src-attr", "script-src", "default-src"], &ATTRIBUTE);
    let style = allows(&["style-src-elem", "style-src", "default-src"], &ELEMENT);
    let style_attribute = allows(&["style-src-attr", "style-src", "default-src"], &ATTRIBUTE);
    let mut findings = Vec::new();
    let mut find = |tag, what, instead| findings.push(Finding { tag, what, instead });
    for Tag { text, name, attributes } in Tags(html) {
        let has =
            |wanted: &str| attributes.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if !script && name.eq_ignore_ascii_case("script") && !has("src") && is_code(&attributes) {
            find(
                text,
                "a script with content",
                "put it in a file of your own and name that in `src`",
            );
        }
        if !style && name.eq_ignore_ascii_case("style") {
            find(text, "a `<style>` with content", "put it in a style sheet of your own");
        }
        if !style_attribute && has("style") {
            find(text, "the attribute `style`", "give the element a class and style that");
        }
        let is_handler = |name: &str| name.len() > 2 && name[..2].eq_ignore_ascii_case("on");
        if !handler && attributes.iter().any(|(name, _)| name.is_ascii() && is_handler(name)) {
            find(
                text,
                "an attribute with a script, `on…`",
                "use a `phx-` attribute, such as `phx-click`",
            );
        }
    }
    findings
}

/// The sources of a directive.
fn sources<'a>(policy: &'a str, directive: &str) -> Option<&'a str> {
    policy.split(';').find_map(|text| {
        let (name, sources) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        name.eq_ignore_ascii_case(directive).then_some(sources)
    })
}

/// Whether a `<script>` is run: one of another type holds data.
fn is_code(attributes: &[(&str, &str)]) -> bool {
    let kind = attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case("type"));
    kind.is_none_or(|(_, kind)| {
        kind.is_empty() || *kind == "module" || *kind == "importmap" || kind.contains("javascript")
    })
}

/// The start of an element.
struct Tag<'a> {
    text: &'a str,
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

/// The start tags of a page whose attributes are quoted, as maud and `live!` write them.
struct Tags<'a>(&'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let tag = &self.0[self.0.find('<')?..];
            if !tag[1..].starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                self.0 = &tag[1..];
                continue;
            }
            let name = &tag[1..][..end(&tag[1..], |b| matches!(b, b' ' | b'>' | b'/'))];
            let mut rest = &tag[1 + name.len()..];
            let mut attributes = Vec::new();
            loop {
                rest = rest.trim_start_matches([' ', '/', '\n']);
                let name = &rest[..end(rest, |b| matches!(b, b' ' | b'>' | b'=' | b'/'))];
                if name.is_empty() {
                    break;
                }
                rest = &rest[name.len()..];
                let (value, after) = match rest.strip_prefix("=\"") {
                    Some(value) => value.split_once('"').unwrap_or((value, "")),
                    None => ("", rest.strip_prefix('=').unwrap_or(rest)),
                };
                attributes.push((name, value));
                rest = after;
            }
            let length = tag.len() - rest.len() + usize::from(rest.starts_with('>'));
            self.0 = &tag[length.max(1)..];
            return Some(Tag { text: &tag[..length], name, attributes });
        }
    }
}

/// Where `text` first has such a byte, all of which are ASCII.
fn end(text: &str, is_end: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(is_end).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str, policy: &ContentSecurityPolicy) -> Vec<&'static str> {
        findings(html, policy.as_str()).iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_the_policy_refuses_is_found() {
        let page = "<!DOCTYPE html><p title=\"a > b\" style=\"color:red\">1 < 2</p>\
             <script>go()</script><script src=\"/a.js\"></script>\
             <script type=\"application/json\">{}</script><style>p{}</style>\
             <b onclick=\"go()\" one=\"1\">é</b><input disabled><br/></body";
        let strict = ContentSecurityPolicy::strict();
        let all = [
            "the attribute `style`",
            "a script with content",
            "a `<style>` with content",
            "an attribute with a script, `on…`",
        ];
        assert_eq!(found(page, &strict), all);
        assert_eq!(
            findings(page, strict.as_str())[0].tag,
            "<p title=\"a > b\" style=\"color:red\">"
        );
        let styles = strict.with("style-src", "'self' 'unsafe-inline'").unwrap();
        assert_eq!(found(page, &styles), [all[1], all[3]]);
        let nonce = strict.with("script-src", "'self' 'nonce-abc'").unwrap();
        assert_eq!(found(page, &nonce), [all[0], all[2], all[3]]);
        assert!(
            found(page, &ContentSecurityPolicy::new("frame-ancestors 'none'").unwrap()).is_empty()
        );
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in
            ["<", "<a", "<a b", "<a b=", "<a b=\"", "<a =>", "<é>", "<a/", "<a b=c>", "<a \"\">"]
        {
            found(text, &ContentSecurityPolicy::strict());
        }
    }
}
