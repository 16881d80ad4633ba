//! What a browser does with a stream: it keeps the elements, the message brings only news.
//!
//! In the tree the elements stand as the entries of the comprehension, in the order of the page,
//! with the stream's name and their ids in `stream`:
//! `{"s":…,"k":{"0":…,"kc":1},"stream":{"name":"m","ids":["m-1"]}}`.
//!
//! A browser finds the container by its id, wherever the message puts it. So what it shows of a
//! stream stays when all around it is sent anew; an element then brings its own statics along where
//! they are others: `"0":{"s":…}`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{MergeError, count, statics_of};

/// An element and the entry that it shows.
type Element = (String, Value);

/// The elements of every stream on the page, by the streams' names.
#[derive(Default)]
pub(super) struct Shown(HashMap<String, Vec<Element>>);

/// Where one row goes, as the message says it.
struct Insert {
    id: String,
    at: i64,
    limit: Option<i64>,
    update_only: bool,
}

impl Shown {
    /// Of the page that `tree` shows.
    pub(super) fn of(tree: &Map<String, Value>) -> Result<Self, MergeError> {
        let mut shown = Self::default();
        let none = Map::new();
        let components = tree.get("c").and_then(Value::as_object).unwrap_or(&none);
        shown.collect(tree, components, &mut Vec::new())?;
        Ok(shown)
    }

    /// `around` are the components around `node`.
    fn collect(
        &mut self,
        node: &Map<String, Value>,
        components: &Map<String, Value>,
        around: &mut Vec<String>,
    ) -> Result<(), MergeError> {
        if let Some(name) = name(node) {
            let mut elements = elements(node)?;
            for (_, row) in &mut elements {
                if let (Some(statics), Value::Object(row)) = (statics_of(node), row) {
                    row.entry("s").or_insert_with(|| statics.clone());
                }
            }
            self.0.insert(name.to_owned(), elements);
        }
        for (hole, value) in node.iter().filter(|(name, _)| *name != "c") {
            match value {
                Value::Object(node) => self.collect(node, components, around)?,
                Value::Number(number) if hole.parse::<usize>().is_ok() => {
                    let number = number.to_string();
                    let component = components.get(&number).and_then(Value::as_object);
                    if let Some(component) = component.filter(|_| !around.contains(&number)) {
                        around.push(number);
                        self.collect(component, components, around)?;
                        around.pop();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The elements of a stream, for rows with these statics.
    fn elements(&self, name: &str, statics: Option<&Value>) -> Vec<Element> {
        let mut elements = self.0.get(name).cloned().unwrap_or_default();
        for (_, row) in &mut elements {
            if let Value::Object(row) = row
                && row.get("s") == statics
            {
                row.remove("s");
            }
        }
        elements
    }
}

/// The name of a comprehension's stream, where it is one that was merged.
fn name(node: &Map<String, Value>) -> Option<&str> {
    node.get("stream")?.get("name")?.as_str()
}

/// Carries the news of a comprehension with `stream` out on the elements that `known` holds, or, where
/// it is new in its place, on those that the page has shown.
pub(super) fn merge_stream(
    known: &mut Map<String, Value>,
    mut news: Map<String, Value>,
    shown: &Shown,
) -> Result<(), MergeError> {
    let stream = news.remove("stream").unwrap_or_default();
    let mut rows = rows(news.remove("k").unwrap_or_default())?;
    let (reference, inserts, deletes, is_reset) = operations(&stream, rows.len())?;
    let mut elements = match name(known) {
        Some(_) => elements(known)?,
        None => shown.elements(&reference, statics_of(&news)),
    };
    if is_reset {
        elements.clear();
    }
    elements.retain(|(id, _)| !deletes.contains(id));
    for (insert, row) in inserts.into_iter().zip(rows.drain(..)) {
        place(&mut elements, insert, row);
    }
    known.extend(news);
    let (ids, rows): (Vec<_>, Vec<_>) = elements.into_iter().unzip();
    let n_rows = rows.len();
    let entries = rows.into_iter().enumerate().map(|(index, row)| (index.to_string(), row));
    let mut entries: Map<String, Value> = entries.collect();
    entries.insert("kc".into(), n_rows.into());
    known.insert("k".into(), Value::Object(entries));
    known.insert("stream".into(), json!({ "name": reference, "ids": ids }));
    Ok(())
}

/// Carries out the streams in a part of the tree that the browser did not have.
pub(super) fn settle_streams(value: &mut Value, shown: &Shown) -> Result<(), MergeError> {
    let Value::Object(node) = value else { return Ok(()) };
    for child in node.values_mut() {
        settle_streams(child, shown)?;
    }
    if node.contains_key("stream") {
        let news = std::mem::take(node);
        merge_stream(node, news, shown)?;
    }
    Ok(())
}

fn place(elements: &mut Vec<Element>, insert: Insert, row: Value) {
    if let Some((_, shown)) = elements.iter_mut().find(|(id, _)| *id == insert.id) {
        *shown = row;
        return;
    }
    if insert.update_only {
        return;
    }
    let n_elements = elements.len();
    let at = usize::try_from(insert.at).map_or(n_elements, |at| at.min(n_elements));
    elements.insert(at, (insert.id, row));
    let Some(limit) = insert.limit else { return };
    let kept = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
    if limit < 0 {
        elements.drain(..elements.len().saturating_sub(kept));
    } else {
        elements.truncate(kept);
    }
}

fn elements(known: &Map<String, Value>) -> Result<Vec<Element>, MergeError> {
    let stream = known.get("stream").and_then(|stream| stream.get("ids"));
    let ids = stream.and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = known.get("k").cloned().map(rows).transpose()?.unwrap_or_default();
    let ids = ids.into_iter().map(|id| id.as_str().unwrap_or_default().to_owned());
    Ok(ids.zip(rows).collect())
}

/// The entries of a message, which are complete and never moved.
fn rows(entries: Value) -> Result<Vec<Value>, MergeError> {
    let Value::Object(mut entries) = entries else {
        return Err(MergeError::NotAnObject { found: entries });
    };
    let n_rows = count(&entries)?;
    let row = |index: usize| match entries.remove(&index.to_string()) {
        Some(row @ Value::Object(_)) => Ok(row),
        Some(found) => Err(MergeError::MalformedEntry { index: index.to_string(), found }),
        None => Err(MergeError::MissingEntry { index }),
    };
    (0..n_rows).map(row).collect()
}

/// The stream's name, inserts, deletes and whether to reset; any fourth element means so.
fn operations(
    stream: &Value,
    n_rows: usize,
) -> Result<(String, Vec<Insert>, Vec<String>, bool), MergeError> {
    let malformed = || MergeError::MalformedStream { found: stream.clone() };
    let members = stream.as_array().ok_or_else(malformed)?;
    let (Some(Value::String(name)), Some(Value::Array(inserts)), Some(Value::Array(deletes))) =
        (members.first(), members.get(1), members.get(2))
    else {
        return Err(malformed());
    };
    let inserts: Option<Vec<Insert>> = inserts.iter().map(insert).collect();
    let inserts = inserts.filter(|inserts| inserts.len() == n_rows).ok_or_else(malformed)?;
    let is_twice = |(index, insert): (usize, &Insert)| {
        inserts.iter().take(index).any(|other| other.id == insert.id)
    };
    if inserts.iter().enumerate().any(is_twice) {
        return Err(malformed());
    }
    let deletes = deletes.iter().map(|id| id.as_str().map(str::to_owned));
    let deletes: Option<Vec<String>> = deletes.collect();
    Ok((name.clone(), inserts, deletes.ok_or_else(malformed)?, members.len() > 3))
}

fn insert(insert: &Value) -> Option<Insert> {
    let [id, at, limit, update_only] = insert.as_array()?.as_slice() else { return None };
    Some(Insert {
        id: id.as_str()?.to_owned(),
        at: at.as_i64()?,
        limit: limit.as_i64(),
        update_only: update_only == &Value::Bool(true),
    })
}
