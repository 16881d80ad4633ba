//! Whether a browser has the components that a message places.
//!
//! It writes the HTML of all of them first, also of those in rows of streams that it then does not
//! keep, and stops where one is missing.

use serde_json::{Map, Value};

use super::{MergeError, replaces};

/// `tree` is the tree before the message.
pub(super) fn check(
    tree: &Map<String, Value>,
    message: &Map<String, Value>,
) -> Result<(), MergeError> {
    let known = tree.get("c").filter(|_| !replaces(message));
    let listed = message.get("c");
    let has = |number: &str| [known, listed].into_iter().flatten().any(|c| c.get(number).is_some());
    holes(message, &has)?;
    let trees = listed.and_then(Value::as_object).into_iter().flat_map(Map::values);
    trees.filter_map(Value::as_object).try_for_each(|tree| holes(tree, &has))
}

fn holes(node: &Map<String, Value>, has: &impl Fn(&str) -> bool) -> Result<(), MergeError> {
    for (name, value) in node {
        let is_hole = name.parse::<usize>().is_ok();
        match value {
            Value::Number(number) if is_hole => {
                let number = number.to_string();
                if !has(&number) {
                    return Err(MergeError::UnknownComponent { number });
                }
            }
            Value::Object(node) if is_hole => holes(node, has)?,
            Value::Object(entries) if name == "k" => {
                entries.values().filter_map(changes).try_for_each(|entry| holes(entry, has))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a message says of an entry, which may have moved.
fn changes(entry: &Value) -> Option<&Map<String, Value>> {
    entry.as_object().or_else(|| entry.get(1)?.as_object())
}
