//! What a client of a socket can make the server keep, and what happens at each bound.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::serve::Listener;
use belvedere::http::server::{self, ServerLimits};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::diff::duplicates::Log;
use crate::socket::{Server, join, receive, send};
use crate::views::{Counter, Gate, Keeper, config};

#[tokio::test]
async fn frames_beyond_the_bound_wait_until_those_before_are_handled() {
    let keeper = Keeper::default();
    let config = LiveConfig { max_waiting_bytes: 2500, ..config() };
    let gates = Router::new().live::<Gate>("/gate").with_state(keeper.clone());
    let server = Server::serve(config, gates).await;
    let (mut socket, topic) = join(&server, "/gate").await;
    let pass = json!({"type": "click", "event": "pass", "value": {"filler": "x".repeat(1000)}});
    for number in 8..16 {
        send(&mut socket, json!(["4", number.to_string(), topic, "event", pass])).await;
    }
    for passed in 1..=8 {
        keeper.arrival().await;
        keeper.admit();
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], passed.to_string());
    }
    assert_eq!(server.live.protocol_errors(), 0);
}

#[tokio::test]
async fn thousands_of_clicks_at_once_are_answered_once_each_and_in_order() {
    let keeper = Keeper::default();
    let config = LiveConfig { max_frames_per_second: u32::MAX, ..config() };
    let gates = Router::new().live::<Gate>("/gate").with_state(keeper.clone());
    let server = Server::serve(config, gates).await;
    let (socket, topic) = join(&server, "/gate").await;
    let (mut sent, mut answered) = socket.split();
    let clicks = async {
        for number in 1..=3000 {
            let pass = json!({"type": "click", "event": "pass", "value": {}});
            let frame = json!(["4", number.to_string(), topic, "event", pass]);
            sent.feed(Message::text(frame.to_string())).await.unwrap();
        }
        sent.flush().await.unwrap();
    };
    let answers = async {
        keeper.arrival().await;
        while server.live.views(1)[0].mailbox_depth < 255 {
            tokio::task::yield_now().await;
        }
        keeper.admitted.add_permits(3000);
        for number in 1..=3000 {
            let text = answered.next().await.unwrap().unwrap().into_text().unwrap();
            let frame: Value = serde_json::from_str(&text).unwrap();
            let number = number.to_string();
            assert_eq!(
                (&frame[1], &frame[4]["response"]["diff"]["0"]),
                (&json!(number), &json!(number))
            );
            assert!(server.live.views(1)[0].mailbox_depth < 256);
        }
    };
    tokio::join!(clicks, answers);
}

#[tokio::test]
async fn frames_that_are_handled_make_room() {
    let server = Server::start(LiveConfig { max_waiting_bytes: 2500, ..config() }).await;
    let (mut socket, topic) = join(&server, "/counter").await;
    let click = json!({"type": "click", "event": "inc", "value": {"filler": "x".repeat(1000)}});
    for number in 8..28 {
        send(&mut socket, json!(["4", number.to_string(), topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["status"], "ok");
    }
}

#[tokio::test]
async fn a_message_that_never_ends_closes_its_socket() {
    let piece = |opcode, bytes: &[u8]| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(opcode), false))
    };
    let server = Server::start(config()).await;
    let (mut socket, _) = join(&server, "/counter").await;
    socket.send(piece(Data::Text, b"[")).await.unwrap();
    for _ in 0..20_000 {
        if socket.feed(piece(Data::Continue, b"")).await.is_err() {
            break;
        }
    }
    let _ = socket.flush().await;
    let mut code = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(Some(frame)) = message {
            code = Some(u16::from(frame.code));
        }
    }
    assert_eq!((code, server.live.protocol_errors()), (Some(1009), 1));
}

#[tokio::test]
async fn a_long_message_in_small_pieces_is_read() {
    let server = Server::start(LiveConfig { max_frame_bytes: 4096, ..config() }).await;
    let (mut socket, topic) = join(&server, "/counter").await;
    let click = json!({"type": "click", "event": "inc", "value": {"filler": "x".repeat(3800)}});
    let text = json!(["4", "8", topic, "event", click]).to_string();
    let mut pieces = text.as_bytes().chunks(20).peekable();
    let mut opcode = Data::Text;
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        let frame = Frame::message(piece.to_vec(), OpCode::Data(opcode), is_last);
        socket.send(Message::Frame(frame)).await.unwrap();
        opcode = Data::Continue;
    }
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
}

#[tokio::test]
async fn headers_that_a_socket_would_keep_are_bounded() {
    let server = Server::start(LiveConfig { max_header_bytes: 1000, ..config() }).await;
    let cookie = |length: usize| "c".repeat(length);
    let open =
        async |length| server.open("vsn=2.0.0", &[("cookie", &cookie(length))]).await.map(|_| ());
    assert_eq!(open(900).await, Ok(()));
    assert_eq!(open(1000).await, Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
}

/// Second handles of the connections that a server has accepted.
#[derive(Clone, Default)]
struct Accepted(Arc<Mutex<Vec<std::net::TcpStream>>>);

impl Accepted {
    fn keep(&self, stream: TcpStream) -> TcpStream {
        let stream = stream.into_std().unwrap();
        self.0.lock().unwrap().push(stream.try_clone().unwrap());
        TcpStream::from_std(stream).unwrap()
    }

    /// Of each connection, whether it sends at once.
    fn nodelay(&self) -> Vec<bool> {
        self.0.lock().unwrap().iter().map(|stream| stream.nodelay().unwrap()).collect()
    }
}

struct Watched {
    listener: TcpListener,
    accepted: Accepted,
}

impl Listener for Watched {
    type Io = TcpStream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (TcpStream, Self::Addr) {
        let (stream, address) = self.listener.accept().await.unwrap();
        (self.accepted.keep(stream), address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// `axum::serve`, or hyper's own connection.
async fn served_by(axum: bool) -> (Server, Accepted) {
    let live = LiveRuntime::new(config());
    let app = live.clone().serve(Router::new().live::<Counter>("/counter"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Accepted::default();
    let mut watched = Watched { listener, accepted: accepted.clone() };
    if axum {
        tokio::spawn(async move { axum::serve(watched, app).await });
    } else {
        tokio::spawn(async move {
            loop {
                let (stream, _) = watched.accept().await;
                let service = TowerToHyperService::new(app.clone());
                let server = hyper::server::conn::http1::Builder::new();
                let connection = server.serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection.with_upgrades());
            }
        });
    }
    (Server::at(address, live), accepted)
}

#[tokio::test]
async fn a_socket_of_the_crates_own_server_sends_at_once_and_no_line_says_otherwise() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let live = LiveRuntime::new(config());
    let app = live.clone().serve(Router::new().live::<Counter>("/counter"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServerLimits::default();
    tokio::spawn(server::serve([listener], app, limits, std::future::pending()));
    let server = Server::at(address, live);
    let (mut socket, topic) = join(&server, "/counter").await;
    let click = json!({"type": "click", "event": "inc", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
    assert!(!log.text().contains("TCP_NODELAY"), "{}", log.text());
}

#[tokio::test]
async fn an_upgraded_connection_sends_at_once_whoever_serves_it() {
    for axum in [true, false] {
        let (server, accepted) = served_by(axum).await;
        let (mut socket, topic) = join(&server, "/counter").await;
        let click = json!({"type": "click", "event": "inc", "value": {}});
        send(&mut socket, json!(["4", "8", topic, "event", click])).await;
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
        assert_eq!(accepted.nodelay(), [false, true], "the page's connection and the socket's");
    }
}
