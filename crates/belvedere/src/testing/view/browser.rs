//! What a browser does by itself with the views nested in a page: which it forgets, which it goes on
//! believing in, and which components it says farewell to.

use std::collections::{BTreeMap, BTreeSet};

use scraper::ElementRef;
use serde_json::{Map, Value, json};

use crate::diff;
use crate::testing::dom::Dom;
use crate::testing::view::TestView;
use crate::wire::keys;

/// Of a view that nests others; empty for all others.
#[derive(Debug, Default)]
pub(super) struct Browser {
    /// The page as the last message left it.
    html: String,
    components: BTreeSet<u64>,
    /// Containers that are gone, of views that the browser still believes in: it joins no other with
    /// the same id.
    believed: BTreeSet<String>,
    /// Containers that have gone at some time: those with the same ids are not of the first response.
    renewed: BTreeSet<String>,
    /// The next message is the answer to a join: all nested views are joined anew.
    is_joining: bool,
    /// Components that have left the page since the last farewell.
    left: Vec<u64>,
}

impl Browser {
    /// Whether the browser would not join a container with this id.
    pub(super) fn believes_in(&self, id: &str) -> bool {
        self.believed.contains(id)
    }

    /// Whether a container with this id is not the one of the first response.
    pub(super) fn has_renewed(&self, id: &str) -> bool {
        self.renewed.contains(id)
    }

    /// A join was answered: the views nested in what was shown before went with it.
    pub(super) fn joined(&mut self) {
        self.is_joining = true;
        self.components.clear();
    }

    /// A message was merged into `tree`.
    fn update(&mut self, tree: &Value) {
        let html = diff::to_html(tree).unwrap_or_default();
        let (old, new) = (Dom::of(&self.html), Dom::of(&html));
        let ids = |dom: &Dom| -> BTreeSet<String> {
            dom.all("[id]").filter_map(|element| Some(element.attr("id")?.to_owned())).collect()
        };
        let after = ids(&new);
        for container in old.all("[data-phx-parent-id]") {
            let id = container.attr("id").unwrap_or_default();
            if after.contains(id) {
                continue;
            }
            self.renewed.insert(id.to_owned());
            if is_unnoticed(container, &after) {
                self.believed.insert(id.to_owned());
            } else {
                self.believed.remove(id);
            }
        }
        drop((old, new));
        if std::mem::take(&mut self.is_joining) {
            self.believed.clear();
        }
        let components = shown(tree);
        self.left.extend(self.components.difference(&components));
        (self.html, self.components) = (html, components);
    }
}

/// Whether the browser removes a container without looking into what it removes: the row of a stream,
/// and the content of a portal.
fn is_unnoticed(container: ElementRef<'_>, after: &BTreeSet<String>) -> bool {
    let is_shown =
        |element: &ElementRef<'_>| element.attr("id").is_some_and(|id| after.contains(id));
    container.ancestors().filter_map(ElementRef::wrap).any(|around| {
        let list = around.parent().and_then(ElementRef::wrap);
        let is_row =
            list.is_some_and(|list| list.attr("phx-update") == Some("stream") && is_shown(&list));
        let is_portal = around.attr("data-phx-portal").is_some();
        (is_row || is_portal) && around.attr("id").is_some() && !is_shown(&around)
    })
}

/// The numbers of the components that a tree shows.
fn shown(tree: &Value) -> BTreeSet<u64> {
    fn visit(
        node: &Map<String, Value>,
        components: &Map<String, Value>,
        found: &mut BTreeSet<u64>,
    ) {
        let holes = node.iter().filter(|(name, _)| name.parse::<usize>().is_ok());
        for (_, hole) in holes {
            match hole {
                Value::Object(inner) => visit(inner, components, found),
                Value::Number(number) => {
                    let inner = components.get(&number.to_string()).and_then(Value::as_object);
                    if let (Some(number), Some(inner)) = (number.as_u64(), inner)
                        && found.insert(number)
                    {
                        visit(inner, components, found);
                    }
                }
                _ => {}
            }
        }
        for entry in node.get(keys::KEYED).and_then(Value::as_object).into_iter().flatten() {
            if let (_, Value::Object(entry)) = entry {
                visit(entry, components, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    let none = Map::new();
    if let Value::Object(root) = tree {
        let components = root.get(keys::COMPONENTS).and_then(Value::as_object).unwrap_or(&none);
        visit(root, components, &mut found);
    }
    found
}

impl TestView {
    /// A message was merged.
    pub(super) fn page_changed(&mut self) {
        let Some(tree) = &self.tree else { return };
        let nests =
            !self.browser.html.is_empty() || tree.to_string().contains("data-phx-parent-id");
        if nests {
            self.browser.update(tree);
        }
    }

    /// Says farewell to components that have left the page, as the browser does at once, in two
    /// steps.
    pub(super) async fn say_farewell(&mut self) {
        let left = std::mem::take(&mut self.browser.left);
        if left.is_empty() || !self.is_joined() {
            return;
        }
        self.farewell("cids_will_destroy", &left).await;
        let gone: Vec<u64> =
            left.into_iter().filter(|number| !self.browser.components.contains(number)).collect();
        if gone.is_empty() {
            return;
        }
        self.farewell("cids_destroyed", &gone).await;
    }

    async fn farewell(&mut self, event: &str, numbers: &[u64]) {
        let message_ref = self.tab.next_ref().to_string();
        let payload = json!({ "cids": numbers });
        let frame = json!([self.join_ref, message_ref, self.topic, event, payload]).to_string();
        self.farewells.insert(message_ref);
        Box::pin(self.send_text(frame)).await;
    }

    /// The server has answered a farewell: the browser forgets the components that it names.
    pub(super) fn farewell_answered(&mut self, message_ref: &str, response: &Value) -> bool {
        let is_farewell = self.farewells.remove(message_ref);
        let cids = response[keys::CIDS].as_array().cloned().unwrap_or_default();
        let components = self.tree.as_mut().and_then(|tree| tree.get_mut(keys::COMPONENTS));
        if let (true, Some(Value::Object(components))) = (is_farewell, components) {
            cids.iter().for_each(|cid| drop(components.remove(&cid.to_string())));
        }
        is_farewell
    }
}

/// Ids that more than one element has.
pub(super) fn repeated_ids(html: &str) -> Vec<String> {
    let dom = Dom::of(html);
    let mut counts = BTreeMap::<String, usize>::new();
    for id in dom.all("[id]").filter_map(|element| Some(element.attr("id")?.to_owned())) {
        *counts.entry(id).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(id, _)| id).collect()
}

/// Forms whose text the browser does not send again when the page has joined anew.
pub(super) fn forms_without_id(html: &str) -> Vec<String> {
    let dom = Dom::of(html);
    dom.all("form[phx-change]:not([id])").map(|form| form.html()).collect()
}
