//! The browser's merge of a diff into the tree it has.

use serde_json::{Map, Value};
use thiserror::Error;

use components::merge_components;
use stream::{Shown, merge_stream, settle_streams};
use templates::{resolve_component, resolve_root};

mod components;
mod placed;
mod reach;
mod stream;
mod templates;

/// Why a diff or a tree is not one that a browser can show.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// A tree, node or entry is not a JSON object.
    #[error("expected an object, found {found}")]
    NotAnObject {
        /// What stands there.
        found: Value,
    },
    /// A comprehension has no usable `kc`.
    #[error("a comprehension has no count of its entries")]
    MissingCount,
    /// An entry moved and `km` is not set.
    #[error("entry {index} moved, but the comprehension does not say that entries moved")]
    UnannouncedMove {
        /// The entry's new index.
        index: String,
    },
    /// An entry is taken from a place where there was none.
    #[error("there was no entry {from} to move")]
    UnknownEntry {
        /// The index it was said to be at.
        from: String,
    },
    /// An entry is neither an object, nor an index, nor an index with an object.
    #[error("entry {index} is not an entry: {found}")]
    MalformedEntry {
        /// The entry's index.
        index: String,
        /// What stands there.
        found: Value,
    },
    /// Nothing stands where an entry below the count belongs.
    #[error("entry {index} is missing")]
    MissingEntry {
        /// The entry's index.
        index: usize,
    },
    /// The operations of a stream are not such, or not one for each entry.
    #[error("a stream's operations do not fit its entries: {found}")]
    MalformedStream {
        /// What stands there.
        found: Value,
    },
    /// A component that neither the message nor the browser has, or one that lends itself statics.
    #[error("component {number} is unknown")]
    UnknownComponent {
        /// Its number.
        number: String,
    },
    /// A component's tree does not say that it is one element.
    #[error("component {number} is not said to be one element")]
    MissingRoot {
        /// Its number.
        number: String,
    },
    /// A component that changed within an element of which the message says nothing.
    #[error("component {number} changed within an element that the browser leaves as it is")]
    UnreachedComponent {
        /// Its number.
        number: String,
    },
    /// Statics that name a template which the message does not have.
    #[error("template {number} is not in the message")]
    UnknownTemplate {
        /// The number that stands for them.
        number: String,
    },
    /// A node without usable statics.
    #[error("a node has no statics")]
    MissingStatics,
    /// A hole that has never been filled.
    #[error("hole {hole} is missing")]
    MissingHole {
        /// Its number.
        hole: usize,
    },
    /// A hole holds what is neither text nor a node.
    #[error("hole {hole} cannot be shown: {found}")]
    MalformedHole {
        /// Its number.
        hole: usize,
        /// What stands there.
        found: Value,
    },
}

/// Merges `diff` into `tree`, as the browser does.
///
/// A node with statics replaces what stood in its place; without, its members are merged one by
/// one. A number for statics stands for a template of the message's `p`. Entries of a list move from
/// where they were before this diff. Elements of a stream stay until they are taken out, also when all
/// around them is sent anew. An element of which the diff says nothing stays as it is, which is an error when a component in it changed.
///
/// # Errors
///
/// When a browser would throw or show nonsense; `tree` is then of no use.
pub fn merge(tree: &mut Value, diff: Value) -> Result<(), MergeError> {
    let Value::Object(mut members) = diff else {
        return Err(MergeError::NotAnObject { found: diff });
    };
    resolve_templates(&mut members)?;
    placed::check(object(tree)?, &members)?;
    let has_components = members.contains_key("c");
    let message = if has_components { members.clone() } else { Map::new() };
    let components = members.remove("c");
    let shown = Shown::of(object(tree)?)?;
    merge_tree(tree, Value::Object(members), &shown)?;
    match components {
        Some(Value::Object(components)) => merge_components(object(tree)?, components, &shown)?,
        Some(found) => return Err(MergeError::NotAnObject { found }),
        None => {}
    }
    reach::check(object(tree)?, &message)
}

fn resolve_templates(message: &mut Map<String, Value>) -> Result<(), MergeError> {
    let components = message.remove("c");
    resolve_root(message)?;
    let Some(mut components) = components else { return Ok(()) };
    let trees = components.as_object_mut().into_iter().flat_map(Map::values_mut);
    trees.filter_map(Value::as_object_mut).try_for_each(resolve_component)?;
    message.insert("c".into(), components);
    Ok(())
}

fn merge_tree(tree: &mut Value, diff: Value, shown: &Shown) -> Result<(), MergeError> {
    match diff {
        Value::Object(diff) if replaces(&diff) => {
            *tree = Value::Object(diff);
            settle_streams(tree, shown)?;
        }
        Value::Object(diff) => merge_node(object(tree)?, diff, shown)?,
        found => return Err(MergeError::NotAnObject { found }),
    }
    Ok(())
}

/// A node's statics, or those of a list's rows.
fn statics_of(node: &Map<String, Value>) -> Option<&Value> {
    node.get("s")
}

/// Statics mean a new node.
fn replaces(node: &Map<String, Value>) -> bool {
    node.contains_key("s")
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>, MergeError> {
    match value {
        Value::Object(object) => Ok(object),
        found => Err(MergeError::NotAnObject { found: found.take() }),
    }
}

fn merge_node(
    target: &mut Map<String, Value>,
    source: Map<String, Value>,
    shown: &Shown,
) -> Result<(), MergeError> {
    if source.contains_key("stream") {
        let mut source = source;
        source.get_mut("k").map_or(Ok(()), |rows| settle_streams(rows, shown))?;
        return merge_stream(target, source, shown);
    }
    for (name, mut value) in source {
        if !is_merged(&value, target.get(&name)) {
            settle_streams(&mut value, shown)?;
        }
        match (value, target.get_mut(&name)) {
            (Value::Object(entries), Some(Value::Object(known))) if name == "k" => {
                merge_entries(known, entries, shown)?;
            }
            (Value::Object(node), Some(Value::Object(known))) if !replaces(&node) => {
                merge_node(known, node, shown)?;
            }
            (value, _) => {
                target.insert(name, value);
            }
        }
    }
    Ok(())
}

/// Whether a value is merged into what stands in its place, member by member.
fn is_merged(value: &Value, known: Option<&Value>) -> bool {
    matches!((value, known), (Value::Object(node), Some(Value::Object(_))) if !replaces(node))
}

/// Indices of moved entries are those before the message, so all are taken from a copy.
fn merge_entries(
    target: &mut Map<String, Value>,
    source: Map<String, Value>,
    shown: &Shown,
) -> Result<(), MergeError> {
    let n_entries = count(&source)?;
    let has_moved = source.get("km") == Some(&Value::Bool(true));
    let before = if has_moved { target.clone() } else { Map::new() };
    for (index, entry) in source {
        let (from, changes) = match entry {
            _ if index == "kc" || index == "km" => continue,
            Value::Object(changes) => {
                let entry = target.entry(index).or_insert_with(|| Value::Object(Map::new()));
                merge_node(object(entry)?, changes, shown)?;
                continue;
            }
            Value::Number(from) => (from.to_string(), Map::new()),
            Value::Array(pair) => moved_and_changed(&index, pair)?,
            found => return Err(MergeError::MalformedEntry { index, found }),
        };
        if !has_moved {
            return Err(MergeError::UnannouncedMove { index });
        }
        let Some(mut entry) = before.get(&from).cloned() else {
            return Err(MergeError::UnknownEntry { from });
        };
        merge_node(object(&mut entry)?, changes, shown)?;
        target.insert(index, entry);
    }
    target.retain(|index, _| index.parse().is_ok_and(|index: usize| index < n_entries));
    target.insert("kc".into(), n_entries.into());
    Ok(())
}

/// `[from, changes]`.
fn moved_and_changed(
    index: &str,
    pair: Vec<Value>,
) -> Result<(String, Map<String, Value>), MergeError> {
    match <[Value; 2]>::try_from(pair) {
        Ok([Value::Number(from), Value::Object(changes)]) => Ok((from.to_string(), changes)),
        Ok(pair) => {
            let found = Value::Array(pair.into());
            Err(MergeError::MalformedEntry { index: index.into(), found })
        }
        Err(found) => {
            let found = Value::Array(found);
            Err(MergeError::MalformedEntry { index: index.into(), found })
        }
    }
}

/// The number of entries of a comprehension.
pub(super) fn count(entries: &Map<String, Value>) -> Result<usize, MergeError> {
    entries
        .get("kc")
        .and_then(Value::as_u64)
        .and_then(|count| usize::try_from(count).ok())
        .ok_or(MergeError::MissingCount)
}
