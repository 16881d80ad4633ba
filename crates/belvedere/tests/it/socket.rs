//! The WebSocket itself, over TCP, with frames as the browser client sends them.

use axum::Router;
use belvedere::http::AllowedHosts;
use belvedere::{LiveConfig, LiveRuntime};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::http_client;
use crate::views::{Senders, config, router};

/// A server on a port of its own.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    pub(crate) live: LiveRuntime,
}

pub(crate) type Socket = WebSocketStream<TcpStream>;
pub(crate) type Refusal = http::Response<Option<Vec<u8>>>;

impl Server {
    pub(crate) async fn start(config: LiveConfig) -> Self {
        Self::serve(config, router(Senders::default())).await
    }

    pub(crate) fn at(address: std::net::SocketAddr, live: LiveRuntime) -> Self {
        Self { address, live }
    }

    pub(crate) async fn serve(config: LiveConfig, router: Router) -> Self {
        let live = LiveRuntime::new(config);
        let app = live.clone().serve(router);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, live }
    }

    /// Opens the socket with this query and these headers.
    pub(crate) async fn open(
        &self,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Socket, StatusCode> {
        self.try_open(query, headers).await.map_err(|refusal| refusal.status())
    }

    /// The same, with the whole refusal.
    pub(crate) async fn try_open(
        &self,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Socket, Refusal> {
        let url = format!("ws://{}/live/websocket?{query}", self.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name = header::HeaderName::try_from(*name).unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(*response),
            Err(error) => panic!("{error}"),
        }
    }

    /// The response to a request with these headers.
    pub(crate) async fn response_to(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> http::Response<String> {
        http_client::response_to(&self.address.to_string(), path, headers).await
    }

    /// How a page is answered.
    pub(crate) async fn status(&self, path: &str) -> StatusCode {
        http_client::response(&self.address.to_string(), path).await.status()
    }

    /// A page with its cookie, as a browser holds them.
    pub(crate) async fn page(&self, path: &str) -> Page {
        self.page_for(path, &[]).await
    }

    /// The same, for a request with these headers.
    pub(crate) async fn page_for(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let response = self.response_to(path, headers).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", response.body());
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Page { cookie, html: response.into_body() }
    }

    /// Another page, for the visitor of this one.
    pub(crate) async fn next_page(&self, path: &str, page: &Page) -> Page {
        let response = self.response_to(path, &[("cookie", &page.cookie)]).await;
        Page { cookie: page.cookie.clone(), html: response.into_body() }
    }
}

pub(crate) struct Page {
    cookie: String,
    html: String,
}

impl Page {
    /// Text between `before` and the next quote.
    fn value(&self, before: &str) -> &str {
        let start = self.html.find(before).unwrap() + before.len();
        self.html[start..].split('"').next().unwrap()
    }

    fn csrf_token(&self) -> &str {
        self.value("name=\"csrf-token\" content=\"")
    }

    fn topic(&self) -> String {
        format!("lv:{}", self.value("<div id=\""))
    }
}

pub(crate) async fn send(socket: &mut Socket, frame: Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

/// The next frame's payload.
pub(crate) async fn receive(socket: &mut Socket) -> Value {
    let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let frame: Value = serde_json::from_str(&text).unwrap();
    frame[4].clone()
}

pub(crate) async fn close_code(socket: &mut Socket) -> CloseCode {
    loop {
        match socket.next().await.unwrap() {
            Ok(Message::Close(frame)) => return frame.unwrap().code,
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) async fn join(server: &Server, path: &str) -> (Socket, String) {
    join_page(server, &server.page(path).await, path, 0).await
}

pub(crate) async fn join_page(
    server: &Server,
    page: &Page,
    path: &str,
    mounts: u32,
) -> (Socket, String) {
    join_page_for(server, page, path, mounts, &[]).await
}

/// Joins a page, over a socket whose upgrade has these headers too.
pub(crate) async fn join_page_for(
    server: &Server,
    page: &Page,
    path: &str,
    mounts: u32,
    headers: &[(&str, &str)],
) -> (Socket, String) {
    let query = format!("_csrf_token={}&vsn=2.0.0", page.csrf_token());
    let headers = [headers, &[("cookie", page.cookie.as_str())]].concat();
    let mut socket = server.open(&query, &headers).await.unwrap();
    let topic = join_over(&mut socket, server, page, path, mounts).await;
    (socket, topic)
}

/// Joins a page over this socket, and returns its topic.
pub(crate) async fn join_over(
    socket: &mut Socket,
    server: &Server,
    page: &Page,
    path: &str,
    mounts: u32,
) -> String {
    let topic = page.topic();
    let payload = json!({
        "url": format!("http://{}{path}", server.address),
        "params": {"_csrf_token": page.csrf_token(), "_mounts": mounts, "_mount_attempts": 0},
        "session": page.value("data-phx-session=\""),
        "static": Some(page.value("data-phx-static=\"")).filter(|it| !it.is_empty()),
        "sticky": false,
    });
    send(socket, json!(["4", "4", topic, "phx_join", payload])).await;
    let reply = receive(socket).await;
    assert_eq!(reply["status"], "ok", "{reply}");
    topic
}

#[tokio::test]
async fn a_browsers_frames_are_answered_as_the_reference_server_answers_them() {
    let server = Server::start(config()).await;
    let (mut socket, topic) = join(&server, "/counter").await;
    let click = json!({"type": "click", "event": "inc", "value": {"value": ""}});
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(
        receive(&mut socket).await,
        json!({"status": "ok", "response": {"diff": {"0": "1", "t": "Count 1"}}})
    );
    send(&mut socket, json!([null, "9", "phoenix", "heartbeat", {}])).await;
    assert_eq!(receive(&mut socket).await, json!({"status": "ok", "response": {}}));
    send(&mut socket, json!(["4", "10", topic, "phx_leave", {}])).await;
    assert_eq!(receive(&mut socket).await, json!({"status": "ok", "response": {}}));
    assert_eq!(receive(&mut socket).await, json!({}), "phx_close");
}

#[tokio::test]
async fn upgrades_are_refused_by_version_origin_and_form() {
    let server = Server::start(config()).await;
    let own = format!("http://{}", server.address);
    assert!(server.open("vsn=2.0.0", &[("origin", &own)]).await.is_ok());
    assert!(server.open("vsn=2.0.0&_track_static[0]=x&other=1", &[]).await.is_ok());
    let refused = [
        ("vsn=2.0.0", ("origin", "http://evil.test"), 403),
        ("vsn=1.0.0", ("origin", own.as_str()), 403),
        ("", ("origin", own.as_str()), 403),
        ("vsn=2.0.0", ("sec-websocket-version", "12"), 400),
    ];
    for (query, header, status) in refused {
        let answer = server.open(query, &[header]).await.map(|_| ());
        assert_eq!(answer.map_err(|status| status.as_u16()), Err(status), "{query} {header:?}");
    }
}

#[tokio::test]
async fn a_server_that_knows_its_names_answers_under_no_other() {
    let allowed_hosts = AllowedHosts::Only(vec!["tools.test".to_owned()]);
    let public_url = Some("https://users.test/tools".to_owned());
    for public_url in [None, public_url] {
        let is_public = public_url.is_some();
        let config = LiveConfig { allowed_hosts: allowed_hosts.clone(), public_url, ..config() };
        let server = Server::start(config).await;
        for (host, is_own) in [
            ("tools.test", true),
            ("Tools.test:4000", true),
            ("127.0.0.1:4000", true),
            ("[::1]:4000", true),
            ("users.test", is_public),
            ("evil.test", false),
            ("evil.test:4000", false),
            ("tools.test@evil.test", false),
        ] {
            let page = server.response_to("/counter", &[("host", host)]).await.status();
            let expected = if is_own { StatusCode::OK } else { StatusCode::MISDIRECTED_REQUEST };
            assert_eq!(page, expected, "{host}");
            let origin = match is_public {
                true => "https://users.test".to_owned(),
                false => format!("http://{host}"),
            };
            let headers = [("host", host), ("origin", origin.as_str())];
            let opened = server.open("vsn=2.0.0", &headers).await.map(|_| ());
            assert_eq!(opened, if is_own { Ok(()) } else { Err(expected) }, "{host}");
        }
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = Server::start(config()).await;
    let address = server.address.to_string();
    let upgrade = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let list = format!("evil.test, {address}");
    let several =
        [&[&*address, "evil.test"][..], &["evil.test", &address], &[&address, &address], &[&list]];
    for hosts in several {
        let hosts: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
        let to_socket = [&hosts[..], &upgrade].concat();
        let asked = [("/counter", &hosts), ("/live/websocket?vsn=2.0.0", &to_socket)];
        for (path, headers) in asked {
            let response = server.response_to(path, headers).await;
            let answer = (response.status(), response.body().as_str());
            assert_eq!(
                answer,
                (StatusCode::BAD_REQUEST, "a request names one host"),
                "{path} {hosts:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_token_subprotocol_is_answered_with_the_protocols_own() {
    let server = Server::start(config()).await;
    let offered = ("sec-websocket-protocol", "phoenix, base64url.bearer.phx.dG9rZW4");
    assert!(server.open("vsn=2.0.0", &[offered]).await.is_ok());
}

#[tokio::test]
async fn a_message_that_is_too_long_is_answered_and_the_socket_goes_on() {
    let mut config = config();
    config.max_frame_bytes = 2048;
    let server = Server::start(config).await;
    let (mut socket, topic) = join(&server, "/counter").await;
    let click = json!({"type": "click", "event": "inc", "value": {}});
    let long = |n| json!({"type": "form", "event": "save", "value": "中".repeat(n)});
    for (n, message_ref) in [(1000, "8"), (200_000, "9")] {
        send(&mut socket, json!(["4", message_ref, topic, "event", long(n)])).await;
        let reply = receive(&mut socket).await;
        assert_eq!(
            (&reply["status"], &reply["response"]["diff"]["e"][0][0]),
            (&json!("ok"), &json!("live_view:unread"))
        );
    }
    send(&mut socket, json!(["4", "10", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
    assert_eq!(server.live.protocol_errors(), 2);
}

#[tokio::test]
async fn a_message_whose_end_is_far_is_answered_and_the_state_survives() {
    let server = Server::start(config()).await;
    let page = server.page("/counter").await;
    let (mut socket, topic) = join_page(&server, &page, "/counter", 0).await;
    let click = json!({"type": "click", "event": "inc", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
    // The beginning of a frame that would never end.
    let names = format!(r#"["4","9","{topic}","event",{{"value":""#);
    let start = [[0x81, 0xff].as_slice(), &[0x7f; 8], &[0; 4], names.as_bytes(), &[b'x'; 3000]];
    socket.get_mut().write_all(&start.concat()).await.unwrap();
    let reply = receive(&mut socket).await;
    assert_eq!(reply["response"]["diff"]["e"][0][0], "live_view:unread", "{reply}");
    assert_eq!(server.live.protocol_errors(), 1);
    drop(socket);
    let (mut socket, topic) = join_page(&server, &page, "/counter", 1).await;
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "2");
}

#[tokio::test]
async fn binary_and_malformed_frames_leave_the_socket_open() {
    let server = Server::start(config()).await;
    let (mut socket, topic) = join(&server, "/counter").await;
    let upload = b"\x00\x01\x01\x05\x0544lvu:0chunkbytes".to_vec();
    for frame in [Message::binary(upload), Message::binary(vec![0]), Message::text("[1")] {
        socket.send(frame).await.unwrap();
    }
    assert_eq!(receive(&mut socket).await["response"]["reason"], "unmatched topic");
    let click = json!({"type": "click", "event": "inc", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", click])).await;
    assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
    assert_eq!(server.live.protocol_errors(), 3);
}

#[tokio::test]
async fn a_long_reply_arrives_whole() {
    let server = Server::start(config()).await;
    let (mut socket, topic) = join(&server, "/troubled/none").await;
    let hook = json!({"type": "hook", "event": "echo", "value": {"text": "é".repeat(5000)}});
    send(&mut socket, json!(["4", "8", topic, "event", hook])).await;
    let reply = receive(&mut socket).await;
    assert_eq!(reply["response"]["diff"]["r"], "é".repeat(5000));
}

#[tokio::test]
async fn draining_closes_with_the_code_for_a_restart() {
    let server = Server::start(config()).await;
    let (mut socket, _topic) = join(&server, "/counter").await;
    let draining = tokio::spawn({
        let live = server.live.clone();
        async move { live.drain().await }
    });
    assert_eq!(close_code(&mut socket).await, CloseCode::Restart);
    drop(socket);
    draining.await.unwrap();
    assert_eq!(
        server.open("vsn=2.0.0", &[]).await.map(|_| ()),
        Err(StatusCode::SERVICE_UNAVAILABLE)
    );
}
