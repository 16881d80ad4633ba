//! Rendering with live components: in the page's HTML they stand in their places, in a diff only
//! their numbers do. [`Components`] is lent to the renderer for as long.

use super::registry::{Attempt, Components};
use super::{ComponentId, LiveComponent};
use crate::template::renderer::{Lent, Mode};
use crate::template::{Key, Render, Renderer};

impl Lent for Components {
    fn stream_lost(&mut self) {
        self.note_lost_stream();
    }

    fn lacks_row(&self, stream: &str, row: &str) -> bool {
        Self::lacks_row(self, stream, row)
    }
}

/// Renders `template` with its components; `None` when some must be loaded first.
pub(crate) fn html<T: Render + ?Sized>(
    template: &T,
    components: &mut Components,
    attempt: Attempt,
) -> Option<String> {
    Renderer::lending(Mode::Html, components, |renderer| {
        renderer.components().begin_pass(true);
        renderer.live(template);
        let is_ready = attempt == Attempt::Final || !renderer.components().has_wanted();
        is_ready.then(|| renderer.html_so_far().to_owned())
    })
}

/// Finds out what the templates of components just loaded or changed place.
pub(crate) fn collect(components: &mut Components) {
    Renderer::lending(Mode::Collect, components, |renderer| {
        while let Some(number) = renderer.components().next_uncollected() {
            let Some(instance) = renderer.components().take(number) else { continue };
            renderer.components().begin_pass(false);
            renderer.components().enter(number);
            renderer.tree(|renderer| instance.render(ComponentId(number), renderer));
            renderer.forget_html();
            renderer.components().put(number, instance);
        }
        renderer.components().collected();
    });
}

impl Renderer {
    /// The components of the view being rendered.
    pub(crate) fn components(&mut self) -> &mut Components {
        self.lent()
    }

    /// Fills the hole with a component.
    pub(crate) fn component<C: LiveComponent, K: Key + ?Sized>(
        &mut self,
        id: &K,
        props: &C::Props,
    ) {
        let template = self.location();
        if !self.is_lent() {
            tracing::error!(
                template,
                component = C::name(),
                "a component is placed outside a live view"
            );
            return self.empty();
        }
        let is_in_stream = self.is_in_stream_row();
        let placed = self.components().place::<C>(template, id, props);
        if let Some(placement) = &placed {
            self.components().set_in_stream(placement.number, is_in_stream);
        }
        match (placed.filter(|placement| placement.is_loaded), self.mode()) {
            (None, _) | (_, Mode::Collect) => self.empty(),
            (Some(placement), Mode::Html) => self.component_in_place(placement.number),
            (Some(placement), Mode::Diff) => self.component_slot(placement.number),
        }
    }

    fn component_in_place(&mut self, number: u64) {
        let Some(instance) = self.components().take(number) else {
            return self.empty();
        };
        let outer = self.components().enter(number);
        self.in_place(|renderer| instance.render(ComponentId(number), renderer));
        self.components().leave(outer);
        self.components().put(number, instance);
    }

    fn component_slot(&mut self, number: u64) {
        self.slot(|renderer| {
            let is_skipped = renderer.differ.is_within_unopened_element();
            let leads_to_change = is_skipped && renderer.components().is_changing(number);
            let row = renderer.differ.row_of_component();
            renderer.components().set_row(number, row);
            if renderer.differ.component(number, leads_to_change) {
                renderer.components().send_whole(number);
            }
        });
    }
}
