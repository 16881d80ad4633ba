//! A WebSocket as a transport, which keeps nothing while it is idle, for thousands that are.
//!
//! Nearly all that a browser sends are texts that come whole, in one frame; these are read here, out of a
//! buffer that stands on the stack. Anything else is the [`Library`]'s.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Buf;
use hyper::upgrade::Upgraded;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::http::socket_stream::SocketStream;
use crate::http::websocket::library::Library;
use crate::http::websocket::shortened::frame::whole_text;
use crate::runtime::transport::{CloseReason, Gone, Incoming, Text, Transport};

mod library;
mod shortened;

/// What is read at once: a join or a form in one piece.
const READ_BYTES: usize = 4096;

/// Frames that wait are written together up to this size.
const WRITE_BUFFER_BYTES: usize = 4096;

/// Longer texts go to the socket at once, in one call and without a copy.
const BUFFERED_BYTES: usize = 512;

/// A frame's header without a mask, as servers send it.
const MAX_HEADER_BYTES: usize = 10;

/// How long what is on its way is read, and dropped, after a goodbye to a client that has not said one: a connection
/// that is closed with something to read takes the goodbye along.
const LINGER: Duration = Duration::from_secs(1);

/// Most bytes that are dropped so.
const MAX_DROPPED_BYTES: u64 = 1024 * 1024;

thread_local! {
    /// Where this thread's sockets put what they write at once. One whose client takes its time keeps it, and the
    /// next finds an empty one.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Ready where a read of the stream may find something, or an error.
pub(crate) type PollReadable<S> = fn(&S, &mut Context<'_>) -> Poll<()>;

/// A server-side WebSocket.
pub(crate) struct WebSocketTransport<S> {
    stream: S,
    /// While there is something for it to do.
    library: Option<Box<Library>>,
    /// Read, and still to be looked at; nothing while there is the library.
    read: Vec<u8>,
    /// Frames that wait to be written.
    unsent: Vec<u8>,
    poll_readable: PollReadable<S>,
    max_frame_bytes: usize,
    /// Something has come that no client may send, after which nothing is read.
    is_unreadable: bool,
}

impl WebSocketTransport<SocketStream> {
    pub(super) fn new(upgraded: Upgraded, max_frame_bytes: usize) -> Self {
        let (stream, read) = SocketStream::new(upgraded);
        // What was read is copied: it stands in the request's buffer, of 8 KiB, which would stay with the socket.
        Self::over(stream, &read, SocketStream::poll_readable, max_frame_bytes)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// Over any stream, of which `read` was read already.
    pub(crate) fn over(
        stream: S,
        read: &[u8],
        poll_readable: PollReadable<S>,
        max_frame_bytes: usize,
    ) -> Self {
        let (read, unsent) = (read.to_vec(), Vec::new());
        let is_unreadable = false;
        Self { stream, library: None, read, unsent, poll_readable, max_frame_bytes, is_unreadable }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<Incoming>> {
        if self.is_unreadable {
            // The library would say so again each time that it is asked, without an end.
            return Poll::Ready(None);
        }
        loop {
            let has_more = match &self.library {
                Some(library) => library.is_busy(),
                None => !self.read.is_empty(),
            };
            if !has_more {
                // To ask the library, or for a read, costs more than to ask the socket, and a connection asks
                // again after each message and each answer.
                ready!((self.poll_readable)(&self.stream, context));
            }
            if let Some(library) = &mut self.library {
                let incoming = ready!(library.poll_receive(&mut self.stream, context));
                self.library.take_if(|library| library.is_done());
                self.is_unreadable = matches!(incoming, Some(Incoming::Unreadable(_)));
                return Poll::Ready(incoming);
            }
            match ready!(self.poll_text(context)) {
                Ok(Some(text)) => return Poll::Ready(Some(Incoming::Text(text, None))),
                Ok(None) => {
                    let read = std::mem::take(&mut self.read);
                    self.library = Some(Box::new(Library::new(read, self.max_frame_bytes)));
                }
                Err(Gone) => return Poll::Ready(None),
            }
        }
    }

    /// The next message, if it is a text that has come whole; else what has come of it is in `read`.
    fn poll_text(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Text>, Gone>> {
        if !self.read.is_empty() {
            let whole = whole_text(&self.read, self.max_frame_bytes);
            return Poll::Ready(Ok(whole.map(|(text, end)| {
                self.read.drain(..end);
                if self.read.is_empty() {
                    self.read = Vec::new();
                }
                text.into()
            })));
        }
        let mut room = [MaybeUninit::<u8>::uninit(); READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut room);
        let polled = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
        let bytes = buffer.filled();
        if polled.is_err() || bytes.is_empty() {
            return Poll::Ready(Err(Gone));
        }
        let whole = whole_text(bytes, self.max_frame_bytes);
        let end = whole.as_ref().map_or(0, |(_, end)| *end);
        self.read.extend_from_slice(&bytes[end..]);
        Poll::Ready(Ok(whole.map(|(text, _)| text.into())))
    }

    /// Writes what waits, the library's answers first.
    async fn write_unsent(&mut self) -> Result<(), Gone> {
        if let Some(library) = &mut self.library {
            poll_fn(|context| library.poll_flush(&mut self.stream, context)).await?;
        }
        if !self.unsent.is_empty() {
            let written = self.stream.write_all(&self.unsent).await;
            let mut scratch = std::mem::take(&mut self.unsent);
            scratch.clear();
            SCRATCH.set(scratch);
            written.map_err(|_| Gone)?;
        }
        Ok(())
    }
}

/// Says that nothing more is written, and reads until the client says the same.
async fn drop_rest(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = AsyncReadExt::take(stream, MAX_DROPPED_BYTES);
    let mut buffer = [0; READ_BYTES];
    while rest.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// The header of a text of so many bytes.
fn write_header(n_bytes: usize, out: &mut Vec<u8>) -> Result<(), Gone> {
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
    header.format(n_bytes as u64, out).map_err(|_| Gone)
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Transport for WebSocketTransport<S> {
    fn receive(&mut self) -> impl Future<Output = Option<Incoming>> + Send {
        poll_fn(|context| self.poll_receive(context))
    }

    async fn send(&mut self, text: Text) -> Result<(), Gone> {
        let is_short = text.len() <= BUFFERED_BYTES;
        if !is_short || self.unsent.len() + text.len() > WRITE_BUFFER_BYTES {
            self.write_unsent().await?;
        }
        if is_short {
            if self.unsent.is_empty() {
                self.unsent = SCRATCH.take();
            }
            self.unsent.reserve(MAX_HEADER_BYTES + text.len());
            write_header(text.len(), &mut self.unsent)?;
            self.unsent.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let mut start = Vec::with_capacity(MAX_HEADER_BYTES);
        write_header(text.len(), &mut start)?;
        let mut frame = Buf::chain(start.as_slice(), text.as_bytes());
        self.stream.write_all_buf(&mut frame).await.map_err(|_| Gone)
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.write_unsent().await?;
        self.stream.flush().await.map_err(|_| Gone)
    }

    async fn close(&mut self, reason: CloseReason) {
        let Self { stream, library, read, max_frame_bytes, .. } = self;
        let library = library
            .get_or_insert_with(|| Box::new(Library::new(std::mem::take(read), *max_frame_bytes)));
        poll_fn(|context| library.poll_close(reason, stream, context)).await;
        if self.is_unreadable {
            // The client may be gone already.
            let _ = timeout(LINGER, drop_rest(&mut self.stream)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::config::LiveConfig;
    use crate::runtime::Runtime;
    use crate::runtime::client::{Client, Stranger};
    use crate::runtime::connection::Connection;
    use crate::runtime::recipient::Detached;
    use crate::wire::token::SecretKeyBase;

    /// A server's end, and its client's.
    async fn pair() -> (WebSocketTransport<SocketStream>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).await.expect("it listens");
        let (server, _) = listener.accept().await.expect("a client");
        let (server, poll_readable) = (SocketStream::Tcp(server), SocketStream::poll_readable);
        (WebSocketTransport::over(server, &[], poll_readable, 1024), client)
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
    async fn nothing_is_read_after_what_no_client_may_send() {
        let (mut server, mut client) = pair().await;
        let sent = [frame(3, b""), frame(1, b"a"), frame(8, b"")].concat();
        client.write_all(&sent).await.expect("the server reads");
        let unreadable = server.receive().await;
        assert!(matches!(unreadable, Some(Incoming::Unreadable(CloseReason::Malformed))));
        for _ in 0..2 {
            let next = server.receive().now_or_never();
            assert!(matches!(next, Some(None)), "{next:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_and_sends_what_no_client_may_is_let_go() {
        // Room for one answer and some of the next.
        let (server, mut client) = tokio::io::duplex(100);
        let heartbeat = frame(1, br#"[null,"1","phoenix","heartbeat",{}]"#);
        let sent = [&heartbeat[..], &heartbeat, &frame(3, b"")].concat();
        client.write_all(&sent).await.expect("there is room");
        let server = WebSocketTransport::over(server, &[], |_, _| Poll::Ready(()), 1024);
        let runtime = Arc::new(Runtime::new(LiveConfig::new(SecretKeyBase::random())));
        let stranger = Client { stranger: Stranger::WithoutCookie, ..Client::default() };
        Connection::new(server, runtime, Arc::new(stranger)).run().await;
        let mut answered = Vec::new();
        client.read_to_end(&mut answered).await.expect("the socket is closed");
        assert_eq!(answered.len(), 100);
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
