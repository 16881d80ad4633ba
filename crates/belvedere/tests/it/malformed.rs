//! Frames that no client may send: the socket says why it closes, and the page comes back to its view.

use futures_util::StreamExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::diff::duplicates::Log;
use crate::socket::{Server, Socket, join_page, receive, send};
use crate::views::config;

/// The code with which the server closes the socket.
async fn close_code(socket: &mut Socket) -> Option<u16> {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            return frame.map(|frame| frame.code.into());
        }
    }
    None
}

/// A length of 2^40.
const HUGE: [u8; 8] = [0, 0, 1, 0, 0, 0, 0, 0];

#[tokio::test]
async fn what_no_client_may_send_closes_its_socket_with_the_reason_and_costs_nothing_else() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let long = |head: &[u8]| [head, &HUGE, &[0; 4], b"and so on"].concat();
    let frames = [
        ("no mask", vec![0x81, 1, b'a'], 1002),
        ("no mask, long", [&[0x81, 127][..], &HUGE, b"a"].concat(), 1002),
        ("a bit of an extension", vec![0xc1, 0x81, 0, 0, 0, 0, b'a'], 1002),
        ("the same, long", long(&[0xc1, 0xff]), 1002),
        ("an unknown message", vec![0x83, 0x80, 0, 0, 0, 0], 1002),
        ("the same, long", long(&[0x83, 0xff]), 1002),
        ("an unknown sign", vec![0x8b, 0x80, 0, 0, 0, 0], 1002),
        ("a ping in parts", vec![0x09, 0x80, 0, 0, 0, 0], 1002),
        (
            "a ping of 126 bytes",
            [&[0x89, 0xfe, 0, 126, 0, 0, 0, 0][..], &[b'a'; 126]].concat(),
            1002,
        ),
        ("a ping of 2^40 bytes", long(&[0x89, 0xff]), 1002),
        ("a length of 64 bits", vec![0x81, 0xff, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
        ("the end of nothing", vec![0x80, 0x81, 0, 0, 0, 0, b'a'], 1002),
        ("more of nothing", vec![0x00, 0x81, 0, 0, 0, 0, b'a'], 1002),
        ("two messages at once", vec![1, 0x81, 0, 0, 0, 0, b'a', 1, 0x81, 0, 0, 0, 0, b'b'], 1002),
        ("a goodbye of one byte", vec![0x88, 0x81, 0, 0, 0, 0, 3], 1002),
        ("no text", vec![0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
    ];
    for (what, bytes, code) in frames {
        let server = Server::start(config()).await;
        let page = server.page("/counter").await;
        let (mut socket, topic) = join_page(&server, &page, "/counter", 0).await;
        let click = json!({ "type": "click", "event": "inc", "value": {} });
        send(&mut socket, json!(["4", "8", topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
        socket.get_mut().write_all(&bytes).await.unwrap();
        assert_eq!(close_code(&mut socket).await, Some(code), "{what}");
        assert_eq!(server.live.protocol_errors(), 1, "{what}");
        let (mut socket, topic) = join_page(&server, &page, "/counter", 1).await;
        send(&mut socket, json!(["4", "8", topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "2", "{what}");
    }
    assert!(!log.text().contains("pieces"), "{}", log.text());
}

#[tokio::test]
async fn a_message_before_what_no_client_may_send_is_heard() {
    let server = Server::start(config()).await;
    let page = server.page("/counter").await;
    let (mut socket, _) = join_page(&server, &page, "/counter", 0).await;
    let heartbeat = json!([null, "9", "phoenix", "heartbeat", {}]).to_string();
    let length = u8::try_from(heartbeat.len()).unwrap();
    let good = [&[0x81, 0x80 | length, 0, 0, 0, 0][..], heartbeat.as_bytes()].concat();
    socket.get_mut().write_all(&[&good, &[0x81, 1, b'a'][..]].concat()).await.unwrap();
    assert_eq!(receive(&mut socket).await["status"], "ok");
    assert_eq!(close_code(&mut socket).await, Some(1002));
}
