//! [`Kept`]: what the page's script keeps of its views, and says with their joins.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::TestView;
use crate::socket::pending::REFUSED_EVENT;
use crate::testing::dom::Dom;
use crate::wire::keys;

/// Brings a snapshot of a view.
const EVENT: &str = "live_view:snapshot";

/// The number of the last join of any page.
static LAST_JOIN: AtomicU32 = AtomicU32::new(0);

/// By topic, for the views of one page; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<HashMap<String, OfElement>>>);

/// What goes with the element of a view.
#[derive(Debug, Default)]
struct OfElement {
    snapshot: Option<String>,
    /// The number of its last join.
    join: u32,
    /// The number of the last one that was answered.
    seen: u32,
    /// How many were answered.
    mounts: u32,
}

impl Kept {
    /// How many joins of a view the page has seen answered.
    pub(super) fn mounts(&self, topic: &str) -> u32 {
        self.of(topic, |own| own.mounts)
    }

    fn of<T>(&self, topic: &str, then: impl FnOnce(&mut OfElement) -> T) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        then(kept.entry(topic.to_owned()).or_default())
    }
}

impl TestView {
    /// What the page's script keeps of this view for the next server, sealed; see
    /// [`LiveView::snapshot`](crate::LiveView::snapshot).
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        self.kept.of(&self.topic, |own| own.snapshot.clone())
    }

    /// Takes an event that the server has pushed: `["saved",{"id":1}]`.
    pub(super) fn heard(&mut self, mut event: Value) {
        let name = event[0].as_str().unwrap_or_default().to_owned();
        if name == REFUSED_EVENT {
            return;
        }
        if name != EVENT {
            self.events.push((name, event[1].take()));
            return;
        }
        let snapshot = event[1]["kept"].as_str().map(str::to_owned);
        self.kept.of(&self.topic, |own| own.snapshot = snapshot);
    }

    /// Numbers a join, and says in its payload which one was answered last.
    pub(super) fn number_join(&self, payload: &mut Value) {
        let join = LAST_JOIN.fetch_add(1, Ordering::Relaxed) + 1;
        let seen = self.kept.of(&self.topic, |own| {
            own.join = join;
            own.seen
        });
        payload["params"]["_join"] = join.into();
        payload["params"]["_seen"] = seen.into();
    }

    /// The last join was answered.
    pub(super) fn join_seen(&self) {
        self.kept.of(&self.topic, |own| {
            own.seen = own.join;
            own.mounts += 1;
        });
    }

    /// Adds it to the payload of a join.
    pub(super) fn bring_kept(&self, payload: &mut Value) {
        if let Some(kept) = self.kept() {
            payload["params"]["_snapshot"] = kept.into();
        }
    }

    /// The elements with which the script has kept it are gone: the view's, and those of views in it. Those of the
    /// layout, whose names begin alike, stay.
    pub(super) fn forget_kept(&self) {
        let page = Dom::of(&self.tree.as_ref().map(|_| self.html()).unwrap_or_default());
        let ids = page.all("[data-phx-parent-id][id]").filter_map(|element| element.attr("id"));
        let nested: Vec<_> = ids.map(|id| format!("{}{id}", keys::TOPIC_VIEW_PREFIX)).collect();
        let is_nested = |topic: &str| nested.iter().any(|nested| topic.starts_with(&**nested));
        let is_gone = |topic: &str| topic == self.topic || is_nested(topic);
        let mut kept = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|topic, _| !is_gone(topic));
    }
}
