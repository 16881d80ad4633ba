//! Nested views: live views inside another's template, each with a task and a topic of its own.
//!
//! What an author writes stands here. Which ones a view has placed is [`registry`]'s; mounting
//! them, joining them and ending them with their parent is the runtime's (`runtime::nested`).

use std::fmt::{self, Display};
use std::sync::Arc;

use crate::container::Container;
use crate::ended::{Ended, OnEnd};
use crate::template::{Render, Renderer};
use crate::view::LiveView;

pub(crate) mod registry;
mod row;

pub(crate) use row::{Row, RowProps};

#[doc = include_str!("docs/nested.md")]
#[must_use]
pub fn nested<V>(id: impl Display, extract: V::Extract) -> NestedView<V>
where
    V: LiveView,
    V::Extract: Clone + Sync,
{
    NestedView { id: id.to_string(), extract, container: V::container(), on_end: None }
}

/// A [`nested()`] view as a template places it.
pub struct NestedView<V: LiveView> {
    /// Tells it from the others of its parent.
    pub(crate) id: String,
    pub(crate) extract: V::Extract,
    pub(crate) container: Container,
    pub(crate) on_end: Option<OnEnd>,
}

impl<V: LiveView<Extract: Clone>> Clone for NestedView<V> {
    fn clone(&self) -> Self {
        let (id, extract) = (self.id.clone(), self.extract.clone());
        Self { id, extract, container: self.container.clone(), on_end: self.on_end.clone() }
    }
}

impl<V: LiveView<Extract: Clone + Sync>> NestedView<V> {
    /// Shows the view in this element instead of its own
    /// [`container`](LiveView::container).
    ///
    /// ```
    /// # use belvedere::{Container, LiveView, Render, live, nested};
    /// # fn page<Chat: LiveView<Extract = u32>>() -> impl Render {
    /// live! {
    ///     (nested::<Chat>("chat", 7).container(Container::new().tag("section").id("chat")))
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn container(mut self, container: Container) -> Self {
        self.container = container;
        self
    }

    /// Calls `listener` each time a view mounted here ends, with the reason; after a crash another is
    /// mounted when the browser joins again. The view around it, which cannot be called from there,
    /// hears of it by a message to itself.
    ///
    /// As all that a nested view is given, what is given first holds. `listener` must not block.
    ///
    /// ```
    /// # use belvedere::{Ended, LiveView, MessageSender, Render, live, nested};
    /// # fn page<Chat: LiveView<Extract = u32>>(sender: &MessageSender<Ended>) -> impl Render {
    /// let sender = sender.clone();
    /// live! {
    ///     (nested::<Chat>("chat", 7).on_end({
    ///         let sender = sender.clone();
    ///         // A view that has ended itself needs no message.
    ///         move |why| drop(sender.send(why))
    ///     }))
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn on_end(mut self, listener: impl Fn(Ended) + Send + Sync + 'static) -> Self {
        self.on_end = Some(Arc::new(listener));
        self
    }
}

impl<V: LiveView<Extract: Clone + Sync>> Render for NestedView<V> {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.nested(self);
    }
}

impl<V: LiveView> fmt::Debug for NestedView<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NestedView").field("view", &V::name()).finish_non_exhaustive()
    }
}

/// The last part of a nested view's DOM id: letters and digits as they are, every other byte as `_`
/// and two digits, so that the `-` between the parts tells which view is inside which.
pub(crate) fn id_part(id: &str) -> String {
    let mut part = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("_{byte:02x}"));
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::id_part;

    #[test]
    fn different_ids_are_different_and_fit_into_a_selector() {
        let ids = ["chat", "Chat", "chat-1", "chat_1", "chat_2d1", "é", "", " ", "\"", "_"];
        let mut parts: Vec<_> = ids.into_iter().map(id_part).collect();
        assert_eq!(parts[2], "chat_2d1");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        assert!(parts.iter().all(|part| part.bytes().all(fits)), "{parts:?}");
        parts.sort();
        parts.dedup();
        assert_eq!(parts.len(), ids.len());
    }
}
