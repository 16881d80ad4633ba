//! A join of a view whose streams have forgotten what the browser shows: the view tells the items
//! again, or gives way to one mounted anew.

use tracing::Instrument;

use super::{Flow, ViewTask};
use crate::runtime::attachment::Attachment;
use crate::telemetry;
use crate::view::{LiveView, Restream};

impl<V: LiveView> ViewTask<V> {
    /// Asks the view for its streams' items where a browser needs them. False when it cannot tell.
    pub(super) async fn restream(&mut self) -> bool {
        if !self.socket.has_streamed {
            return true;
        }
        if self.socket.has_component_streams {
            return false;
        }
        let span = telemetry::restream_span(V::name());
        let _panic = telemetry::FailOnPanic::new(&span);
        let restreamed = self.view.restream(&mut self.socket).instrument(span.clone()).await;
        let done = matches!(restreamed, Ok(Restream::Done));
        self.settle_result(restreamed.map(drop), &span);
        self.socket.has_streamed = !done;
        done
    }

    /// Leaves the join to another view of the same page, and ends.
    pub(super) fn give_way(&mut self, attachment: Attachment) -> Flow {
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        telemetry::record_adopted(&attachment.span, false);
        if let Some(replaced) = self.channel.take() {
            replaced.close();
        }
        attachment.mount_anew();
        Flow::Stop
    }
}
