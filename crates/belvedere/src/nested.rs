//! Nested views: live views inside another's template, each with a task and a topic of its own.
//!
//! What an author writes stands here. Which ones a view has placed is [`registry`]'s; mounting
//! them, joining them and ending them with their parent is the runtime's (`runtime::nested`).

use std::any::TypeId;
use std::fmt::{self, Display};
use std::sync::Arc;

use crate::component::registry::Components;
use crate::container::Container;
use crate::ended::{Ended, OnEnd};
use crate::runtime::seed::of_view::SeedOf;
use crate::template::{Render, Renderer};
use crate::view::LiveView;

pub(crate) mod in_layout;
pub(crate) mod registry;
mod row;

use registry::{Placed, Seed};
use row::{Row, RowProps};

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

impl<V: LiveView<Extract: Clone + Sync>> NestedView<V> {
    fn placed(&self) -> Placed<'_> {
        Placed { view: TypeId::of::<V>(), name: V::name(), id: &self.id }
    }

    /// What is kept of the first one that is placed.
    fn planted(&self) -> (Seed, Container) {
        let Self { extract, container, on_end, .. } = self.clone();
        (SeedOf::<V>::planted(extract, on_end), container)
    }
}

impl<V: LiveView<Extract: Clone + Sync>> Render for NestedView<V> {
    fn render_to(&self, renderer: &mut Renderer) {
        if renderer.is_in_stream_row() {
            let props = RowProps(Arc::new(self.clone()));
            return renderer.component::<Row<V>, str>(&self.id, &props);
        }
        let template = renderer.location();
        if !renderer.is_lent() {
            let view = V::name();
            tracing::error!(
                template,
                view,
                "a nested view is placed outside a live view; in a layout, say `in_layout`"
            );
            return renderer.empty();
        }
        renderer.ready(|components: &mut Components, html| {
            let container = components.place_nested(template, &self.placed(), || self.planted());
            html.push_str(container.unwrap_or_default());
        });
    }
}

impl<V: LiveView> fmt::Debug for NestedView<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NestedView").field("view", &V::name()).finish_non_exhaustive()
    }
}
