//! Components in a message: a tree each, perhaps with the statics of another.

use serde_json::{Map, Value};

use super::{
    MergeError, merge_node, object, replaces,
    stream::{Shown, settle_streams},
};

/// Merges the components of a message into those the browser has.
pub(super) fn merge_components(
    tree: &mut Map<String, Value>,
    news: Map<String, Value>,
    shown: &Shown,
) -> Result<(), MergeError> {
    let known = tree.entry("c").or_insert_with(|| Value::Object(Map::new()));
    let known = object(known)?;
    let mut message = Message { known, news: &news, shown, merged: Map::new() };
    for number in news.keys() {
        message.resolve(number, 0)?;
    }
    let merged = message.merged;
    known.extend(merged);
    Ok(())
}

/// The components of one message.
struct Message<'a> {
    known: &'a Map<String, Value>,
    news: &'a Map<String, Value>,
    shown: &'a Shown,
    merged: Map<String, Value>,
}

impl Message<'_> {
    /// The tree of one component after the message.
    fn resolve(&mut self, number: &str, depth: usize) -> Result<Map<String, Value>, MergeError> {
        if let Some(Value::Object(done)) = self.merged.get(number) {
            return Ok(done.clone());
        }
        let Self { known, news, shown, .. } = *self;
        let unknown = || MergeError::UnknownComponent { number: number.to_owned() };
        // Each step of a chain of donors is another component of the message.
        let Some(Value::Object(news_of)) = news.get(number).filter(|_| depth <= news.len()) else {
            return Err(unknown());
        };
        let mut news_of = news_of.clone();
        let tree = match news_of.get("s").map(Value::as_i64) {
            Some(Some(donor)) => {
                news_of.remove("s");
                let mut tree = if donor > 0 {
                    self.resolve(&donor.to_string(), depth + 1)?
                } else {
                    known_tree(known, &donor.unsigned_abs().to_string()).ok_or_else(unknown)?
                };
                merge_node(&mut tree, news_of, shown)?;
                tree
            }
            Some(None) => {
                let mut tree = Value::Object(news_of);
                settle_streams(&mut tree, shown)?;
                object(&mut tree)?.clone()
            }
            None => {
                let mut tree = known_tree(known, number).ok_or_else(unknown)?;
                merge_node(&mut tree, news_of, shown)?;
                tree
            }
        };
        if !replaces(&tree) || tree.get("r") != Some(&Value::from(1)) {
            return Err(MergeError::MissingRoot { number: number.to_owned() });
        }
        self.merged.insert(number.to_owned(), Value::Object(tree.clone()));
        Ok(tree)
    }
}

fn known_tree(known: &Map<String, Value>, number: &str) -> Option<Map<String, Value>> {
    known.get(number).and_then(Value::as_object).cloned()
}
