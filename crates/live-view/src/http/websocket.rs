//! A WebSocket as a transport, with buffers sized for thousands of idle ones.

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::runtime::outbox::CloseReason;
use crate::runtime::transport::{Gone, Incoming, Transport};

/// Read and write buffer of an idle socket; the library's defaults come to 130 KiB.
const BUFFER_BYTES: usize = 4096;

/// Longer texts go out in fragments of this size: the library keeps a buffer as large as the
/// largest frame it ever sent.
const FRAGMENT_BYTES: usize = 2048;

/// What may wait unsent before writing blocks.
const MAX_WRITE_BUFFER_BYTES: usize = 64 * 1024;

/// A server-side WebSocket.
pub(super) struct WebSocketTransport {
    stream: WebSocketStream<TokioIo<Upgraded>>,
}

impl WebSocketTransport {
    pub(super) async fn new(io: TokioIo<Upgraded>, max_frame_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
            .max_message_size(Some(max_frame_bytes))
            .max_frame_size(Some(max_frame_bytes));
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        Self { stream }
    }
}

impl Transport for WebSocketTransport {
    async fn receive(&mut self) -> Option<Incoming> {
        match self.stream.next().await? {
            Ok(Message::Text(text)) => Some(Incoming::Text(text, None)),
            Ok(Message::Binary(bytes)) => Some(Incoming::Binary(bytes.into())),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Some(Incoming::Alive),
            Ok(Message::Close(_)) => Some(Incoming::Closed),
            Err(Error::Capacity(_)) => Some(Incoming::TooBig),
            Err(_) => None,
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Gone> {
        if text.len() <= FRAGMENT_BYTES {
            return self.stream.feed(Message::Text(text.into())).await.map_err(|_| Gone);
        }
        let text = Bytes::from(text);
        let mut start = 0;
        while start < text.len() {
            let end = (start + FRAGMENT_BYTES).min(text.len());
            let kind = if start == 0 { Data::Text } else { Data::Continue };
            let last = end == text.len();
            let fragment = Frame::message(text.slice(start..end), OpCode::Data(kind), last);
            self.stream.send(Message::Frame(fragment)).await.map_err(|_| Gone)?;
            start = end;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.stream.flush().await.map_err(|_| Gone)
    }

    async fn close(&mut self, reason: CloseReason) {
        let frame =
            CloseFrame { code: CloseCode::from(reason.code()), reason: reason.text().into() };
        // The client may be gone already, which is what closing is for.
        let _ = self.stream.close(Some(frame)).await;
    }
}
