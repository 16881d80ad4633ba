//! [`Frames`]: renders alone, for benchmarks.

use std::fmt;
use std::sync::Arc;

use crate::component::frame::frame;
use crate::component::registry::{Attempt, Components};
use crate::component::{ComponentSocket, LiveComponent, id, render};
use crate::diff::{Changes, Memory};
use crate::flash::Flash;
use crate::runtime::in_flight::InFlight;
use crate::runtime::mailbox::{Inbox, Mailbox};
use crate::socket::pending::Pending;
use crate::socket::pieces::Pieces;
use crate::socket::tasks::Tasks;
use crate::telemetry::{PageTrace, ViewIdentity};
use crate::template::{Key, Render};
use crate::visit::Visit;

/// What a view's task keeps for its renders, without the view, its page and its browser.
pub struct Frames {
    memory: Memory,
    components: Components,
    pending: Pending,
    flash: Flash,
    provided: http::Extensions,
    visit: Visit,
    tasks: Tasks,
    pieces: Pieces,
    /// Takes nothing: what components send after a callback has nobody to handle it.
    inbox: Arc<dyn Inbox>,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            memory: Memory::default(),
            components: Components::default(),
            pending: Pending::default(),
            flash: Flash::default(),
            provided: http::Extensions::default(),
            visit: Visit::default(),
            tasks: Tasks::default(),
            pieces: Pieces::default(),
            inbox: Arc::new(Mailbox::<()>::new(0, Arc::<InFlight>::default())),
        }
    }
}

impl Frames {
    /// Appends the members of the next message to `out`, with components loaded as `template` asks
    /// for them. `None` looks at components only.
    pub async fn render(&mut self, template: Option<&dyn Render>, out: &mut String) -> Changes {
        loop {
            render::collect(&mut self.components);
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
        let name = id::name::<C>(id);
        let Some(number) = self.components.number(name) else { return };
        let Some(mut instance) = self.components.take(number) else { return };
        if let Some(handling) = instance.message(Box::new(message), self.socket(C::name())) {
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
            let (batch, _) = (kind.update)(batch, self.socket(kind.name)).await;
            for (number, instance) in batch {
                self.components.put_changed(number, instance);
            }
        }
    }

    fn socket(&mut self, component: &'static str) -> ComponentSocket<'_> {
        let Self { pending, flash, provided, visit, tasks, pieces, inbox, .. } = self;
        let identity =
            ViewIdentity { view: "Frames", route: "", view_id: "", page: PageTrace::current() };
        let inbox = Arc::clone(inbox);
        ComponentSocket {
            pending,
            flash,
            provided,
            visit,
            tasks,
            pieces,
            inbox,
            identity,
            view_dom_id: "",
            component,
        }
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, components, .. } = self;
        let mut frames = formatter.debug_struct("Frames");
        frames.field("memory", memory).field("components", components).finish_non_exhaustive()
    }
}
