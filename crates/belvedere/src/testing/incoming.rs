//! What a connection reads of any bytes, without a connection.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::http::long_poll::lines::{Line, Lines};
use crate::http::websocket::WebSocketTransport;
use crate::runtime::transport::{Incoming, Transport as _};

/// What came from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// A text frame.
    Text(String),
    /// The beginning of a text frame that was too long.
    TooLong {
        /// What is left of it.
        head: String,
        /// Its whole length.
        n_bytes: usize,
    },
    /// A binary frame, or the beginning of one that was too long.
    Binary {
        /// What is left of it.
        bytes: Vec<u8>,
        /// Whether that is its beginning only.
        is_cut: bool,
    },
    /// The client says goodbye, or nothing more can be read.
    Closed,
}

impl Came {
    /// `None` for a sign of life alone.
    fn of(incoming: Incoming) -> Option<Self> {
        Some(match incoming {
            Incoming::Text(text, _) => Self::Text(text.to_string()),
            Incoming::TooLong { head, n_bytes } => {
                Self::TooLong { head: head.to_string(), n_bytes }
            }
            Incoming::Binary { bytes, is_cut, .. } => Self::Binary { bytes: bytes.into(), is_cut },
            Incoming::Alive | Incoming::Polled => return None,
            Incoming::Closed(_) | Incoming::Unreadable(_) => Self::Closed,
        })
    }
}

/// The frames of a body of long polling that comes in these parts, each with the number that its client
/// has given it.
#[must_use]
pub fn body(parts: &[&[u8]], max_frame_bytes: usize) -> Vec<(Came, Option<u64>)> {
    let mut lines = Lines::new(max_frame_bytes);
    let mut came = Vec::new();
    let mut add = |Line { frame, message_ref }| {
        came.extend(Came::of(frame).map(|frame| (frame, message_ref)));
    };
    for part in parts {
        let mut part = Bytes::copy_from_slice(part);
        while let Some(line) = lines.next(&mut part) {
            add(line);
        }
    }
    if let Some(line) = lines.end() {
        add(line);
    }
    came
}

/// What comes on a stream after its upgrade to a WebSocket, until it ends.
pub async fn socket<S: AsyncRead + AsyncWrite + Unpin + Send>(
    stream: S,
    max_frame_bytes: usize,
) -> Vec<Came> {
    let is_readable = |_: &S, _: &mut Context<'_>| Poll::Ready(());
    let mut transport = WebSocketTransport::over(stream, &[], is_readable, max_frame_bytes);
    let mut came = Vec::new();
    while let Some(incoming) = transport.receive().await {
        came.extend(Came::of(incoming));
    }
    came
}
