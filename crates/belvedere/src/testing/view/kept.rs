//! [`Kept`]: what the page's script keeps of its views, and gives back with their joins.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::TestView;
use crate::testing::dom::Dom;
use crate::wire::keys;

/// Brings a snapshot of a view.
const EVENT: &str = "live_view:snapshot";

/// By topic, for the views of one page; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<HashMap<String, String>>>);

impl Kept {
    fn with<T>(&self, then: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TestView {
    /// What the page's script keeps of this view for the next server, sealed; see
    /// [`LiveView::snapshot`](crate::LiveView::snapshot).
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        self.kept.with(|kept| kept.get(&self.topic).cloned())
    }

    /// Takes an event that the server has pushed: `["saved",{"id":1}]`.
    pub(super) fn heard(&mut self, mut event: Value) {
        let name = event[0].as_str().unwrap_or_default().to_owned();
        if name != EVENT {
            self.events.push((name, event[1].take()));
            return;
        }
        self.kept.with(|kept| match event[1]["kept"].as_str() {
            Some(sealed) => kept.insert(self.topic.clone(), sealed.to_owned()),
            None => kept.remove(&self.topic),
        });
    }

    /// Adds it to the payload of a join.
    pub(super) fn bring_kept(&self, payload: &mut Value) {
        if let Some(kept) = self.kept() {
            payload["params"]["_snapshot"] = kept.into();
        }
    }

    /// The elements with which the script has kept it are gone: the view's, and those of views in it.
    pub(super) fn forget_kept(&self) {
        let page = Dom::of(&self.tree.as_ref().map(|_| self.html()).unwrap_or_default());
        let ids = page.all("[data-phx-parent-id][id]").filter_map(|element| element.attr("id"));
        let mut gone: Vec<_> = ids.map(|id| format!("{}{id}", keys::TOPIC_VIEW_PREFIX)).collect();
        gone.push(self.topic.clone());
        let is_gone = |topic: &str| gone.iter().any(|gone| topic.starts_with(&**gone));
        self.kept.with(|kept| kept.retain(|topic, _| !is_gone(topic)));
    }
}
