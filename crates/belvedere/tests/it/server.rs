//! The server for others' use: what clients that are slow, silent or too many can do to it.
//!
//! Time is paused: a time-out is over as soon as nothing else happens.

use std::future::{Future, pending};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, Request};
use axum::routing::{get, post};
use belvedere::http::server::{self, ServerLimits};
use futures_util::stream;
use http::StatusCode;
use hyper::upgrade::Upgraded;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::diff::duplicates::Log;

mod addresses;
mod heads;

/// More than any bound of the server: a test that waits so long has failed.
const HOUR: Duration = Duration::from_secs(3600);

/// More than what the system buffers of an answer.
const LONG_ANSWER: usize = 64 * 1024 * 1024;

/// What handlers and tests share.
#[derive(Clone)]
struct Shared {
    /// Requests of `/slow` that may be answered.
    answers: Arc<Semaphore>,
    /// Requests of `/slow` under way.
    under_way: Arc<Semaphore>,
    sockets: Arc<Mutex<Vec<Upgraded>>>,
}

/// A server and its address.
struct Running {
    address: SocketAddr,
    shared: Shared,
    task: JoinHandle<()>,
}

fn app(shared: Shared) -> Router {
    let Shared { answers, under_way, sockets } = shared;
    let slow = move |_: Bytes| async move {
        under_way.add_permits(1);
        answers.acquire().await.expect("open").forget();
        "slow\n"
    };
    let upgrade = move |request: Request| async move {
        tokio::spawn(async move {
            let upgraded = hyper::upgrade::on(request).await.expect("an upgrade");
            sockets.lock().await.push(upgraded);
        });
        let headers = [("connection", "upgrade"), ("upgrade", "test")];
        (StatusCode::SWITCHING_PROTOCOLS, headers)
    };
    Router::new()
        .route("/", get(|| async { "page\n" }))
        .route("/slow", get(slow.clone()).post(slow))
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/long", get(|| async { Body::from(vec![b'x'; LONG_ANSWER]) }))
        .route("/parts/{end}", get(parts))
        .route("/files/app.js", get(|| async { "script\n" }))
        .route("/files/long.js", get(|| async { Body::from(vec![b'x'; LONG_ANSWER]) }))
        .route("/upgrade", get(upgrade))
        .route("/health/ready", get(|| async { "ready\n" }))
        .route("/who", get(|ConnectInfo(a): ConnectInfo<SocketAddr>| async move { a.to_string() }))
}

/// An answer whose length nobody knows, which comes in parts; at `/parts/failure` it breaks off.
async fn parts(Path(end): Path<String>) -> Body {
    let last = if end == "failure" { Err("the database has gone") } else { Ok("whole\n") };
    Body::from_stream(stream::iter([Ok("a "), last]))
}

async fn start(limits: ServerLimits, stop: impl Future<Output = ()> + Send + 'static) -> Running {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let semaphore = || Arc::new(Semaphore::new(0));
    let shared = Shared { answers: semaphore(), under_way: semaphore(), sockets: Arc::default() };
    let served = server::serve([listener], app(shared.clone()), limits, stop);
    Running { address, shared, task: tokio::spawn(served) }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection with this request sent.
    async fn send(&self, path: &str) -> TcpStream {
        let mut stream = self.connect().await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// A request whose handler has begun and waits.
    async fn send_slow(&self) -> TcpStream {
        let stream = self.send("/slow").await;
        self.shared.under_way.acquire().await.unwrap().forget();
        stream
    }
}

/// An answer of few bytes, head and body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let mut n_read = 0;
    loop {
        let more = timeout(HOUR, stream.read(&mut bytes[n_read..])).await.expect("an answer");
        let more = more.unwrap();
        assert!(more > 0, "the connection was closed before the answer was complete");
        n_read += more;
        let text = String::from_utf8_lossy(&bytes[..n_read]);
        if text.ends_with('\n') && text.contains("\r\n\r\n") && !text.ends_with("\r\n\r\n") {
            return text.into_owned();
        }
    }
}

/// How long it takes until the server closes this connection.
async fn closed(stream: &mut TcpStream) -> Duration {
    let started = Instant::now();
    let mut rest = Vec::new();
    // A reset is an end too.
    let _ = timeout(HOUR, stream.read_to_end(&mut rest)).await.expect("the server closes it");
    started.elapsed()
}

fn seconds(range: std::ops::Range<u64>) -> std::ops::Range<Duration> {
    Duration::from_secs(range.start)..Duration::from_secs(range.end)
}

#[tokio::test(start_paused = true)]
async fn silent_and_idle_connections_are_closed() {
    let server = start(ServerLimits::default(), pending()).await;
    let waited = closed(&mut server.connect().await).await;
    assert!(seconds(15..16).contains(&waited), "{waited:?}");

    let mut used = server.send("/").await;
    assert!(answer(&mut used).await.ends_with("page\n"));
    // A proxy that keeps connections for a minute finds this one open.
    tokio::time::sleep(Duration::from_secs(61)).await;
    used.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    assert!(answer(&mut used).await.ends_with("page\n"));
    let waited = closed(&mut used).await;
    assert!(seconds(75..76).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn times_for_heads_and_between_requests_are_settings() {
    let (head_timeout, idle_timeout) = (Duration::from_secs(3), Duration::from_secs(300));
    let limits = ServerLimits { head_timeout, idle_timeout, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let waited = closed(&mut server.connect().await).await;
    assert!(seconds(3..4).contains(&waited), "{waited:?}");

    let mut used = server.send("/").await;
    answer(&mut used).await;
    tokio::time::sleep(Duration::from_secs(299)).await;
    used.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let waited = closed(&mut used).await;
    assert!(seconds(3..4).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_has_to_arrive_in_time() {
    let server = start(ServerLimits::default(), pending()).await;
    let mut stream = server.connect().await;
    let head = b"POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\n";
    stream.write_all(head).await.unwrap();
    stream.write_all(b"body\n").await.unwrap();
    assert!(answer(&mut stream).await.ends_with("\r\n\r\nbody\n"));

    stream.write_all(head).await.unwrap();
    stream.write_all(b"bod").await.unwrap();
    let waited = closed(&mut stream).await;
    assert!(seconds(60..61).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_given_up() {
    let server = start(ServerLimits::default(), pending()).await;
    let mut stream = server.send("/long").await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut rest = Vec::new();
    let _ = timeout(HOUR, stream.read_to_end(&mut rest)).await.expect("it was closed");
    assert!(rest.len() < LONG_ANSWER, "{} bytes", rest.len());
}

#[tokio::test(start_paused = true)]
async fn silent_connections_make_room_for_visitors() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let limits = ServerLimits { max_connections: 2, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(server.connect().await);
        assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 200"));
    }
    for stream in &mut silent[..98] {
        assert_eq!(closed(stream).await, Duration::ZERO);
    }
    let logged = log.text();
    assert!(logged.contains("raise max_connections"), "{logged}");
    assert_eq!(logged.matches("as many connections as may be").count(), 1, "{logged}");
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_owed_make_room_for_visitors() {
    let limits = ServerLimits { max_connections: 2, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let mut owing = Vec::new();
    for _ in 0..20 {
        for _ in 0..2 {
            let mut stream = server.connect().await;
            let head = b"POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 1000\r\n\r\nbod";
            stream.write_all(head).await.unwrap();
            // More of it comes, and is taken.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = stream.write_all(b"y").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            owing.push(stream);
        }
        let words = answer(&mut server.send("/").await).await;
        assert!(words.starts_with("HTTP/1.1 200"), "{words}");
    }
    for stream in &mut owing[..38] {
        assert_eq!(closed(stream).await, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_body_is_complete_is_answered_in_a_crowd() {
    let limits = ServerLimits { max_connections: 1, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let mut stream = server.connect().await;
    let head = b"POST /slow HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\n";
    stream.write_all(head).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stream.write_all(b"body\n").await.unwrap();
    server.shared.under_way.acquire().await.unwrap().forget();
    assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 503"));
    server.shared.answers.add_permits(1);
    assert!(answer(&mut stream).await.ends_with("slow\n"));
    // Now it waits, and gives way.
    assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_has_no_place_that_another_still_needs() {
    let limits = ServerLimits { max_connections: 1, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let mut visitor = server.send("/").await;
    answer(&mut visitor).await;
    // Both before the server does anything: it has the newcomer to make room for, and finds that
    // whoever waited has a request.
    let mut newcomer = std::net::TcpStream::connect(server.address).unwrap();
    newcomer.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    let request = b"GET /slow HTTP/1.1\r\nhost: test\r\n\r\n";
    assert_eq!(visitor.try_write(request).unwrap(), request.len());
    newcomer.set_nonblocking(true).unwrap();
    let mut newcomer = TcpStream::from_std(newcomer).unwrap();
    let words = answer(&mut newcomer).await;
    assert!(words.starts_with("HTTP/1.1 503"), "{words}");
    server.shared.answers.add_permits(1);
    assert!(answer(&mut visitor).await.ends_with("slow\n"));
}

#[tokio::test(start_paused = true)]
async fn a_full_server_says_so_and_answers_its_health_check() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let limits = ServerLimits {
        max_connections: 2,
        n_reserved: 1,
        reserved_paths: vec!["/health/".into()],
        ..ServerLimits::default()
    };
    let server = start(limits, pending()).await;
    let (mut first, mut second) = (server.send_slow().await, server.send_slow().await);
    for _ in 0..20 {
        let mut turned_away = server.send("/").await;
        let words = answer(&mut turned_away).await;
        assert!(words.starts_with("HTTP/1.1 503") && words.contains("retry-after: "), "{words}");
        assert!(words.contains("Please try again in a moment"), "{words}");
        assert_eq!(closed(&mut turned_away).await, Duration::ZERO);
        // Silence in the reserved places does not keep the health check out.
        let _silent = [server.connect().await, server.connect().await];
        let words = answer(&mut server.send("/health/ready").await).await;
        assert!(words.starts_with("HTTP/1.1 200") && words.ends_with("ready\n"), "{words}");
    }
    server.shared.answers.add_permits(2);
    for stream in [&mut first, &mut second] {
        assert!(answer(stream).await.ends_with("slow\n"));
    }
    drop((first, second));
    assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 200"));
    assert_eq!(log.text().matches("as many connections as may be").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_upgraded_counts_until_it_is_dropped() {
    let limits = ServerLimits { max_connections: 1, ..ServerLimits::default() };
    let server = start(limits, pending()).await;
    let mut socket = server.connect().await;
    let request =
        b"GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n";
    socket.write_all(request).await.unwrap();
    let mut head = vec![0; 1024];
    let n_read = socket.read(&mut head).await.unwrap();
    assert!(head[..n_read].starts_with(b"HTTP/1.1 101"));
    // No bound on requests ends it.
    tokio::time::sleep(HOUR).await;
    assert_eq!(server.shared.sockets.lock().await.len(), 1);
    assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 503"));
    server.shared.sockets.lock().await.clear();
    assert!(answer(&mut server.send("/").await).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn handlers_know_the_address_of_their_client() {
    let server = start(ServerLimits::default(), pending()).await;
    let mut stream = server.connect().await;
    let own = stream.local_addr().unwrap().to_string();
    stream.write_all(b"GET /who HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with(&own), "{text}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_pass_for_a_whole_one() {
    let server = start(ServerLimits::default(), pending()).await;
    for version in ["HTTP/1.0", "HTTP/1.1"] {
        for end in ["whole", "failure"] {
            let mut stream = server.connect().await;
            let request =
                format!("GET /parts/{end} {version}\r\nhost: test\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut bytes = Vec::new();
            let read = stream.read_to_end(&mut bytes).await;
            let text = String::from_utf8_lossy(&bytes);
            let ends = match version {
                "HTTP/1.0" => read.is_ok(),
                _ => text.ends_with("0\r\n\r\n"),
            };
            assert_eq!(ends, end == "whole", "{version} {end}: {read:?} {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_answers_what_is_under_way() {
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.expect("the test sends it") };
    let server = start(ServerLimits::default(), stopped).await;
    let mut idle = server.send("/").await;
    answer(&mut idle).await;
    let mut busy = server.send_slow().await;
    stop.send(()).unwrap();
    assert_eq!(closed(&mut idle).await, Duration::ZERO);
    assert!(!server.task.is_finished());
    server.shared.answers.add_permits(1);
    assert!(answer(&mut busy).await.ends_with("slow\n"));
    timeout(HOUR, server.task).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[test]
#[should_panic = "timers are disabled"]
fn a_panic_while_accepting_goes_on_to_who_serves() {
    let bind = TcpListener::bind(("127.0.0.1", 0));
    // It fails, since its runtime is gone.
    let listener = Runtime::new().unwrap().block_on(bind).unwrap();
    let without_timers = Builder::new_current_thread().build().unwrap();
    let limits = ServerLimits::default();
    without_timers.block_on(server::serve([listener], Router::new(), limits, pending()));
}
