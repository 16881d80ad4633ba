//! How a view parts from its browser, for now or for good: the server goes away, the browser has gone, or
//! nothing is kept any more; and its last callbacks.

use tracing::Instrument;

use crate::diff::Memory;
use crate::ended::Ended;
use crate::runtime::mailbox::Inbox;
use crate::runtime::outbox::Outgoing;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::CloseReason;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry::{self, Act};
use crate::view::{LiveView, is_left_out};

impl<V: LiveView> ViewTask<V> {
    /// Tells the connection of `incarnation`, whose server goes away, that nothing it asked is without an
    /// answer. Its socket closes with that, after what messages have changed, at whatever rate, and what the view
    /// hands over to the next server.
    pub(super) async fn drained(&mut self, incarnation: u64) -> Flow {
        if self.dirty.is_some() {
            self.socket.mailbox.frame_slot().await;
            if self.push().await == Flow::Stop {
                return Flow::Stop;
            }
        }
        self.push_snapshot();
        self.snapshot_arrives().await;
        if let Some(channel) = self.channel.as_ref().filter(|own| own.incarnation == incarnation) {
            channel.outbox.push(Outgoing::Drained { incarnation });
        }
        Flow::Continue
    }

    /// Ends when there is no browser; one that is there keeps its view until it leaves, unless a
    /// message was lost.
    pub(super) fn evict(&mut self, why: Ended) -> Flow {
        self.evicted = Some(why);
        let Some(channel) = &self.channel else { return self.end(why) };
        if self.socket.mailbox.has_overflowed() {
            channel.outbox.push(Outgoing::Close(CloseReason::Overload));
        }
        Flow::Continue
    }

    /// The browser of `incarnation` is gone.
    pub(super) async fn detach(&mut self, incarnation: u64, cause: Detached) -> Flow {
        let current = self.channel.as_ref().is_some_and(|own| own.incarnation == incarnation);
        if !current {
            return Flow::Continue;
        }
        let channel = self.channel.take();
        let is_taken = channel.as_ref().is_some_and(|channel| channel.is_taken);
        let network = channel.and_then(|channel| channel.client.network);
        self.snapshots.browser_lost();
        self.clean();
        self.socket.uploads.forget_entries();
        self.socket.mailbox.set_browser(None);
        self.memory = Memory::default();
        self.socket.components.begin_join();
        self.socket.mailbox.figures.detached();
        // A page that is loaded anew brings its snapshot, and so does a client that joins again because the
        // answer to its join was late.
        if cause == Detached::Quit && is_taken {
            self.forget_snapshot();
        }
        match (cause, self.evicted) {
            (Detached::Left | Detached::Quit, _) if self.is_left => {
                return self.end(Ended::Navigated);
            }
            (Detached::Left | Detached::Quit, _) => return self.end(Ended::Left),
            (Detached::Lost, Some(why)) => return self.end(why),
            // The browser comes back to another process.
            (Detached::Lost, None) if self.runtime.is_draining() => {
                return self.end(Ended::ServerStopped);
            }
            (Detached::Lost, None) => self.socket.people.lost(),
        }
        let (runtime, topic) = (&self.runtime, &self.socket.identity.topic);
        let (bytes, limits) = (self.held_bytes(), &runtime.config.reconnect_limits);
        match runtime.views.detached(topic, self.number, network, bytes, limits) {
            Ok(()) => {
                Box::pin(self.disconnected()).await;
                Flow::Continue
            }
            Err(why) => self.end(why),
        }
    }

    /// What the view takes, as far as it can be told.
    fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.tree_bytes + self.kept.n_bytes()
    }

    /// Tells the view that its browser is gone for now.
    pub(super) async fn disconnected(&mut self) {
        let identity = self.socket.identity.clone();
        let callback = self.view.disconnected(&mut self.socket);
        if is_left_out(&callback) {
            return;
        }
        let span = telemetry::act_span(&identity.for_spans::<V>(), Act::Disconnected);
        let _panic = telemetry::FailOnPanic::new(&span, "disconnected");
        let result = callback.instrument(span.clone()).await;
        self.settle_result(result, &span);
    }

    pub(super) async fn terminate(&mut self) {
        // Nobody can adopt a view whose last callback runs.
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        self.socket.mailbox.close();
        let span = telemetry::act_span(&self.identity(), Act::Terminate);
        async {
            let _panic = telemetry::FailOnPanic::new(&span, "terminate");
            self.view.terminate(&mut self.socket).await;
        }
        .instrument(span.clone())
        .await;
    }
}
