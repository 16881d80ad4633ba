//! How long the head of a request may be on its way, and how long it may be.

use std::future::pending;
use std::time::Duration;

use belvedere::http::server::ServerLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::{HOUR, answer, seconds, start};

#[tokio::test(start_paused = true)]
async fn a_head_in_small_pieces_has_no_more_time_than_another() {
    let server = start(ServerLimits::default(), pending()).await;
    let mut stream = server.send("/").await;
    answer(&mut stream).await;
    let started = Instant::now();
    let mut pieces = b"GET / HTTP/1.1\r\nx: ".iter().chain(std::iter::repeat(&b'x'));
    while started.elapsed() < HOUR {
        let piece = [*pieces.next().unwrap()];
        if stream.write_all(&piece).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let waited = started.elapsed();
    assert!(seconds(15..20).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_head_is_as_long_as_may_be_and_not_a_byte_longer() {
    let server = start(ServerLimits::default(), pending()).await;
    for (n_bytes, status) in [(64 * 1024, "200"), (64 * 1024 + 1, "431"), (100_000, "431")] {
        let start = "GET / HTTP/1.1\r\nhost: test\r\nx: ";
        let head = format!("{start}{}\r\n\r\n", "x".repeat(n_bytes - start.len() - 4));
        let mut stream = server.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *format!("HTTP/1.1 {status}").as_bytes(), "{n_bytes}");
    }
}
