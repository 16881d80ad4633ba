//! Shared statics: numbers that stand for a template of the message's `p`.
//!
//! The root's `p` is for the view's own tree, a component's for that component's. Below an outer
//! `p`, a list's own counts for nothing.

use serde_json::{Map, Value};

use super::MergeError;

/// Puts every template of a tree in the places that name it.
pub(super) fn resolve_root(root: &mut Map<String, Value>) -> Result<(), MergeError> {
    let templates = root.remove("p");
    if let Some(statics) = root.get_mut("s") {
        resolve_statics(statics, templates.as_ref())?;
    }
    resolve_holes(root, templates.as_ref())
}

/// The same for a component, where a number as the root's own statics is a component's.
pub(super) fn resolve_component(root: &mut Map<String, Value>) -> Result<(), MergeError> {
    let templates = root.remove("p");
    resolve_holes(root, templates.as_ref())
}

fn resolve_node(node: &mut Map<String, Value>, outer: Option<&Value>) -> Result<(), MergeError> {
    let own = node.remove("p");
    let is_list = node.contains_key("k");
    let inner = if is_list { outer.or(own.as_ref()) } else { own.as_ref().or(outer) };
    if let Some(statics) = node.get_mut("s") {
        resolve_statics(statics, if is_list { outer } else { inner })?;
    }
    let Some(Value::Object(entries)) = node.get_mut("k") else {
        return resolve_holes(node, inner);
    };
    for entry in entries.values_mut() {
        match entry {
            Value::Object(holes) => resolve_holes(holes, inner)?,
            Value::Array(moved) => {
                let holes = moved.iter_mut().filter_map(Value::as_object_mut);
                holes.into_iter().try_for_each(|holes| resolve_holes(holes, inner))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn resolve_holes(
    holes: &mut Map<String, Value>,
    templates: Option<&Value>,
) -> Result<(), MergeError> {
    let nodes = holes.values_mut().filter_map(Value::as_object_mut);
    nodes.into_iter().try_for_each(|node| resolve_node(node, templates))
}

fn resolve_statics(statics: &mut Value, templates: Option<&Value>) -> Result<(), MergeError> {
    let Value::Number(number) = statics else { return Ok(()) };
    let number = number.to_string();
    let Some(found) = templates.and_then(|templates| templates.get(&number)) else {
        return Err(MergeError::UnknownTemplate { number });
    };
    *statics = found.clone();
    Ok(())
}
