//! The end of a connection whose server goes away: what views were asked before is answered first.
//!
//! Each view is sent a mark through its mailbox, behind all that waits there, and gives it back
//! through the outbox, behind all that it has answered. When every mark is back, or the time is up,
//! the socket closes. Frames that come meanwhile are dropped: the browser asks the next server.

use std::time::Duration;

use tokio::time::Instant;

use super::Connection;
use super::channels::ChannelState;
use crate::config::LiveConfig;

impl<T> Connection<T> {
    /// Marks the mailbox of every view. A join under way is marked when it has a view.
    pub(super) fn begin_drain(&mut self) {
        let mut undrained = Vec::new();
        for open in &self.channels {
            let is_marked = match &open.state {
                ChannelState::Joining(_) => true,
                ChannelState::Joined(view) => view.drain(open.incarnation),
                // What has not come by now comes to the next server, from its beginning.
                ChannelState::Uploading(_) => false,
            };
            if is_marked {
                undrained.push(open.incarnation);
            }
        }
        self.undrained = Some(undrained);
        self.pace.end_at(Instant::now() + self.runtime.config.drain_timeout);
    }

    /// The channel's view has answered everything, or is no more.
    pub(super) fn drained(&mut self, incarnation: u64) {
        if let Some(undrained) = &mut self.undrained {
            undrained.retain(|waiting| *waiting != incarnation);
        }
    }

    /// How long the client has to take a frame.
    pub(super) fn write_limit(&self) -> Duration {
        let LiveConfig { send_timeout, drain_timeout, .. } = *self.runtime.config;
        if self.is_draining() { send_timeout.min(drain_timeout) } else { send_timeout }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.undrained.is_some()
    }

    /// Whether there is nothing left to wait for.
    pub(super) fn is_drained(&self) -> bool {
        self.undrained.as_ref().is_some_and(Vec::is_empty)
    }
}
