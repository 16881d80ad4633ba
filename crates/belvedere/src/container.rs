//! [`Container`]: the element that a live view's content stands in, as its author wants it.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Longest id of a container, in bytes: it is part of every frame of its view.
const MAX_ID_BYTES: usize = 64;

/// Elements whose content is not parsed as elements, or that have none.
const UNFIT_TAGS: [&str; 20] = [
    "area", "base", "body", "br", "col", "embed", "head", "hr", "html", "img", "input", "link",
    "meta", "script", "source", "style", "template", "textarea", "title", "wbr",
];

/// The element that a live view's content stands in: its tag, id, classes and other attributes.
///
/// The default is a `div` whose id the runtime chooses. A view says what it wants with
/// [`LiveView::container`](crate::LiveView::container), and who places a
/// [`nested`](crate::nested()) one may say otherwise with
/// [`NestedView::container`](crate::NestedView::container). It is fixed for as long as the view is on
/// the page; what changes belongs inside.
///
/// ```
/// use belvedere::Container;
///
/// let chat = Container::new()
///     .tag("section")
///     .id("chat")
///     .class("panel wide")
///     .attribute("aria-label", "Chat");
/// assert_eq!(chat, Container::new().tag("section").id("chat").class("panel wide")
///     .attribute("aria-label", "Chat"));
/// ```
///
/// What cannot stand in a page (a name that is none, an id that is taken) is left out, and the log
/// says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    tag: Option<&'static str>,
    pub(crate) id: Option<Cow<'static, str>>,
    class: Cow<'static, str>,
    attributes: Vec<(&'static str, Cow<'static, str>)>,
}

impl Container {
    /// A `div` with an id of the runtime's.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another element, such as `section`, or `tr` between the rows of a table.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = Some(tag);
        self
    }

    /// A lasting id, for style sheets, scripts and links: at most 64 letters, digits, `-` and `_`,
    /// beginning with a letter, and not with `phx-`, which the runtime's own ids do. It must be
    /// unique in the page; each browser tab may have the same.
    ///
    /// In a row of a stream the id is followed by `__` and a number once a nested view has gone from
    /// the page, because the browser never forgets the id of a view whose row is gone: use a class
    /// there.
    #[must_use]
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Classes, with blanks between them. The browser adds `phx-connected` and the like.
    #[must_use]
    pub fn class(mut self, class: impl Into<Cow<'static, str>>) -> Self {
        self.class = class.into();
        self
    }

    /// One more attribute; neither `id` nor `class`, nor one whose name begins with `data-phx-`.
    #[must_use]
    pub fn attribute(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// The author's id, if it may stand in a page. `view` is for the log.
    pub(crate) fn usable_id(&self, view: &str) -> Option<&str> {
        let id = self.id.as_deref()?;
        let is_usable = is_id(id);
        if !is_usable {
            tracing::error!(
                view,
                id,
                "a container's id is at most 64 letters, digits, `-` and `_`, begins with a letter \
                 and not with `phx-`; the runtime's own is used instead"
            );
        }
        is_usable.then_some(id)
    }

    /// Tag, and attributes without the id: a live navigation keeps that of the page's container.
    pub(crate) fn parts(&self, view: &str) -> (&'static str, Vec<(&str, &str)>) {
        let class = Some(("class", &*self.class)).filter(|(_, class)| !class.is_empty());
        let others = self.attributes.iter().filter(|(name, _)| is_free(view, name));
        let others = others.map(|(name, value)| (*name, &**value));
        let tag = self.tag.filter(|tag| is_fit(view, tag)).unwrap_or("div");
        (tag, class.into_iter().chain(others).collect())
    }

    /// The element with `id`, the runtime's `marks` and `html` in it. Marks need no escaping.
    pub(crate) fn element(&self, view: &str, id: &str, marks: &str, html: &str) -> String {
        let tag = self.tag.filter(|tag| is_fit(view, tag)).unwrap_or("div");
        let mut element = String::with_capacity(html.len() + marks.len() + 64);
        element.extend(["<", tag, " id=\"", id, "\""]);
        if !self.class.is_empty() {
            attribute(&mut element, "class", &self.class);
        }
        for (name, value) in self.attributes.iter().filter(|(name, _)| is_free(view, name)) {
            attribute(&mut element, name, value);
        }
        element.extend([marks, ">", html, "</", tag, ">"]);
        element
    }
}

/// An element's id: `phx-` and 96 random bits, in characters that CSS ids may hold.
pub(crate) fn random_id() -> String {
    let mut id = String::from("phx-");
    URL_SAFE_NO_PAD.encode_string(rand::random::<[u8; 12]>(), &mut id);
    id
}

fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"");
    // Writing to a string cannot fail.
    let _ = maud::Escaper::new(out).write_str(value);
    out.push('"');
}

fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let begins_well = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    begins_well && !id.starts_with("phx-") && id.len() <= MAX_ID_BYTES && id.bytes().all(fits)
}

fn is_fit(view: &str, tag: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_name =
        tag.bytes().all(fits) && tag.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let is_fit = is_name && !UNFIT_TAGS.iter().any(|unfit| unfit.eq_ignore_ascii_case(tag));
    if !is_fit {
        tracing::error!(view, tag, "a container cannot be this element; it is a `div`");
    }
    is_fit
}

fn is_free(view: &str, name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.');
    let is_name = !name.is_empty() && name.bytes().all(fits);
    let lower = name.to_ascii_lowercase();
    let is_own = matches!(&*lower, "id" | "class") || lower.starts_with("data-phx-");
    if !is_name || is_own {
        tracing::error!(view, name, "a container cannot have this attribute; it is left out");
    }
    is_name && !is_own
}

#[cfg(test)]
mod tests {
    use super::Container;

    #[test]
    fn values_are_escaped_and_what_is_no_name_is_left_out() {
        let container = Container::new()
            .tag("section")
            .class("a \"b\"")
            .attribute("title", "<1> & \"2\"")
            .attribute("on click", "x")
            .attribute("ID", "x")
            .attribute("data-phx-session", "x");
        assert_eq!(
            container.element("V", "phx-1", " data-m", "in"),
            "<section id=\"phx-1\" class=\"a &quot;b&quot;\" \
             title=\"&lt;1&gt; &amp; &quot;2&quot;\" data-m>in</section>",
        );
        let attributes = vec![("class", "a \"b\""), ("title", "<1> & \"2\"")];
        assert_eq!(container.parts("V"), ("section", attributes));
        for tag in ["", "1", "a b", "script", "IMG", "<i>"] {
            assert_eq!(Container::new().tag(tag).element("V", "x", "", ""), "<div id=\"x\"></div>");
        }
    }

    #[test]
    fn ids_are_those_that_fit_into_a_selector_and_are_not_the_runtimes() {
        let long = "x".repeat(65);
        for id in ["chat", "chat-1", "Chat_2"] {
            assert_eq!(Container::new().id(id).usable_id("V"), Some(id));
        }
        for id in ["", "1", "-a", "phx-1", "a b", "a\"b", "é", &*long] {
            assert_eq!(Container::new().id(id.to_owned()).usable_id("V"), None, "{id}");
        }
    }
}
