//! [`Frames`]: renders alone, for benchmarks.

use crate::component::registry::Components;
use crate::component::{ComponentSocket, LiveComponent};
use crate::diff::{Attempt, Changes, Memory, frame, hash_key};
use crate::flash::Flash;
use crate::socket::Pending;
use crate::template::{Key, Render, Renderer};

/// What a view's task keeps for its renders, without the view, its page and its browser.
#[derive(Debug, Default)]
pub struct Frames {
    memory: Memory,
    components: Components,
    pending: Pending,
    flash: Flash,
    provided: http::Extensions,
}

impl Frames {
    /// Appends the members of the next message to `out`, with components loaded as `template` asks
    /// for them. `None` looks at components only.
    pub async fn render(&mut self, template: Option<&dyn Render>, out: &mut String) -> Changes {
        loop {
            Renderer::collect(&mut self.components);
            if self.components.has_wanted() {
                self.load().await;
                continue;
            }
            let (memory, components) = (&mut self.memory, &mut self.components);
            if let Some(changes) = frame(template, memory, components, out, Attempt::First) {
                return changes.all;
            }
            self.load().await;
        }
    }

    /// Gives a message to a component, if it is there.
    pub async fn send<C: LiveComponent>(&mut self, id: &impl Key, message: C::Message) {
        let name = (std::any::TypeId::of::<C>(), hash_key(id));
        let Some(number) = self.components.number(name) else { return };
        let Some(mut instance) = self.components.take(number) else { return };
        if let Some(handling) = instance.message(Box::new(message), self.socket()) {
            let _ = handling.await;
        }
        self.components.put_changed(number, instance);
    }

    /// Bytes kept until the next render, states of components left out.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.memory.bytes() + self.components.bytes()
    }

    async fn load(&mut self) {
        for (kind, batch) in self.components.take_wanted() {
            let (batch, _) = (kind.update)(batch, self.socket()).await;
            for (number, instance) in batch {
                self.components.put_changed(number, instance);
            }
        }
    }

    fn socket(&mut self) -> ComponentSocket<'_> {
        let Self { pending, flash, provided, .. } = self;
        ComponentSocket { pending, flash, provided }
    }
}
