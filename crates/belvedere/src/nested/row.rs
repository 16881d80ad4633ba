//! A nested view that stands right in a row of a stream, which no later render places again: a
//! component around it keeps it for as long as the browser has the row.

use std::sync::Arc;

use belvedere_macros::live;

use super::NestedView;
use crate::component::{ComponentId, ComponentSocket, LiveComponent};
use crate::error::Result;
use crate::template::Element;
use crate::view::LiveView;

/// The component around a nested view.
pub(crate) struct Row<V: LiveView>(Arc<NestedView<V>>);

/// What its row was given first; later values are ignored, as those of every nested view.
pub(crate) struct RowProps<V: LiveView>(pub(crate) Arc<NestedView<V>>);

impl<V: LiveView<Extract: Clone + Sync>> LiveComponent for Row<V> {
    type Props = RowProps<V>;
    type Event = ();
    type Message = ();

    fn mount(RowProps(view): &RowProps<V>) -> Self {
        Self(Arc::clone(view))
    }

    async fn update(&mut self, _: RowProps<V>, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        let view = NestedView::clone(&self.0);
        live! { div { (view) } }
    }

    fn name() -> &'static str {
        "nested"
    }
}

impl<V: LiveView> Clone for RowProps<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V: LiveView> PartialEq for RowProps<V> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
