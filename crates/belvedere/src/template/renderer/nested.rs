//! Rendering with nested views: in their place stands the text of their container.

use std::sync::Arc;

use super::{Mode, Renderer};
use crate::nested::{NestedView, Row, RowProps};
use crate::view::LiveView;

impl Renderer {
    /// Notes that the template being rendered places a portal. A row of a stream is not rendered
    /// again, so that nothing would be known of one there.
    pub(crate) fn portal(&mut self, id: &str) {
        if self.mode == Mode::Diff
            && !self.is_in_stream_row()
            && let Some(components) = &mut self.components
        {
            let (owner, _) = components.placing();
            components.nested.place_portal(owner, id);
        }
    }

    /// Fills the hole with the container of a nested view, or with nothing while it is not known.
    pub(crate) fn nested<V>(&mut self, placed: &NestedView<V>)
    where
        V: LiveView<Extract: Clone + Sync>,
    {
        if self.is_in_stream_row() {
            let props = RowProps(Arc::new(placed.clone()));
            return self.component::<Row<V>, str>(&placed.id, &props);
        }
        let template = self.template.map_or("", |statics| statics.location);
        self.begin_text();
        match &mut self.components {
            Some(components) => {
                let container = components.place_nested::<V>(template, placed);
                self.text.push_str(container.unwrap_or_default());
            }
            None => {
                tracing::error!(
                    template,
                    view = V::name(),
                    "a nested view is placed outside a live view"
                );
            }
        }
        let wrapper = self.mode == Mode::Diff && self.wrap_root();
        self.end_text();
        self.unwrap_root(wrapper);
    }
}
