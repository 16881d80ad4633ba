//! The last callbacks: a browser is gone for now, or a view for good.

use tracing::Instrument;

use crate::runtime::view_task::ViewTask;
use crate::telemetry::{self, Act};
use crate::view::{LiveView, is_left_out};

impl<V: LiveView> ViewTask<V> {
    /// Tells the view that its browser is gone for now.
    pub(super) async fn disconnected(&mut self) {
        let identity = self.socket.identity.clone();
        let callback = self.view.disconnected(&mut self.socket);
        if is_left_out(&callback) {
            return;
        }
        let span = telemetry::act_span(&identity.for_spans::<V>(), Act::Disconnected);
        let _panic = telemetry::FailOnPanic::new(&span);
        let result = callback.instrument(span.clone()).await;
        self.settle_result(result, &span);
    }

    pub(super) async fn terminate(&mut self) {
        // Nobody can adopt a view whose last callback runs.
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        self.socket.mailbox.close();
        let span = telemetry::act_span(&self.identity(), Act::Terminate);
        async {
            let _panic = telemetry::FailOnPanic::new(&span);
            self.view.terminate(&mut self.socket).await;
        }
        .instrument(span.clone())
        .await;
    }
}
