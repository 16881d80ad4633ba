//! What one address, and ten, may take of all connections.

use std::future::pending;

use belvedere::http::server::ServerLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Running, answer, start};
use crate::diff::duplicates::Log;

/// A request of one address, as the proxy in front names it.
async fn send_from(server: &Running, path: &str, address: &str) -> TcpStream {
    let mut stream = server.connect().await;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: test\r\nx-real-ip: {address}\r\nconnection: upgrade\r\n\
         upgrade: test\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A connection that stays at work, with the beginning of its answer.
async fn begin(server: &Running, path: &str, address: &str) -> (TcpStream, String) {
    let mut stream = send_from(server, path, address).await;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    (stream, String::from_utf8_lossy(&head).into_owned())
}

#[tokio::test]
async fn one_address_keeps_its_share_of_connections_at_work_and_others_theirs() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let limits = ServerLimits {
        max_connections: 40,
        max_connections_per_address: Some(2),
        client_address: "X-Real-IP".parse().unwrap(),
        ..ServerLimits::default()
    };
    let server = start(limits, pending()).await;
    let mut taken = Vec::new();
    for number in 1..=10 {
        let stranger = format!("192.0.2.{number}");
        // One reads nothing of what it asked for, one has become a socket.
        for (path, status) in [("/long", "HTTP/1.1 200"), ("/upgrade", "HTTP/1.1 101")] {
            let (stream, head) = begin(&server, path, &stranger).await;
            assert_eq!(head, status);
            taken.push(stream);
        }
        for _ in 0..2 {
            let refusal = answer(&mut send_from(&server, "/", &stranger).await).await;
            assert!(refusal.starts_with("HTTP/1.1 429"), "{refusal}");
            assert!(refusal.contains("retry-after: 5"), "{refusal}");
            assert!(refusal.contains("in a moment"), "{refusal}");
        }
        let visitor = answer(&mut send_from(&server, "/", "198.51.100.7").await).await;
        assert!(visitor.ends_with("page\n"), "{visitor}");
    }
    assert_eq!(log.text().matches("as many under way as it may").count(), 1, "{}", log.text());
    // What was closed is free again.
    taken.clear();
    server.shared.sockets.lock().await.clear();
    for number in 1..=10 {
        let address = format!("192.0.2.{number}");
        while !answer(&mut send_from(&server, "/", &address).await).await.ends_with("page\n") {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn files_are_answered_whatever_their_address_has_and_give_way() {
    let limits = ServerLimits {
        max_connections: 3,
        max_connections_per_address: Some(1),
        n_reserved: 1,
        client_address: "X-Real-IP".parse().unwrap(),
        file_paths: vec!["/files/".into()],
        ..ServerLimits::default()
    };
    let server = start(limits, pending()).await;
    let stranger = "192.0.2.1";
    let (_socket, head) = begin(&server, "/upgrade", stranger).await;
    assert_eq!(head, "HTTP/1.1 101");
    assert!(answer(&mut send_from(&server, "/", stranger).await).await.starts_with("HTTP/1.1 429"));
    let mut untaken = Vec::new();
    for _ in 0..10 {
        let file = answer(&mut send_from(&server, "/files/app.js", stranger).await).await;
        assert!(file.ends_with("script\n"), "{file}");
        // Read no further: it takes no place that somebody needs.
        let (stream, head) = begin(&server, "/files/long.js", stranger).await;
        assert_eq!(head, "HTTP/1.1 200");
        untaken.push(stream);
        let visitor = answer(&mut send_from(&server, "/", "198.51.100.7").await).await;
        assert!(visitor.ends_with("page\n"), "{visitor}");
    }
    // Sockets of others take all that there is.
    let mut sockets = Vec::new();
    for number in 2..=3 {
        let (stream, head) = begin(&server, "/upgrade", &format!("192.0.2.{number}")).await;
        assert_eq!(head, "HTTP/1.1 101");
        sockets.push(stream);
    }
    let visitor = answer(&mut send_from(&server, "/", "198.51.100.7").await).await;
    assert!(visitor.starts_with("HTTP/1.1 503"), "{visitor}");
    let file = answer(&mut send_from(&server, "/files/app.js", "198.51.100.7").await).await;
    assert!(file.ends_with("script\n"), "{file}");
}
