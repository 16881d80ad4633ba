//! The WebSocket library, for what comes seldom: pings, goodbyes, and messages that do not come whole.
//!
//! It is there for as long as it has something to do. What it takes of a stream passes through
//! [`Shortened`].

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{self, Error, Message};

use super::shortened::{Failure, Shortened, TAIL_BYTES};
use crate::runtime::recipient::Detached;
use crate::runtime::transport::{CloseReason, Gone, Incoming};

/// The library's default is 128 KiB.
const READ_BUFFER_BYTES: usize = 2048;

/// What the browser client says when it gives up a connection that seems dead, to open another.
const HEARTBEAT_TIMEOUT: &str = "heartbeat timeout";

/// The library at work.
pub(super) struct Library {
    context: WebSocketContext,
    shortened: Shortened,
    /// How many messages have been read.
    n_messages: u64,
    /// How many of those, pings and the like have been read.
    n_read: u64,
    /// It may have to answer a ping or a goodbye, which it does when it is asked for the next message.
    owes_answer: bool,
}

impl Library {
    /// For a stream of which `read` was read already.
    pub(super) fn new(read: Vec<u8>, max_frame_bytes: usize) -> Self {
        let max_bytes = max_frame_bytes.saturating_add(TAIL_BYTES);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .max_message_size(Some(max_bytes))
            .max_frame_size(Some(max_bytes));
        Self {
            context: WebSocketContext::new(Role::Server, Some(config)),
            shortened: Shortened::new(read, max_frame_bytes),
            n_messages: 0,
            n_read: 0,
            owes_answer: false,
        }
    }

    /// Whether it may have a message, or something to write, though the stream has nothing new.
    pub(super) fn is_busy(&self) -> bool {
        self.owes_answer || self.shortened.n_begun() != self.n_read || self.shortened.has_read()
    }

    /// Whether nothing is left for it to do.
    pub(super) fn is_done(&self) -> bool {
        !self.is_busy() && self.shortened.is_between_messages()
    }

    /// The next message; none when the client is gone.
    pub(super) fn poll_receive<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<Option<Incoming>> {
        let shortened = &mut self.shortened;
        let message = match self.context.read(&mut Waiting { stream, shortened, context }) {
            Err(error) if is_waiting(&error) => return Poll::Pending,
            message => message,
        };
        self.n_read += 1;
        // Whoever pings once is always asked for more, so that no answer is lost that was written in part.
        self.owes_answer |= matches!(message, Ok(Message::Ping(_) | Message::Close(_)));
        Poll::Ready(match message {
            Ok(Message::Text(text)) => Some(match self.count() {
                None => Incoming::Text(text, None),
                Some(n_bytes) => Incoming::TooLong { head: text, n_bytes },
            }),
            Ok(Message::Binary(bytes)) => {
                let is_cut = self.count().is_some();
                let bytes = self.shortened.take_message(self.n_messages).unwrap_or(bytes);
                Some(Incoming::Binary { bytes, is_cut, ticket: None })
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Some(Incoming::Alive),
            // The answer is queued, for the connection to flush: to wait for it here would lose the
            // goodbye when this is dropped meanwhile.
            Ok(Message::Close(frame)) => Some(Incoming::Closed(meaning(frame.as_ref()))),
            Err(error) => unreadable(&error, self.shortened.failure()).map(Incoming::Unreadable),
        })
    }

    /// Counts a message; its true length if only its beginning was read.
    fn count(&mut self) -> Option<usize> {
        self.n_messages += 1;
        self.shortened.take_shortened(self.n_messages)
    }

    /// Writes the answers that it owes.
    pub(super) fn poll_flush<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Gone>> {
        let shortened = &mut self.shortened;
        match self.context.flush(&mut Waiting { stream, shortened, context }) {
            // It has answered a goodbye.
            Ok(()) | Err(Error::ConnectionClosed) => Poll::Ready(Ok(())),
            Err(error) if is_waiting(&error) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Gone)),
        }
    }

    /// Says goodbye. Whether the client has heard it is not known.
    pub(super) fn poll_close<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        reason: CloseReason,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let frame =
            CloseFrame { code: CloseCode::from(reason.code()), reason: reason.text().into() };
        let shortened = &mut self.shortened;
        match self.context.close(&mut Waiting { stream, shortened, context }, Some(frame)) {
            Err(error) if is_waiting(&error) => Poll::Pending,
            Ok(()) | Err(_) => Poll::Ready(()),
        }
    }
}

/// Why a client is told that it cannot be read; `None` of one that is gone.
fn unreadable(error: &Error, failure: Option<Failure>) -> Option<CloseReason> {
    match (error, failure) {
        (_, Some(Failure::TooManyPieces)) => Some(CloseReason::TooBig),
        (_, Some(Failure::Malformed)) => Some(CloseReason::Malformed),
        (Error::Protocol(ProtocolError::ResetWithoutClosingHandshake), None) => None,
        (Error::Protocol(_), None) => Some(CloseReason::Malformed),
        (Error::Utf8(_), None) => Some(CloseReason::NoText),
        (_, None) => None,
    }
}

fn is_waiting(error: &tungstenite::Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// A stream as the library reads and writes it: an error says that it has to wait.
struct Waiting<'a, 'waker, S> {
    stream: &'a mut S,
    shortened: &'a mut Shortened,
    context: &'a mut Context<'waker>,
}

fn or_waiting<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl<S: AsyncRead + Unpin> Read for Waiting<'_, '_, S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(bytes);
        or_waiting(self.shortened.poll_read(self.stream, self.context, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl<S: AsyncWrite + Unpin> Write for Waiting<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        or_waiting(Pin::new(&mut *self.stream).poll_write(self.context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_waiting(Pin::new(&mut *self.stream).poll_flush(self.context))
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
}
