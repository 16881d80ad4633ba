//! Which components the page shows as a message has them.
//!
//! An element of which a message says nothing stays as it is, with everything in it; so does a
//! component that is not listed when more than components is sent. A component that changed within
//! such an element is merged, but the page does not show it.
//!
//! Rows of streams are not looked into: the browser keeps nothing of them but their elements.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{MergeError, replaces};

/// What a message says of a place.
#[derive(Clone, Copy)]
enum News<'a> {
    Nothing,
    /// All of it is new.
    All,
    Members(&'a Map<String, Value>),
}

/// A walk over the merged tree, as the browser writes its HTML.
struct Walk<'a> {
    components: &'a Map<String, Value>,
    listed: &'a Map<String, Value>,
    is_component_patch: bool,
    /// Leaves out what stays as it is.
    skips: bool,
    reached: BTreeSet<&'a str>,
}

/// Checks that the page shows every component that `message` lists, where it shows it at all.
/// `tree` is the tree after the message.
pub(super) fn check(
    tree: &Map<String, Value>,
    message: &Map<String, Value>,
) -> Result<(), MergeError> {
    let (Some(Value::Object(components)), Some(Value::Object(listed))) =
        (tree.get("c"), message.get("c"))
    else {
        return Ok(());
    };
    let is_component_patch = message.len() == 1;
    let walk =
        |skips| Walk { components, listed, is_component_patch, skips, reached: BTreeSet::new() };
    let (mut whole, mut patched) = (walk(false), walk(true));
    if is_component_patch {
        listed.keys().for_each(|number| whole.within(number));
        let outermost = listed.keys().filter(|number| !whole.reached.contains(number.as_str()));
        outermost.for_each(|number| patched.within(number));
    } else {
        whole.holes(tree, News::Members(message).of_node());
        patched.holes(tree, News::Members(message).of_node());
    }
    let mut unreached = listed.keys().filter(|number| {
        whole.reached.contains(number.as_str()) && !patched.reached.contains(number.as_str())
    });
    match unreached.next() {
        Some(number) => Err(MergeError::UnreachedComponent { number: number.clone() }),
        None => Ok(()),
    }
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &'a Map<String, Value>, news: News<'a>) {
        let is_element = node.get("r") == Some(&Value::from(1));
        if self.skips && is_element && matches!(news, News::Nothing) {
            return;
        }
        let news = news.of_node();
        match node.get("k") {
            _ if node.contains_key("stream") => {}
            Some(entries) => {
                let entries = entries.as_object().into_iter().flatten();
                for (index, entry) in entries {
                    if let Value::Object(holes) = entry {
                        self.holes(holes, news.of_entry(index));
                    }
                }
            }
            None => self.holes(node, news),
        }
    }

    fn holes(&mut self, holes: &'a Map<String, Value>, news: News<'a>) {
        for (name, value) in holes.iter().filter(|(name, _)| name.parse::<usize>().is_ok()) {
            match value {
                Value::Object(node) => self.node(node, news.of_hole(name)),
                Value::Number(number) => self.component(&number.to_string()),
                _ => {}
            }
        }
    }

    fn component(&mut self, number: &str) {
        let is_skipped =
            self.skips && !self.is_component_patch && !self.listed.contains_key(number);
        let Some((number, _)) = self.components.get_key_value(number) else { return };
        if !is_skipped && self.reached.insert(number) {
            self.within(number);
        }
    }

    /// What stands in a component.
    fn within(&mut self, number: &str) {
        let Some(Value::Object(node)) = self.components.get(number) else { return };
        let news = match self.listed.get(number) {
            Some(Value::Object(members)) => News::Members(members).of_node(),
            _ => News::Nothing,
        };
        self.holes(node, news);
    }
}

impl<'a> News<'a> {
    /// Statics make everything below new.
    fn of_node(self) -> Self {
        match self {
            Self::Members(members) if replaces(members) => Self::All,
            news => news,
        }
    }

    fn of_hole(self, name: &str) -> Self {
        let Self::Members(members) = self else { return self };
        match members.get(name) {
            Some(Value::Object(members)) => Self::Members(members),
            _ => Self::Nothing,
        }
    }

    fn of_entry(self, index: &str) -> Self {
        let Self::Members(members) = self else { return self };
        match members.get("k").and_then(|entries| entries.get(index)) {
            Some(Value::Object(changes)) => Self::Members(changes),
            Some(Value::Array(moved)) => {
                moved.get(1).and_then(Value::as_object).map_or(Self::Nothing, Self::Members)
            }
            _ => Self::Nothing,
        }
    }
}
