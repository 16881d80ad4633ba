//! The nested views of a page, as its browser finds them.

use std::fmt::Display;

use crate::nested::id_part;
use crate::testing::dom::Dom;
use crate::testing::view::TestView;
use crate::wire::keys;

impl TestView {
    /// Joins the nested view with this id, as the browser does when its container is new to the
    /// page: after the page's own join, after a reconnect, and when a diff has brought it.
    ///
    /// # Panics
    ///
    /// When this view shows none with this id, or the join is refused.
    pub async fn child(&self, id: impl Display) -> Self {
        let mut child = self.open_child(id);
        child.join().await;
        assert!(child.is_joined(), "the join was refused: {:?}", child.outcome());
        child
    }

    /// The nested view with this id on this view's socket, not joined yet; for tests of joins that
    /// are refused.
    ///
    /// # Panics
    ///
    /// When this view shows none with this id.
    #[must_use]
    pub fn open_child(&self, id: impl Display) -> Self {
        let parent = self.topic.strip_prefix(keys::TOPIC_VIEW_PREFIX).unwrap_or_default();
        let dom_id = format!("{parent}-{}", id_part(&id.to_string()));
        let selector = format!("[id='{dom_id}'][data-phx-parent-id='{parent}']");
        let shown = Dom::of(&self.html());
        let container = shown.one(&selector);
        // The browser keeps what the first response has said, unless the element is new.
        let first = Dom::of(&self.first_html);
        let first = first.all(&selector).next();
        let statics = first.and_then(|first| first.attr("data-phx-static"));
        let attribute = |name| container.attr(name).unwrap_or_default().to_owned();
        let topic = format!("{}{dom_id}", keys::TOPIC_VIEW_PREFIX);
        self.tab.open(&topic);
        Self {
            url: None,
            topic,
            session: attribute("data-phx-session"),
            statics: statics.map(str::to_owned).filter(|statics| !statics.is_empty()),
            mounts: self.mounts.saturating_sub(1),
            ..Self::new(
                self.app.clone(),
                self.tab.clone(),
                self.csrf_token.clone(),
                self.first_html.clone(),
            )
        }
    }
}
