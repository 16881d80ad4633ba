//! What a page shows.

use crate::diff;
use crate::testing::dom::{Dom, text_of};
use crate::testing::streams;
use crate::testing::view::{Outcome, TestView, browser};

impl TestView {
    /// The view's HTML, as the client builds it from what it was sent. The containers of nested
    /// views are empty in it: what stands in them is their own HTML.
    ///
    /// # Panics
    ///
    /// When the view is not joined, the tree cannot be rendered, two elements have one id, a form
    /// with `phx-change` has none, or the items of a stream stand where a browser would not keep them.
    #[must_use]
    #[track_caller]
    pub fn html(&self) -> String {
        if let Outcome::Loaded(_) = self.outcome {
            return self.first_html.to_string();
        }
        let tree = self.tree.as_ref().expect("the view is joined");
        let html = diff::to_html(tree).expect("the server keeps the tree well-formed");
        streams::check(tree, &html);
        let repeated = browser::repeated_ids(&html);
        assert!(repeated.is_empty(), "several elements have one id, {repeated:?}, in:\n{html}");
        let nameless = browser::forms_without_id(&html);
        assert!(
            nameless.is_empty(),
            "a form with `phx-change` and no `id` loses what was typed with the connection: {nameless:?}"
        );
        html
    }

    /// Text of the only element that matches a CSS selector.
    ///
    /// # Panics
    ///
    /// When none or several match.
    #[must_use]
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        text_of(Dom::of(&self.html()).one(selector))
    }

    /// Text of every element that matches a CSS selector, in document order.
    #[must_use]
    #[track_caller]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        Dom::of(&self.html()).texts(selector)
    }

    /// Value of an attribute of the only element that matches a CSS selector.
    ///
    /// # Panics
    ///
    /// When none or several match.
    #[must_use]
    #[track_caller]
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        Dom::of(&self.html()).one(selector).attr(name).map(str::to_owned)
    }
}
