//! A merged tree as HTML, as the browser expands it.

use serde_json::{Map, Value};

use super::merge::{MergeError, count};

/// The HTML of a whole tree.
///
/// # Errors
///
/// When a browser would throw or show nonsense such as `undefined`.
pub fn to_html(tree: &Value) -> Result<String, MergeError> {
    let mut html = String::new();
    match tree {
        Value::Object(node) => {
            let components = node.get("c").and_then(Value::as_object);
            push_node(&mut html, node, components.unwrap_or(&Map::new()))?;
        }
        found => {
            return Err(MergeError::NotAnObject { found: found.clone() });
        }
    }
    Ok(html)
}

fn push_node(
    html: &mut String,
    node: &Map<String, Value>,
    components: &Map<String, Value>,
) -> Result<(), MergeError> {
    let statics = statics(node)?;
    let Some(entries) = node.get("k") else {
        return push_holes(html, &statics, node, components);
    };
    let Value::Object(entries) = entries else {
        return Err(MergeError::NotAnObject { found: entries.clone() });
    };
    for index in 0..count(entries)? {
        match entries.get(&index.to_string()) {
            // An item of a stream that was sent with others than the stream has now.
            Some(Value::Object(entry)) if entry.contains_key("s") => {
                push_holes(html, &self::statics(entry)?, entry, components)?;
            }
            Some(Value::Object(entry)) => push_holes(html, &statics, entry, components)?,
            _ => return Err(MergeError::MissingEntry { index }),
        }
    }
    Ok(())
}

fn statics(node: &Map<String, Value>) -> Result<Vec<&str>, MergeError> {
    node.get("s")
        .and_then(Value::as_array)
        .filter(|statics| !statics.is_empty())
        .and_then(|statics| statics.iter().map(Value::as_str).collect())
        .ok_or(MergeError::MissingStatics)
}

fn push_holes(
    html: &mut String,
    statics: &[&str],
    holes: &Map<String, Value>,
    components: &Map<String, Value>,
) -> Result<(), MergeError> {
    let Some((last, before)) = statics.split_last() else {
        return Err(MergeError::MissingStatics);
    };
    for (hole, part) in before.iter().enumerate() {
        html.push_str(part);
        match holes.get(&hole.to_string()) {
            Some(Value::String(text)) => html.push_str(text),
            Some(Value::Object(node)) => push_node(html, node, components)?,
            Some(Value::Number(number)) => match components.get(&number.to_string()) {
                Some(Value::Object(node)) => push_node(html, node, components)?,
                _ => return Err(MergeError::UnknownComponent { number: number.to_string() }),
            },
            Some(found) => {
                return Err(MergeError::MalformedHole { hole, found: found.clone() });
            }
            None => return Err(MergeError::MissingHole { hole }),
        }
    }
    html.push_str(last);
    Ok(())
}
