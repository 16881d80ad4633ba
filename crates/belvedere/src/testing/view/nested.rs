//! The nested views of a page, as its browser finds them.

use std::fmt::Display;
use std::panic::Location;

use scraper::ElementRef;

use crate::nested::registry::{NUMBER, id_part};
use crate::testing::app::page_token;
use crate::testing::dom::Dom;
use crate::testing::view::TestView;
use crate::wire::keys;

impl TestView {
    /// Joins the nested view with this id, as the browser does when its container is new to the
    /// page: after the page's own join, after a reconnect, and when a diff has brought it.
    ///
    /// # Panics
    ///
    /// When this view shows none with this id, the join is refused, or the browser would not join it.
    #[track_caller]
    pub fn child(&self, id: impl Display) -> impl Future<Output = Self> {
        self.open_child(id).joined_at(Location::caller())
    }

    /// The nested view with this id on this view's socket, not joined yet; for tests of joins that
    /// are refused.
    ///
    /// # Panics
    ///
    /// When this view shows none with this id, or the browser would not join it: because it believes
    /// that a view with the id of its container is joined already, whose element has gone without its
    /// notice, in a row of a stream or in a portal.
    #[must_use]
    #[track_caller]
    pub fn open_child(&self, id: impl Display) -> Self {
        let parent = self.topic.strip_prefix(keys::TOPIC_VIEW_PREFIX).unwrap_or_default();
        let id = id.to_string();
        let shown = Dom::of(&self.html());
        let inside = format!("[data-phx-parent-id='{parent}']");
        let container = shown.all(&inside).find(|container| self.is_called(*container, &id));
        let Some(container) = container else {
            panic!("no nested view has the id {id:?} in:\n{}", self.html());
        };
        let dom_id = container.attr("id").unwrap_or_default().to_owned();
        assert!(
            !self.browser.believes_in(&dom_id),
            "the browser does not join the nested view {id:?}: it still knows one as `#{dom_id}`, \
             whose element has gone without its notice",
        );
        // The browser keeps what the first response has said, unless the element is new.
        let first = Dom::of(&self.first_html);
        let selector = format!("[id='{dom_id}'][data-phx-parent-id='{parent}']");
        let first = first.all(&selector).next();
        let first = first.filter(|_| !self.browser.has_renewed(&dom_id));
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
            kept: self.kept.clone(),
            ..Self::new(
                self.app.clone(),
                self.tab.clone(),
                self.csrf_token.clone(),
                self.first_html.clone(),
            )
        }
    }

    /// Joins the view with this id that the page's layout has placed, as the browser does when it has
    /// loaded the page, and after a reconnect. From then on it stays, wherever the page navigates; where
    /// it sends the page, that goes when the page itself is next asked or [settles](Self::settle).
    ///
    /// # Panics
    ///
    /// When the layout has placed none with this id, or the join is refused.
    #[track_caller]
    pub fn in_layout(&self, id: impl Display) -> impl Future<Output = Self> {
        self.open_in_layout(id).joined_at(Location::caller())
    }

    /// The view with this id in the page's layout, not joined yet; for tests of joins that are refused.
    ///
    /// # Panics
    ///
    /// When the layout has placed none with this id.
    #[must_use]
    #[track_caller]
    pub fn open_in_layout(&self, id: impl Display) -> Self {
        let id = id.to_string();
        let page = Dom::of(&self.first_html);
        let in_layout = "[data-phx-session]:not([data-phx-main]):not([data-phx-parent-id])";
        let container = page.all(in_layout).find(|container| self.is_called(*container, &id));
        let Some(container) = container else {
            panic!("no view in the layout has the id {id:?} in:\n{}", self.first_html);
        };
        let attribute = |name| container.attr(name).unwrap_or_default().to_owned();
        let topic = format!("{}{}", keys::TOPIC_VIEW_PREFIX, attribute("id"));
        self.tab.open(&topic);
        self.tab.shows(self.journey().url());
        Self {
            document: Some(self.journey().document_url.clone()),
            mounts: self.kept.mounts(&topic),
            topic,
            session: attribute("data-phx-session"),
            statics: container
                .attr("data-phx-static")
                .filter(|it| !it.is_empty())
                .map(str::to_owned),
            kept: self.kept.clone(),
            ..Self::new(
                self.app.clone(),
                self.tab.clone(),
                self.csrf_token.clone(),
                self.first_html.clone(),
            )
        }
    }

    /// Whether a container is of the nested view with this id, or has it itself.
    fn is_called(&self, container: ElementRef<'_>, id: &str) -> bool {
        let token = container.attr("data-phx-session").unwrap_or_default();
        let instance = page_token(&self.app.runtime, token).instance;
        let part = instance.rsplit_once('-').map_or("", |(_, part)| part);
        let part = part.split_once(NUMBER).map_or(part, |(part, _)| part);
        part == id_part(id) || container.attr("id") == Some(id)
    }
}
