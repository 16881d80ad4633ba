//! The two queues that stand for a socket.

use tokio::sync::{mpsc, watch};

use crate::runtime::transport::CloseReason;
use crate::runtime::transport::{Gone, Incoming, Text, Transport};

/// Frames that may wait in one direction; far more than any test leaves unread.
const CAPACITY: usize = 4096;

/// What the server sent.
#[derive(Debug)]
pub(super) enum Sent {
    Text(Text),
    Closed(u16),
}

/// The server's end.
#[derive(Debug)]
pub(super) struct QueueTransport {
    incoming: mpsc::Receiver<Incoming>,
    outgoing: mpsc::Sender<Sent>,
    /// Whether the browser takes what it is sent.
    reads: watch::Receiver<bool>,
}

/// The browser's end. Dropping it is a lost connection.
#[derive(Debug)]
pub(super) struct BrowserEnd {
    pub(super) to_server: mpsc::Sender<Incoming>,
    pub(super) from_server: mpsc::Receiver<Sent>,
    pub(super) reads: watch::Sender<bool>,
}

pub(super) fn pair() -> (QueueTransport, BrowserEnd) {
    let (to_server, incoming) = mpsc::channel(CAPACITY);
    let (outgoing, from_server) = mpsc::channel(CAPACITY);
    let (reading, reads) = watch::channel(true);
    let browser = BrowserEnd { to_server, from_server, reads: reading };
    (QueueTransport { incoming, outgoing, reads }, browser)
}

impl Transport for QueueTransport {
    async fn receive(&mut self) -> Option<Incoming> {
        self.incoming.recv().await
    }

    async fn send(&mut self, text: Text) -> Result<(), Gone> {
        self.reads.wait_for(|reads| *reads).await.map_err(|_| Gone)?;
        self.outgoing.send(Sent::Text(text)).await.map_err(|_| Gone)
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self, reason: CloseReason) {
        // A browser that is gone needs no goodbye.
        let _ = self.outgoing.send(Sent::Closed(reason.code())).await;
    }
}
