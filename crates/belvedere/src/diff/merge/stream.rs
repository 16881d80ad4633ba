//! What a browser does with a stream: it keeps the elements, the message brings only news.
//!
//! In the tree the elements stand as the entries of the comprehension, in the order of the page,
//! with their ids in `stream`: `{"s":…,"k":{"0":…,"kc":1},"stream":["m-1"]}`.

use serde_json::{Map, Value};

use super::{MergeError, count};

/// An element and the entry that it shows.
type Element = (String, Value);

/// Where one row goes, as the message says it.
struct Insert {
    id: String,
    at: i64,
    limit: Option<i64>,
    update_only: bool,
}

/// Carries the news of a comprehension with `stream` out on the elements that `known` holds.
pub(super) fn merge_stream(
    known: &mut Map<String, Value>,
    mut news: Map<String, Value>,
) -> Result<(), MergeError> {
    let stream = news.remove("stream").unwrap_or_default();
    let mut rows = rows(news.remove("k").unwrap_or_default())?;
    let (inserts, deletes, is_reset) = operations(&stream, rows.len())?;
    let mut elements = elements(known)?;
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
    known.insert("stream".into(), ids.into());
    Ok(())
}

/// Carries out the streams in a part of the tree that the browser did not have.
pub(super) fn settle_streams(value: &mut Value) -> Result<(), MergeError> {
    let Value::Object(node) = value else { return Ok(()) };
    for child in node.values_mut() {
        settle_streams(child)?;
    }
    if node.contains_key("stream") {
        let news = std::mem::take(node);
        merge_stream(node, news)?;
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
    let ids = known.get("stream").and_then(Value::as_array).cloned().unwrap_or_default();
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

/// Inserts, deletes and whether to reset; any fourth element means so.
fn operations(
    stream: &Value,
    n_rows: usize,
) -> Result<(Vec<Insert>, Vec<String>, bool), MergeError> {
    let malformed = || MergeError::MalformedStream { found: stream.clone() };
    let members = stream.as_array().ok_or_else(malformed)?;
    let (Some(Value::String(_)), Some(Value::Array(inserts)), Some(Value::Array(deletes))) =
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
    Ok((inserts, deletes.ok_or_else(malformed)?, members.len() > 3))
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
