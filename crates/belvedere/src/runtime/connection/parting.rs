//! How a connection ends: who says goodbye, and what its views are told of it.
//!
//! What is awaited here is boxed: a task has room for the largest that it may wait for, and this comes once.

use std::time::Duration;

use tokio::time::timeout;

use super::Connection;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::{CloseReason, Incoming, Transport};

/// How long a goodbye is looked for in what a client has sent that is gone already. All of it has come,
/// so this is far more than it takes.
const LAST_WORDS: Duration = Duration::from_millis(100);

impl<T: Transport> Connection<T> {
    pub(super) async fn time_is_up(&mut self, reason: CloseReason) {
        if reason == CloseReason::Unused {
            self.runtime.protocol_error("nothing joined");
        }
        if reason == CloseReason::Overload {
            self.overloaded();
            self.hear_last_words().await;
        }
        self.close(reason).await;
    }

    fn overloaded(&self) {
        self.runtime.protocol_error("too much waits");
        let Some(times) = self.runtime.told.waiting.again() else { return };
        tracing::warn!(
            times,
            waiting = self.backlog.bytes(),
            "a browser sent more than its views handled within `LiveConfig::send_timeout`; its socket \
             was closed, see `LiveConfig::max_waiting_bytes` and `mailbox_capacity`"
        );
    }

    pub(super) async fn close(&mut self, reason: CloseReason) {
        let limit = self.write_limit();
        // A client that no longer reads misses the goodbye.
        let _ = Box::pin(timeout(limit, self.transport.close(reason))).await;
    }

    /// The client has said goodbye: its views hear of it at once, and the client is answered.
    pub(super) async fn said_goodbye(&mut self, parting: Detached) {
        self.parting = parting;
        self.let_go();
        let limit = self.write_limit();
        // A client that has gone without waiting misses the answer.
        let _ = Box::pin(timeout(limit, self.transport.flush())).await;
    }

    /// Looks for a goodbye in what the client sent before it was gone. Writing to it has failed, or
    /// nothing was read for long, so it may not have been read.
    pub(super) async fn hear_last_words(&mut self) {
        let goodbye = async {
            while let Some(incoming) = self.transport.receive().await {
                if let Incoming::Closed(parting) = incoming {
                    return Some(parting);
                }
            }
            None
        };
        if let Ok(Some(parting)) = Box::pin(timeout(LAST_WORDS, goodbye)).await {
            self.parting = parting;
        }
    }
}

impl<T> Connection<T> {
    /// Ends all channels.
    pub(super) fn let_go(&mut self) {
        self.outbox.close(self.parting);
        for open in self.channels.drain(..) {
            open.end(self.parting);
        }
    }
}
