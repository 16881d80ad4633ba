//! A join of a view whose streams have forgotten what the browser shows: the view and its components
//! tell the items again, or give way to a view mounted anew.

use super::{Flow, ViewTask};
use crate::ended::Ended;
use crate::runtime::attachment::Attachment;
use crate::runtime::restream;
use crate::telemetry;
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// Asks view and components for their streams' items where a browser needs them. False when one
    /// of them cannot tell.
    pub(super) async fn restream(&mut self) -> bool {
        let Self { view, socket, .. } = self;
        if socket.has_streamed {
            if !restream::of_view(view, socket).await {
                return false;
            }
            socket.has_streamed = false;
        }
        for number in socket.components.to_restream() {
            if !restream::of_component(view, socket, number).await {
                return false;
            }
            socket.components.restreamed(number);
        }
        true
    }

    /// Ends a view whose browser cannot be shown what a stream has forgotten: it joins again, and
    /// finds one mounted anew.
    pub(super) fn items_lost(&mut self) -> Flow {
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        match self.channel.take() {
            Some(channel) if self.joining => {
                channel.refuse_join(&self.socket.identity.unanswered());
            }
            Some(channel) => channel.crashed(),
            None => {}
        }
        self.end(Ended::Replaced)
    }

    /// Leaves the join to another view of the same page, and ends.
    pub(super) fn give_way(&mut self, attachment: Attachment) -> Flow {
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        telemetry::record_adopted(&attachment.span, false);
        if let Some(replaced) = self.channel.take() {
            replaced.close();
        }
        attachment.mount_anew();
        self.end(Ended::Replaced)
    }
}
