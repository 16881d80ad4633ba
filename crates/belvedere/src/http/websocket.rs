//! A WebSocket as a transport, with buffers sized for thousands of idle ones.

use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::Buf;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, FrameHeader};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::http::socket_stream::SocketStream;
use crate::http::websocket::shortened::{Shortened, TAIL_BYTES};
use crate::runtime::recipient::Detached;
use crate::runtime::transport::CloseReason;
use crate::runtime::transport::{Gone, Incoming, Text, Transport};

mod shortened;

/// Read buffer of an idle socket, for a join or a form in one piece; the library's default is
/// 128 KiB.
const READ_BUFFER_BYTES: usize = 2048;

/// Frames that wait are written together up to this size.
const WRITE_BUFFER_BYTES: usize = 4096;

/// Longer texts go to the socket at once, in one call and without a copy: the library keeps a buffer
/// as large as the largest frame it ever sent, on every connection.
const BUFFERED_BYTES: usize = 512;

/// A frame's header without a mask, as servers send it.
const MAX_HEADER_BYTES: usize = 10;

/// What the browser client says when it gives up a connection that seems dead, to open another.
const HEARTBEAT_TIMEOUT: &str = "heartbeat timeout";

/// What may wait unsent before writing blocks.
const MAX_WRITE_BUFFER_BYTES: usize = 64 * 1024;

/// Ready where a read of the stream may find something, or an error.
pub(crate) type PollReadable<S> = fn(&S, &mut Context<'_>) -> Poll<()>;

/// A server-side WebSocket.
pub(crate) struct WebSocketTransport<S> {
    stream: WebSocketStream<Shortened<S>>,
    /// How many messages have been read.
    n_messages: u64,
    /// How many of those, pings and the like have been read.
    n_read: u64,
    poll_readable: PollReadable<S>,
    /// The library may have to answer a ping or a goodbye, which it does when it is asked for the next message.
    owes_answer: bool,
}

impl WebSocketTransport<SocketStream> {
    pub(super) async fn new(upgraded: Upgraded, max_frame_bytes: usize) -> Self {
        let (stream, read) = SocketStream::new(upgraded);
        // What was read is copied: it stands in the request's buffer, of 8 KiB, which would stay with the socket.
        Self::over(stream, &read, SocketStream::poll_readable, max_frame_bytes).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// Over any stream, of which `read` was read already.
    pub(crate) async fn over(
        stream: S,
        read: &[u8],
        poll_readable: PollReadable<S>,
        max_frame_bytes: usize,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
            .max_message_size(Some(max_frame_bytes + TAIL_BYTES))
            .max_frame_size(Some(max_frame_bytes + TAIL_BYTES));
        let stream = Shortened::new(stream, read, max_frame_bytes);
        let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        Self { stream, n_messages: 0, n_read: 0, poll_readable, owes_answer: false }
    }

    /// Ready where the library may have a message, or something to write. To ask it costs five times as much as
    /// to ask the socket, and a connection asks again after each message and each answer.
    fn poll_library(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let stream = self.stream.get_ref();
        if self.owes_answer || stream.n_begun() != self.n_read || stream.has_read() {
            return Poll::Ready(());
        }
        (self.poll_readable)(stream.get_ref(), context)
    }

    /// Counts a message; its true length if only its beginning was read.
    fn count(&mut self) -> Option<usize> {
        self.n_messages += 1;
        self.stream.get_mut().take_shortened(self.n_messages)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Transport for WebSocketTransport<S> {
    async fn receive(&mut self) -> Option<Incoming> {
        poll_fn(|context| self.poll_library(context)).await;
        let message = self.stream.next().await?;
        self.n_read += 1;
        self.owes_answer = matches!(message, Ok(Message::Ping(_) | Message::Close(_)));
        match message {
            Ok(Message::Text(text)) => Some(match self.count() {
                None => Incoming::Text(text, None),
                Some(n_bytes) => Incoming::TooLong { head: text, n_bytes },
            }),
            Ok(Message::Binary(bytes)) => {
                let is_cut = self.count().is_some();
                let bytes = self.stream.get_mut().take_message(self.n_messages).unwrap_or(bytes);
                Some(Incoming::Binary { bytes, is_cut, ticket: None })
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Some(Incoming::Alive),
            // The library has queued the answer, for the connection to flush: to wait for it here
            // would lose the goodbye when this is dropped meanwhile.
            Ok(Message::Close(frame)) => Some(Incoming::Closed(meaning(frame.as_ref()))),
            Err(Error::Capacity(_)) => Some(Incoming::TooBig),
            Err(_) if self.stream.get_ref().is_beyond_all() => Some(Incoming::TooBig),
            Err(_) => None,
        }
    }

    async fn send(&mut self, text: Text) -> Result<(), Gone> {
        if text.len() <= BUFFERED_BYTES {
            return self.stream.feed(Message::Text(text)).await.map_err(|_| Gone);
        }
        // What the library has buffered goes first.
        self.stream.flush().await.map_err(|_| Gone)?;
        let opcode = OpCode::Data(Data::Text);
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        let mut start = Vec::with_capacity(MAX_HEADER_BYTES);
        header.format(text.len() as u64, &mut start).map_err(|_| Gone)?;
        let mut frame = start.as_slice().chain(text.as_bytes());
        self.stream.get_mut().get_mut().write_all_buf(&mut frame).await.map_err(|_| Gone)
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

/// What a Close frame means for the views of its socket.
///
/// A browser that closes, reloads or leaves its page says so without a code, or with 1001, and never
/// comes back to them. It comes back after a heartbeat that stayed unanswered, after a frame that it
/// could not read (1002 and above), and after a script has chosen a code of its own (3000 to 4999).
fn meaning(frame: Option<&CloseFrame>) -> Detached {
    match frame {
        None => Detached::Left,
        Some(CloseFrame { code: CloseCode::Normal, reason }) if *reason != HEARTBEAT_TIMEOUT => {
            Detached::Left
        }
        Some(CloseFrame { code: CloseCode::Away | CloseCode::Status, .. }) => Detached::Left,
        Some(_) => Detached::Lost,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_a_client_that_means_to_come_back_is_waited_for() {
        let said = |code: u16, reason: &'static str| {
            meaning(Some(&CloseFrame { code: code.into(), reason: reason.into() }))
        };
        assert_eq!(meaning(None), Detached::Left);
        for (code, reason) in [(1000, ""), (1000, "bye"), (1001, ""), (1005, "")] {
            assert_eq!(said(code, reason), Detached::Left, "{code} {reason}");
        }
        for (code, reason) in [
            (1000, "heartbeat timeout"),
            (1002, ""),
            (1009, ""),
            (1011, ""),
            (3000, ""),
            (4000, ""),
        ] {
            assert_eq!(said(code, reason), Detached::Lost, "{code} {reason}");
        }
    }

    /// A server's end, and its client's.
    async fn pair() -> (WebSocketTransport<SocketStream>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).await.expect("it listens");
        let (server, _) = listener.accept().await.expect("a client");
        let (server, poll_readable) = (SocketStream::Tcp(server), SocketStream::poll_readable);
        (WebSocketTransport::over(server, &[], poll_readable, 1024).await, client)
    }

    /// A frame of a client whose mask changes nothing.
    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let n_bytes = u8::try_from(payload.len()).expect("a short one");
        [&[0x80 | opcode, 0x80 | n_bytes, 0, 0, 0, 0], payload].concat()
    }

    #[tokio::test]
    async fn whatever_comes_at_once_is_heard_one_after_the_other() {
        let (mut server, mut client) = pair().await;
        let frames = [(1, "a"), (9, "?"), (10, ""), (1, "b"), (8, "")];
        let sent = frames.map(|(opcode, payload)| frame(opcode, payload.as_bytes())).concat();
        client.write_all(&sent).await.expect("the server reads");
        let mut heard = Vec::new();
        for _ in frames {
            heard.push(match server.receive().await.expect("the client is there") {
                Incoming::Text(text, _) => text.to_string(),
                Incoming::Alive => "alive".to_owned(),
                Incoming::Closed(_) => "closed".to_owned(),
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(heard, ["a", "alive", "alive", "b", "closed"]);
    }

    #[tokio::test]
    async fn a_ping_is_answered_before_anything_else_comes() {
        let (mut server, mut client) = pair().await;
        client.write_all(&frame(9, b"?")).await.expect("the server reads");
        assert!(matches!(server.receive().await, Some(Incoming::Alive)));
        assert!(server.receive().now_or_never().is_none());
        let mut pong = [0; 3];
        client.read_exact(&mut pong).await.expect("it is answered");
        assert_eq!(pong, [0x8a, 1, b'?']);
    }

    #[tokio::test]
    async fn a_goodbye_is_heard_while_nothing_can_be_written() {
        let (mut server, mut client) = pair().await;
        // Nobody reads, so this stops in the middle.
        let text = Text::from("x".repeat(1 << 20));
        while server.send(text.clone()).now_or_never().is_some() {}
        client.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.expect("the server reads");
        loop {
            tokio::select! {
                biased;
                incoming = server.receive() => {
                    assert!(matches!(incoming, Some(Incoming::Closed(Detached::Left))), "{incoming:?}");
                    return;
                }
                () = tokio::task::yield_now() => {}
            }
        }
    }
}
