//! A form's URL-encoded text as nested values.
//!
//! | Text | Value |
//! |---|---|
//! | `a=1&a=2` | `{"a":"2"}`, the last one wins |
//! | `user[name]=Ann` | `{"user":{"name":"Ann"}}` |
//! | `tags[]=x&tags[]=y` | `{"tags":["x","y"]}` |
//! | `items[0][name]=x` | `{"items":{"0":{"name":"x"}}}`, read as a list where one is wanted |
//!
//! Where two fields disagree about a value's shape, the later one wins as well. Brackets that do
//! not pair up are part of the name. Every value is text; invalid UTF-8 becomes U+FFFD.
//!
//! Source of the format: protocol section "Form events".

use crate::wire::keys::FORM_UNUSED;

mod parts;
pub(super) mod path;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use tree::{Branch, FormTree, Shape};

/// The name by which the client marks a field that nobody has used: of `user[age]`, `user[_unused_age]`; of
/// `tags[]`, `_unused_tags[]`.
pub(crate) fn mark_of(name: &str) -> String {
    let (base, list) = name.strip_suffix("[]").map_or((name, ""), |base| (base, "[]"));
    let (start, key) = base.rsplit_once('[').map_or(("", base), |(start, key)| (start, key));
    let bracket = if start.is_empty() { "" } else { "[" };
    format!("{start}{bracket}{FORM_UNUSED}{key}{list}")
}

/// Whether a name is such a mark.
pub(crate) fn is_mark(name: &str) -> bool {
    let base = name.strip_suffix("[]").unwrap_or(name);
    base.rsplit_once('[').map_or(base, |(_, key)| key).starts_with(FORM_UNUSED)
}

/// Bounds on what one form event may make the server build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    /// Longest encoded text, in bytes. Default 256 KiB, as long as the longest message is by default,
    /// so that a raised frame limit does not raise this one unseen.
    pub max_bytes: usize,
    /// Most `name=value` pairs, markers of unused fields included. Default 5,000: a list of 200
    /// rows with ten inputs each, as long as one of [`LiveForm`](crate::LiveForm) is by default.
    pub max_fields: usize,
    /// Most keys in one name: `user[address][city]` has 3. Default 16.
    pub max_depth: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { max_bytes: 256 * 1024, max_fields: 5000, max_depth: 16 }
    }
}
