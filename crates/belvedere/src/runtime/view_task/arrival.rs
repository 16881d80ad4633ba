//! A piece of work has come to its end, and the page shows it.

use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::runtime::mailbox::Arrival;
use crate::runtime::view_task::ViewTask;
use crate::runtime::view_task::answer::Scope;
use crate::runtime::{arrivals, components};
use crate::telemetry::{Act, FailOnPanic, PageTrace};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// The span of the act, unless nobody waits for the piece any more.
    pub(super) async fn arrival(
        &mut self,
        arrival: Arrival,
        piece: PageTrace,
        queued: Instant,
    ) -> Option<Span> {
        if !self.socket.pieces.arrives(arrival.number) {
            return None;
        }
        let act = match arrival.component {
            None => Act::Loaded(arrival.name),
            Some(component) => Act::ComponentLoaded(component, arrival.name),
        };
        let (is_views, name) = (arrival.owner.is_none(), arrival.name);
        let span = self.message_span(act, piece, queued);
        async {
            let _panic = FailOnPanic::new(&span, name);
            let flash = self.socket.flash.clone();
            let Self { view, socket, runtime, .. } = self;
            arrivals::settle(runtime, view, socket, arrival, || span.clone());
            // Now, though no frame may follow: other messages to the same components wait behind.
            components::deliver(view, socket).await;
            self.dirtied(match is_views {
                true => Scope::View,
                false => Scope::of_component(&flash, &self.socket.flash),
            });
        }
        .instrument(span.clone())
        .await;
        Some(span)
    }
}
