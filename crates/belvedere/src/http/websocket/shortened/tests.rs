use futures_util::StreamExt;
use proptest::prelude::*;
use tokio::io::{AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::turn::MAX_PIECES;
use super::*;
use crate::wire::frame::HEAD_BYTES;

const MAX_BYTES: usize = 3000;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PING: u8 = 9;

/// A client's stream, from which the library reads through the filter.
struct Filtered {
    stream: DuplexStream,
    shortened: Shortened,
}

impl Filtered {
    fn new(stream: DuplexStream, max_bytes: usize) -> Self {
        Self { stream, shortened: Shortened::new(Vec::new(), max_bytes) }
    }
}

impl AsyncRead for Filtered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, shortened } = &mut *self;
        shortened.poll_read(stream, context, buffer)
    }
}

impl AsyncWrite for Filtered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A frame as a browser masks it.
fn frame(opcode: u8, is_last: bool, payload: &[u8]) -> Vec<u8> {
    let key = [0xa1, 0x02, 0x73, 0xf4];
    let mut frame = vec![u8::from(is_last) << 7 | opcode];
    match payload.len() {
        short @ 0..126 => frame.push(128 | short as u8),
        middle @ 126..65_536 => {
            frame.push(128 | 126);
            frame.extend((middle as u16).to_be_bytes());
        }
        long => {
            frame.push(128 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// A message in fragments of `size` bytes, with a ping between any two and an empty fragment at last.
fn message(text: &str, size: Option<usize>) -> Vec<u8> {
    let Some(size) = size else { return frame(TEXT, true, text.as_bytes()) };
    let mut bytes = Vec::new();
    let mut opcode = TEXT;
    for fragment in text.as_bytes().chunks(size) {
        bytes.extend(frame(opcode, false, fragment));
        bytes.extend(frame(PING, true, b"?"));
        opcode = 0;
    }
    bytes.extend(frame(opcode, true, b""));
    bytes
}

/// What a server reads of `bytes`, which come in pieces of `piece` bytes: text, and its length where it
/// was shortened.
async fn read(bytes: Vec<u8>, piece: usize) -> Vec<(String, Option<usize>)> {
    let (mut client, server) = tokio::io::duplex(piece);
    let writing = tokio::spawn(async move {
        client.write_all(&bytes).await.expect("the server reads");
        client
    });
    let limit = Some(MAX_BYTES + TAIL_BYTES);
    let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
    let server = Filtered::new(server, MAX_BYTES);
    let mut server = WebSocketStream::from_raw_socket(server, Role::Server, Some(config)).await;
    let mut read = Vec::new();
    while let Some(message) = server.next().await {
        let text = match message.expect("a message that the library takes") {
            Message::Text(text) if text.as_str() == "end" => break,
            Message::Text(text) => text.to_string(),
            _ => continue,
        };
        let number = read.len() as u64 + 1;
        read.push((text, server.get_mut().shortened.take_shortened(number)));
    }
    drop(writing.await);
    read
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn long_messages_keep_their_beginning_and_all_others_are_whole(
        sent in prop::collection::vec(
            ("[a中🙂]{0,40}", 1_usize..60, prop::option::of(1_usize..4000)), 0..5
        ),
        piece in prop::sample::select(vec![1, 2, 3, 7, 64, 1000, 70_000]),
    ) {
        let sent: Vec<_> = sent.into_iter().map(|(text, n, size)| (text.repeat(n), size)).collect();
        let mut bytes: Vec<u8> = sent.iter().flat_map(|(text, size)| message(text, *size)).collect();
        bytes.extend(message("end", None));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let read = runtime.block_on(read(bytes, piece));
        prop_assert_eq!(read.len(), sent.len());
        for ((text, _), (kept, n_bytes)) in sent.iter().zip(&read) {
            if text.len() <= MAX_BYTES {
                prop_assert_eq!((kept, *n_bytes), (text, None));
            } else {
                prop_assert_eq!(*n_bytes, Some(text.len()));
                prop_assert!(text.starts_with(&**kept) && kept.len() <= MAX_BYTES + TAIL_BYTES);
            }
        }
    }
}

#[tokio::test]
async fn a_message_in_one_frame_keeps_what_an_answer_needs() {
    for piece in [1, 512, 1 << 20] {
        let long = "x".repeat(300_000);
        let bytes = [message(&long, None), message("next", None), message("end", None)].concat();
        let read = read(bytes, piece).await;
        assert_eq!(read[0], ("x".repeat(HEAD_BYTES), Some(300_000)));
        assert_eq!(read[1], ("next".to_owned(), None));
    }
}

#[tokio::test]
async fn long_binary_messages_are_read_past_the_library_and_stay_in_their_place() {
    let sent: Vec<Vec<u8>> = [0, 5, 4095, 4096, 4103, 70_001, 200_000]
        .map(|n_bytes: usize| (0..n_bytes).map(|at| (at % 251) as u8).collect())
        .into();
    let mut bytes = Vec::new();
    for message_of_bytes in &sent {
        bytes.extend(message("before", None));
        bytes.extend(frame(PING, true, b"?"));
        bytes.extend(frame(BINARY, true, message_of_bytes));
    }
    // In pieces it takes the library's way.
    bytes.extend([frame(BINARY, false, &sent[5]), frame(0, true, &sent[6])].concat());
    bytes.extend(message("end", None));
    for piece in [1, 7, 1000, 1 << 20] {
        let (mut client, server) = tokio::io::duplex(piece);
        let server = Filtered::new(server, 300_000);
        let mut server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
        let bytes = bytes.clone();
        let writing = tokio::spawn(async move { client.write_all(&bytes).await.map(|()| client) });
        let (mut read, mut n_texts, mut n_past, mut number) = (Vec::new(), 0, 0, 0);
        loop {
            match server.next().await.expect("more").expect("well formed") {
                Message::Text(text) if text.as_str() == "end" => break,
                Message::Text(_) => (number, n_texts) = (number + 1, n_texts + 1),
                Message::Binary(message) => {
                    number += 1;
                    let past = server.get_mut().shortened.take_message(number);
                    n_past += usize::from(past.is_some());
                    assert_eq!(n_texts, (read.len() + 1).min(sent.len()));
                    read.push(past.unwrap_or(message).to_vec());
                }
                _ => {}
            }
        }
        assert_eq!((&read[..sent.len()], n_past), (&sent[..], 4), "{piece}");
        assert_eq!(read[sent.len()..], [[&*sent[5], &*sent[6]].concat()]);
        drop(writing.await);
    }
}

#[tokio::test]
async fn a_long_binary_message_that_is_not_masked_is_refused() {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let server = Filtered::new(server, 300_000);
    let mut server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
    client.write_all(&[0x82, 126, 0x20, 0]).await.expect("the server reads");
    client.write_all(&[0; 0x2000]).await.expect("the server reads");
    server.next().await.expect("an answer").expect_err("clients mask");
}

#[tokio::test]
async fn nothing_of_a_dropped_message_is_kept_while_it_comes() {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let mut server = Filtered::new(server, MAX_BYTES);
    let announced = &frame(TEXT, true, &[0; 500_000])[..400_000];
    client.write_all(announced).await.expect("the server reads");
    drop(client);
    let mut buffer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut server, &mut buffer).await.expect("no error");
    assert!(buffer.is_empty());
    let kept = server.shortened.cut.as_ref().map_or(0, |cut| cut.kept.capacity());
    assert!(kept <= 2 * HEAD_BYTES && server.shortened.waiting.is_empty(), "{kept}");
}

#[tokio::test]
async fn a_message_whose_end_is_far_is_answered_at_once_and_its_rest_is_dropped() {
    let far = 100 * 1024 * 1024_usize;
    let mut start = vec![TEXT, 128 | 127];
    start.extend((far as u64).to_be_bytes());
    start.extend([0; 4]);
    start.extend([b'x'; 4000]);
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let server = Filtered::new(server, MAX_BYTES);
    let mut server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
    client.write_all(&start).await.expect("the server reads");
    let read = server.next().await.expect("a message").expect("one that the library takes");
    assert_eq!(read, Message::text("x".repeat(HEAD_BYTES)));
    assert_eq!(server.get_mut().shortened.take_shortened(1), Some(far));
    let rest = async move {
        let zeros = vec![0; 1 << 16];
        let mut left = far - 4000;
        while left > 0 {
            let n_bytes = left.min(zeros.len());
            client.write_all(&zeros[..n_bytes]).await.expect("the server reads");
            left -= n_bytes;
        }
        let last = [frame(PING, true, b"?"), frame(0, true, b"y"), message("next", None)].concat();
        client.write_all(&last).await.expect("the server reads");
        client
    };
    let writing = tokio::spawn(rest);
    let ping = server.next().await.expect("a message").expect("one that the library takes");
    assert_eq!(ping, Message::Ping("?".into()));
    let next = server.next().await.expect("a message").expect("one that the library takes");
    assert_eq!((next, server.get_mut().shortened.take_shortened(2)), (Message::text("next"), None));
    drop(writing.await);
}

#[tokio::test]
async fn a_message_in_too_many_pieces_ends_the_stream() {
    let (mut client, server) = tokio::io::duplex(1 << 10);
    let mut server = Filtered::new(server, MAX_BYTES);
    let writing = tokio::spawn(async move {
        for number in 0..=MAX_PIECES {
            let opcode = if number == 0 { TEXT } else { 0 };
            if client.write_all(&frame(opcode, false, b"")).await.is_err() {
                break;
            }
        }
        client
    });
    let mut buffer = [0; 1000];
    while tokio::io::AsyncReadExt::read(&mut server, &mut buffer).await.is_ok_and(|n| n > 0) {}
    assert_eq!(server.shortened.failure(), Some(Failure::TooManyPieces));
    drop(writing.await);
}
