//! Rendering with nested views: in their place stands the text of their container.

use super::{Mode, Renderer};
use crate::view::LiveView;

impl Renderer {
    /// Fills the hole with the container of a nested view, or with nothing while it is not known.
    pub(crate) fn nested<V>(&mut self, id: &str, extract: &V::Extract)
    where
        V: LiveView<Extract: Clone + Sync>,
    {
        let template = self.template.map_or("", |statics| statics.location);
        self.begin_text();
        match &mut self.components {
            Some(components) => {
                let container = components.place_nested::<V>(template, id, extract);
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
