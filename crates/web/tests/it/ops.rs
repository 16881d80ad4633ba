//! What the application is deployed with, checked as far as it can be without the images: files
//! parse, their keys are documented ones, and what they say of the application is true of it.

mod bill;
mod compose;
mod documents;
mod fly;
mod grafana;
mod images;
mod queries;
mod tempo;
mod traceql;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file or folder of the workspace.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Value {
    yaml_serde::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn toml(name: &str) -> Value {
    toml::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text at a JSON pointer.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}

/// The elements of the list at a JSON pointer.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.unwrap_or_else(|| panic!("no list at {pointer} of {value}"))
}

/// Every key that holds a value, with those above it: `server.http_listen_port`. The elements of a
/// list share their list's key.
fn key_paths(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, above: &str, paths: &mut BTreeSet<String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    let separator = if above.is_empty() { "" } else { "." };
                    walk(value, &format!("{above}{separator}{key}"), paths);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|value| walk(value, above, paths)),
            _ => {
                paths.insert(above.to_owned());
            }
        }
    }
    let mut paths = BTreeSet::new();
    walk(value, "", &mut paths);
    paths
}

/// Fails with the keys of `value` that `documented` does not list. There, `*` stands for any one
/// name, which may hold dots of its own.
fn assert_documented(name: &str, value: &Value, documented: &[&str]) {
    let is_documented = |path: &str| documented.iter().any(|pattern| matches(pattern, path));
    let unknown: Vec<_> = key_paths(value).into_iter().filter(|p| !is_documented(p)).collect();
    assert!(unknown.is_empty(), "{name} has keys that are not documented: {unknown:?}");
}

/// Whether `pattern`, in which `*` stands for anything, describes all of `text`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))
        }),
    }
}

/// The variables the application reads, as its sources spell them.
fn settings() -> BTreeSet<String> {
    let sources = [
        "crates/web/src/config.rs",
        "crates/belvedere-telemetry/src/settings.rs",
        "crates/belvedere-telemetry/src/settings/collector.rs",
    ];
    let sources: String = sources.into_iter().map(read).collect();
    let quoted = sources.split('"').skip(1).step_by(2).map(ToOwned::to_owned);
    quoted.filter(|word| is_variable(word)).collect()
}

fn is_variable(word: &str) -> bool {
    word.len() > 3
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
