//! Rendering with live components: in the page's HTML they stand in their places, in a diff only
//! their numbers do.

use super::{Fill, Mode, Renderer};
use crate::component::registry::Components;
use crate::component::{ComponentId, LiveComponent};
use crate::diff::Attempt;
use crate::template::{Key, Render};

impl Renderer {
    /// Renders `template` with its components; `None` when some must be loaded first.
    pub(crate) fn html_with<T: Render + ?Sized>(
        template: &T,
        components: &mut Components,
        attempt: Attempt,
    ) -> Option<String> {
        Self::scoped(Mode::Html, |renderer| {
            components.begin_pass(true);
            renderer.lend(components, |renderer| renderer.live(template));
            let is_ready = attempt == Attempt::Final || !components.has_wanted();
            is_ready.then(|| renderer.text.clone())
        })
    }

    /// Finds out what the templates of components just loaded or changed place.
    pub(crate) fn collect(components: &mut Components) {
        Self::scoped(Mode::Collect, |renderer| {
            while let Some(number) = components.next_uncollected() {
                let Some(instance) = components.take(number) else { continue };
                components.begin_pass(false);
                components.enter(number);
                renderer.lend(components, |renderer| {
                    renderer.tree(|renderer| instance.render(ComponentId(number), renderer));
                });
                renderer.text.clear();
                components.put(number, instance);
            }
            components.collected();
        });
    }

    /// Runs a diff that may render components.
    pub(crate) fn diff_with<R>(
        components: &mut Components,
        render: impl FnOnce(&mut Self) -> R,
    ) -> R {
        Self::scoped(Mode::Diff, |renderer| renderer.lend(components, render))
    }

    fn lend<R>(&mut self, components: &mut Components, render: impl FnOnce(&mut Self) -> R) -> R {
        self.components = Some(std::mem::take(components));
        let rendered = render(self);
        *components = self.components.take().unwrap_or_default();
        rendered
    }

    /// The components of the view being rendered.
    pub(crate) fn components(&mut self) -> &mut Components {
        self.components.get_or_insert_default()
    }

    /// Renders one component's template as a root of its own.
    pub(crate) fn tree(&mut self, render: impl FnOnce(&mut Self)) {
        self.fill = Fill::default();
        render(self);
    }

    /// Fills the hole with a component.
    pub(crate) fn component<C: LiveComponent, K: Key + ?Sized>(
        &mut self,
        id: &K,
        props: &C::Props,
    ) {
        let template = self.template.map_or("", |statics| statics.location);
        let is_in_stream = self.is_in_stream_row();
        let Some(components) = &mut self.components else {
            tracing::error!(
                template,
                component = C::name(),
                "a component is placed outside a live view"
            );
            return self.empty();
        };
        let placed = components.place::<C>(template, id, props);
        if let Some(placement) = &placed {
            components.set_in_stream(placement.number, is_in_stream);
        }
        match (placed.filter(|placement| placement.is_loaded), self.mode) {
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
        let lists = std::mem::take(&mut self.lists);
        instance.render(ComponentId(number), self);
        self.lists = lists;
        self.components().leave(outer);
        self.components().put(number, instance);
        if !self.fill.is_filled {
            self.empty();
        }
    }

    fn component_slot(&mut self, number: u64) {
        self.begin_fill();
        let wrapper = self.wrap_root();
        let leads_to_change =
            self.differ.is_within_unopened_element() && self.components().is_changing(number);
        let row = self.differ.row_of_component();
        self.components().set_row(number, row);
        if self.differ.component(number, leads_to_change) {
            self.components().send_whole(number);
        }
        self.unwrap_root(wrapper);
        self.fill = Fill::FILLED;
    }
}
