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

use serde_json::{Map, Value};

use super::ValueError;

/// Before the last key of a field that nobody has used, as the client marks it.
const MARK: &str = "_unused_";

/// The name by which the client marks a field that nobody has used: of `user[age]`, `user[_unused_age]`; of
/// `tags[]`, `_unused_tags[]`.
pub(crate) fn mark_of(name: &str) -> String {
    let (base, list) = name.strip_suffix("[]").map_or((name, ""), |base| (base, "[]"));
    let (start, key) = base.rsplit_once('[').map_or(("", base), |(start, key)| (start, key));
    let bracket = if start.is_empty() { "" } else { "[" };
    format!("{start}{bracket}{MARK}{key}{list}")
}

/// Whether a name is such a mark.
pub(crate) fn is_mark(name: &str) -> bool {
    let base = name.strip_suffix("[]").unwrap_or(name);
    base.rsplit_once('[').map_or(base, |(_, key)| key).starts_with(MARK)
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

/// Reads a whole form.
pub(super) fn parse(encoded: &str, limits: &FormLimits) -> Result<Map<String, Value>, ValueError> {
    let FormLimits { max_bytes, max_fields, max_depth } = *limits;
    match encoded.len() {
        n_bytes if n_bytes > max_bytes => {
            return Err(ValueError::FormTooLong { n_bytes, max_bytes });
        }
        _ => {}
    }
    let mut fields = Map::new();
    for (index, (name, value)) in form_urlencoded::parse(encoded.as_bytes()).enumerate() {
        if index == max_fields {
            return Err(ValueError::TooManyFields { max_fields });
        }
        let path = path(&name);
        match path.len() {
            depth if depth > max_depth => return Err(ValueError::TooDeep { depth, max_depth }),
            _ => insert(&mut fields, &path, value.into_owned()),
        }
    }
    Ok(fields)
}

/// The keys in a field's name: `user[tags][]` has `user`, `tags` and the empty key of a list.
pub(super) fn path(name: &str) -> Vec<&str> {
    bracketed(name).unwrap_or_else(|| vec![name])
}

/// `None` when the brackets do not pair up.
fn bracketed(name: &str) -> Option<Vec<&str>> {
    let (head, rest) = name.split_at(name.find('[').filter(|at| *at > 0)?);
    let mut path = vec![head];
    let mut rest = rest;
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        if key.contains('[') {
            return None;
        }
        path.push(key);
        rest = after;
    }
    Some(path)
}

fn insert(fields: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((head, rest)) = path.split_first() else {
        return;
    };
    let mut slot = member(fields, head);
    for key in rest {
        slot = if key.is_empty() { push(slot) } else { member(as_object(slot), key) };
    }
    *slot = Value::String(value);
}

fn member<'a>(object: &'a mut Map<String, Value>, key: &str) -> &'a mut Value {
    object.entry(key).or_insert(Value::Null)
}

fn as_object(slot: &mut Value) -> &mut Map<String, Value> {
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut().expect("the slot was made an object above")
}

fn push(slot: &mut Value) -> &mut Value {
    if !slot.is_array() {
        *slot = Value::Array(Vec::new());
    }
    let list = slot.as_array_mut().expect("the slot was made a list above");
    list.push(Value::Null);
    list.last_mut().expect("an item was pushed above")
}
