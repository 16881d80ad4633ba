//! Bytes of a WebSocket, text and parts of files: what comes does not depend on how the network cuts it,
//! and a WebSocket library without our shortening reads the same messages.
//!
//! The first two bytes say how the bytes come. If the third is even, the rest are bytes as a client may
//! send any; else decisions from which messages are made, which must all come.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use belvedere::testing::incoming::{Came, socket};
use futures_util::{FutureExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::dice::Dice;

/// Longest message that is kept whole: more than the least that is read past the library.
const MAX_BYTES: usize = 5000;

/// The same where each byte of it is one of the input.
const SHORT_BYTES: usize = 300;

/// Most pieces, about, in which made messages come: each is read for itself.
const MAX_PIECES: usize = 500;

/// Bytes that may be kept beyond it, so that a text ends with a whole character.
const TAIL_BYTES: usize = 3;

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let (first, others) = (usize::from(dice.byte()), usize::from(dice.byte()) + 1);
    if dice.flag() {
        let (sent, messages) = messages(&mut dice);
        let came = received(&sent, first, others.max(sent.len() / MAX_PIECES), MAX_BYTES);
        assert_eq!(came.len(), messages.len(), "{came:?}");
        came.iter().zip(&messages).for_each(|(came, message)| is_of(came, message, MAX_BYTES));
        return;
    }
    let sent = dice.rest();
    let came = received(sent, usize::MAX, usize::MAX, SHORT_BYTES);
    assert_eq!(received(sent, first, others, SHORT_BYTES), came, "in pieces of {others}");
    let expected = read_by_the_library(sent);
    assert!(came.len() >= expected.len(), "{came:?} of {expected:?}");
    came.iter().zip(&expected).for_each(|(came, message)| is_of(came, message, SHORT_BYTES));
}

/// A message as it was sent.
#[derive(Debug)]
enum Sent {
    Text(String),
    Bytes(Vec<u8>),
    Close,
}

fn is_of(came: &Came, message: &Sent, max_bytes: usize) {
    match (came, message) {
        (Came::Text(text), Sent::Text(sent)) => assert_eq!(text, sent),
        (Came::TooLong { head, n_bytes }, Sent::Text(sent)) => {
            assert_eq!(*n_bytes, sent.len());
            assert!(sent.len() > max_bytes && head.len() <= max_bytes + TAIL_BYTES);
            assert!(sent.starts_with(head));
        }
        (Came::Binary { bytes, is_cut: false }, Sent::Bytes(sent)) => assert_eq!(bytes, sent),
        (Came::Binary { bytes, is_cut: true }, Sent::Bytes(sent)) => {
            assert!(sent.len() > max_bytes && bytes.len() <= max_bytes + TAIL_BYTES);
            assert!(sent.starts_with(bytes));
        }
        (Came::Closed, Sent::Close) => {}
        (came, message) => panic!("{came:?} came of {message:?}"),
    }
}

/// Messages of any length in fragments of any length, with other frames between them.
fn messages(dice: &mut Dice<'_>) -> (Vec<u8>, Vec<Sent>) {
    const LENGTHS: [usize; 11] = [0, 1, 125, 126, 2048, 4095, 4096, 4999, 5000, 5001, 9000];
    let (mut bytes, mut messages) = (Vec::new(), Vec::new());
    while !dice.is_used_up() && messages.len() < 8 {
        let (n_bytes, is_text) = (LENGTHS[dice.below(LENGTHS.len())], dice.flag());
        let seed = dice.byte();
        let (opcode, payload) = if is_text {
            let signs = ['a', 'é', '中', '🙂'].into_iter().cycle().skip(usize::from(seed % 4));
            let text: String = signs.take(n_bytes * 2 / 5).collect();
            messages.push(Sent::Text(text.clone()));
            (1, text.into_bytes())
        } else {
            let payload: Vec<_> = (0..n_bytes).map(|at| at as u8 ^ seed).collect();
            messages.push(Sent::Bytes(payload.clone()));
            (2, payload)
        };
        let size = [usize::MAX, 1000, 3000, 5000][dice.below(4)];
        write_message(&mut bytes, opcode, &payload, size, dice.byte());
    }
    (bytes, messages)
}

fn write_message(out: &mut Vec<u8>, opcode: u8, payload: &[u8], size: usize, between: u8) {
    let mut parts = payload.chunks(size).peekable();
    let mut opcode = opcode;
    if parts.peek().is_none() {
        return write_frame(out, opcode, true, &[]);
    }
    while let Some(part) = parts.next() {
        write_frame(out, opcode, parts.peek().is_none(), part);
        opcode = 0;
        if between & 1 == 1 {
            write_frame(out, 9, true, &[between]);
        }
    }
}

fn write_frame(out: &mut Vec<u8>, opcode: u8, is_last: bool, payload: &[u8]) {
    let mask = [0xa1, 0x02, 0x73, 0xf4];
    out.push(u8::from(is_last) << 7 | opcode);
    match payload.len() {
        short @ 0..126 => out.push(128 | short as u8),
        middle @ 126..65_536 => {
            out.push(128 | 126);
            out.extend((middle as u16).to_be_bytes());
        }
        long => {
            out.push(128 | 127);
            out.extend((long as u64).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// What a connection reads, where the first piece and all others have these lengths.
/// What comes until the goodbye, after which nothing counts.
fn received(sent: &[u8], first: usize, others: usize, max_bytes: usize) -> Vec<Came> {
    let came = socket(Pieces { left: sent, next: first, others }, max_bytes);
    let mut came = came.now_or_never().expect("bytes in memory are there");
    if let Some(goodbye) = came.iter().position(|came| *came == Came::Closed) {
        came.truncate(goodbye + 1);
    }
    came
}

/// The messages until something is wrong.
fn read_by_the_library(sent: &[u8]) -> Vec<Sent> {
    // What it makes room for before any of it has come.
    let limit = Some(1 << 20);
    let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
    let pieces = Pieces { left: sent, next: usize::MAX, others: usize::MAX };
    let reading = async {
        let mut socket = WebSocketStream::from_raw_socket(pieces, Role::Server, Some(config)).await;
        let mut messages = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            messages.push(match message {
                Message::Text(text) => Sent::Text(text.to_string()),
                Message::Binary(bytes) => Sent::Bytes(bytes.into()),
                Message::Close(_) => Sent::Close,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            });
        }
        messages
    };
    reading.now_or_never().expect("bytes in memory are there")
}

/// Bytes in memory, as a network gives them; what is written to it is gone.
struct Pieces<'a> {
    left: &'a [u8],
    /// How long the next piece is.
    next: usize,
    others: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n_bytes = self.next.max(1).min(buffer.remaining()).min(self.left.len());
        let (piece, rest) = self.left.split_at(n_bytes);
        buffer.put_slice(piece);
        (self.left, self.next) = (rest, self.others);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
