//! Serving a router with bounds on what a stranger can make a server keep.
//!
//! ```text
//! accept ─▶ Slot ─▶ waits for a head ─▶ and for its body ─▶ answer ─▶ waits for the next head …
//!             │            └ closed after its time, or when others need the room
//!             └ counted until the connection, or the WebSocket it became, is closed
//! ```
//!
//! `axum::serve` lets a connection be silent for ever and says nothing when the system has no more
//! files to open, so that a few hundred idle connections make a service unreachable. [`serve`] is
//! used in its place:
//!
//! ```no_run
//! use axum::Router;
//! use belvedere::http::server::{self, ServerLimits};
//! # async fn example(app: Router) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind(("localhost", 4000)).await?;
//! let limits = ServerLimits { reserved_paths: vec!["/health/".into()], ..Default::default() };
//! let stop = async {
//!     // Without signals there is nothing to wait for, and the server is simply killed.
//!     let _ = tokio::signal::ctrl_c().await;
//! };
//! server::serve([listener], app, limits, stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! A server of another kind needs the same bounds: a time for the head of a request and for its body;
//! a time between two requests; a number of connections below the system's limit of open files;
//! a word in the log when `accept` fails; a way in for health checks when all is taken; and
//! `TCP_NODELAY` on each connection, since a frame that waits for the browser to acknowledge the one
//! before comes 40 ms late. Of a connection that is a plain `TcpStream` the runtime sets it by itself.

mod accept;
mod at_work;
mod body;
mod connections;
mod head_clock;
mod io;
mod open_files;
mod places;

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::http::client_address::ClientAddress;

use accept::{Accept, Acceptor};
use at_work::AtWork;
use body::{AnswerBody, RequestBody};
use connections::{Connections, Slot};
use head_clock::HeadClock;
pub(super) use io::WatchedStream;

/// What a client is told for which there is no room.
const NO_ROOM: &str =
    "This server has no room for more visitors at present. Please try again in a moment.\n";

/// What a client is told whose address has its share.
const NO_SHARE: &str =
    "Too many requests of your address are under way here. Please try again in a moment.\n";

/// How many addresses at their bound take all connections there are.
const ADDRESSES: usize = 20;

/// Connections that one address may have at work however few there are: a few browsers need as many.
const MIN_PER_ADDRESS: usize = 32;

/// When such a client may come again, in seconds.
const NO_ROOM_RETRY: HeaderValue = HeaderValue::from_static("5");

/// How much, and for how long, strangers may occupy a server. All values are bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Open connections, WebSockets included. At the bound, the connection that has waited longest
    /// for its client to send the head or the body of a request is closed to make room; when none
    /// waits, a newcomer is answered with 503.
    /// Default: 10,000. Less when the system lets the process open fewer files, which is logged.
    pub max_connections: usize,
    /// Of these, most that one client's address has at work: with a request under way, or as WebSockets. Its
    /// further requests are answered with 429. `None`, the default, is a twentieth of all, and at least
    /// 32, so that ten addresses leave others half. Connections that only wait count for nobody, since
    /// they make room.
    pub max_connections_per_address: Option<usize>,
    /// Where the address of a client stands. Default: the other end of the connection; whose would be
    /// that of many ([`ClientAddress::network`]) has all that there is.
    pub client_address: ClientAddress,
    /// Connections beyond these, kept for [`reserved_paths`](Self::reserved_paths) and for telling
    /// everybody else that there is no room. Default: 32.
    pub n_reserved: usize,
    /// Paths that are answered even when there is no room, such as `/health/`: each is a whole path,
    /// or ends with a slash and stands for all below it. Default: none.
    pub reserved_paths: Vec<Cow<'static, str>>,
    /// Paths of scripts, styles and other files, written like [`reserved_paths`](Self::reserved_paths).
    /// They are answered even when there is no room, and whatever their client's address has at work: a
    /// page whose script is refused does not ask for it again. Such an answer counts for nobody, and
    /// a client that does not take it gives way to others. So handlers there answer at once and whole,
    /// as those of [`Asset`](crate::http::assets::Asset) do. Default: `/live/client/`; an
    /// application adds its own.
    pub file_paths: Vec<Cow<'static, str>>,
    /// From the acceptance of a connection, or the first byte of a later request, until the head of
    /// the request is complete. So it also ends connections on which nothing ever comes. Default:
    /// 15 s.
    pub head_timeout: Duration,
    /// From an answer until the first byte of the next request. Let it be longer than a proxy in
    /// front of the server keeps its connections for later use, mostly 60 s: else it may send a
    /// request just when the connection is closed, and its visitor sees an error. Default: 75 s;
    /// idle connections give way to newcomers in any case.
    pub idle_timeout: Duration,
    /// From the head of a request until its body is complete. Default: 60 s.
    pub body_timeout: Duration,
    /// How long a client may take nothing of what is written to it. Default: 30 s.
    pub write_timeout: Duration,
    /// Most bytes of a request's head, at least 8192. A longer one is answered with 431. Default: 64 KiB.
    pub max_head_bytes: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_connections_per_address: None,
            client_address: ClientAddress::default(),
            n_reserved: 32,
            reserved_paths: Vec::new(),
            file_paths: vec!["/live/client/".into()],
            head_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(30),
            max_head_bytes: 64 * 1024,
        }
    }
}

impl ServerLimits {
    fn per_address(&self) -> usize {
        let share = (self.max_connections / ADDRESSES).max(MIN_PER_ADDRESS);
        self.max_connections_per_address.unwrap_or(share)
    }

    fn is_reserved(&self, path: &str) -> bool {
        is_among(&self.reserved_paths, path)
    }

    fn is_file(&self, path: &str) -> bool {
        is_among(&self.file_paths, path)
    }
}

fn is_among(paths: &[Cow<'static, str>], path: &str) -> bool {
    paths.iter().any(|one| if one.ends_with('/') { path.starts_with(&**one) } else { path == one })
}

/// Serves `app` over HTTP/1.1 on every listener until `stop` is ready and the requests under way
/// are answered.
///
/// Handlers may ask for `ConnectInfo<SocketAddr>`. WebSockets are served as far as their handlers
/// do, and are not waited for: let `stop` be ready after [`LiveRuntime::drain`]. The process's
/// limit of open files is raised as far as the system allows, since one WebSocket is one file.
///
/// No failure of a listener ends it: it is logged, once for as long as it lasts, and tried again.
///
/// # Panics
///
/// When accepting does, as after a failure in a runtime without timers.
///
/// # Cancel safety
///
/// Dropped, it accepts nothing more; connections that are open go on for as long as the runtime.
///
/// [`LiveRuntime::drain`]: crate::LiveRuntime::drain
pub async fn serve(
    listeners: impl IntoIterator<Item = TcpListener>,
    app: Router,
    limits: ServerLimits,
    stop: impl Future<Output = ()>,
) {
    let limits = open_files::fit(limits, open_files::raise());
    let at_work = AtWork::new(limits.per_address());
    let server = Arc::new(Server { app, connections: Connections::new(&limits), at_work, limits });
    let (stopping, stopped) = watch::channel(());
    let accept = |listener| accept_all(Arc::clone(&server), listener, stopped.clone());
    // In tasks, so that the workers accept: who waits here is mostly a thread of its own, and to wake it for each
    // connection costs more than the connection.
    let mut accepting: JoinSet<()> = listeners.into_iter().map(accept).collect();
    tokio::select! {
        Some(Err(failed)) = accepting.join_next() => if let Ok(panic) = failed.try_into_panic() {
            resume_unwind(panic);
        },
        () = stop => {}
    }
    accepting.shutdown().await;
    drop(stopped);
    stopping.send_replace(());
    // Each connection holds a receiver.
    stopping.closed().await;
}

/// What the connections of one server share.
struct Server {
    app: Router,
    limits: ServerLimits,
    connections: Arc<Connections>,
    at_work: Arc<AtWork>,
}

async fn accept_all(server: Arc<Server>, listener: impl Accept, stopped: watch::Receiver<()>) {
    let mut acceptor = Acceptor::new(listener, Arc::clone(&server.connections));
    loop {
        let (stream, address, slot) = acceptor.next().await;
        tokio::spawn(serve_connection(Arc::clone(&server), stream, address, slot, stopped.clone()));
    }
}

/// Serves one connection to its end, or until others need its room while it waits for its client.
async fn serve_connection(
    server: Arc<Server>,
    stream: TcpStream,
    address: SocketAddr,
    slot: Arc<Slot>,
    mut stopped: watch::Receiver<()>,
) {
    // Frames are small and wait for no other; a socket without the option is slower, not wrong.
    let _ = stream.set_nodelay(true);
    let stream = WatchedStream::new(stream, server.limits.write_timeout, Arc::clone(&slot));
    let service = service_fn(|request| answer(&server, address, &slot, request));
    let max_head_bytes = server.limits.max_head_bytes.max(8192);
    let connection = http1::Builder::new()
        // It would be the time between two requests too.
        .header_read_timeout(None)
        // The bound of the buffer alone is looked at between reads, of which one may bring as much again.
        .max_header_size(max_head_bytes)
        .max_buf_size(max_head_bytes)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut clock = HeadClock::new(&server.limits);
    let mut is_ending = false;
    loop {
        // First what the client has sent, so that a request which is here is not lost.
        tokio::select! {
            biased;
            // What a client does wrong is its own affair, and mostly that it has gone.
            _ = connection.as_mut() => return,
            () = slot.gives_way() => return,
            () = poll_fn(|context| clock.poll_late(&slot, context)) => return,
            _ = stopped.changed(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    server: &Server,
    address: SocketAddr,
    slot: &Arc<Slot>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let served = slot.serves();
    let is_file = server.limits.is_file(request.uri().path());
    let is_always_served = is_file || server.limits.is_reserved(request.uri().path());
    if !is_always_served && !slot.is_ordinary().await {
        server.connections.refused();
        let refusal = refusal(StatusCode::SERVICE_UNAVAILABLE, NO_ROOM);
        return Ok(refusal.map(|body| Body::new(AnswerBody::new(body, served))));
    }
    if !is_file {
        let network = server.limits.client_address.network(request.headers(), Some(address.ip()));
        let Some(place) = server.at_work.take(network) else {
            server.connections.refused_of(network);
            let refusal = refusal(StatusCode::TOO_MANY_REQUESTS, NO_SHARE);
            return Ok(refusal.map(|body| Body::new(AnswerBody::new(body, served))));
        };
        slot.works(place);
    }
    let may_end_by_close = request.version() < Version::HTTP_11 && request.method() != Method::HEAD;
    let timeout = server.limits.body_timeout;
    let mut request = request.map(|body| RequestBody::around(body, timeout, &served));
    request.extensions_mut().insert(ConnectInfo(address));
    let mut response = match server.app.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        served.for_good();
        return Ok(response);
    }
    if slot.is_reserved() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let has_length = || {
        response.headers().contains_key(CONTENT_LENGTH)
            || response.body().size_hint().exact().is_some()
    };
    let is_ended_by_close = may_end_by_close && !has_length();
    Ok(response.map(|body| {
        Body::new(if is_ended_by_close {
            AnswerBody::ended_by_close(body, served)
        } else {
            AnswerBody::new(body, served)
        })
    }))
}

fn refusal(status: StatusCode, words: &'static str) -> Response {
    let mut response = (status, words).into_response();
    response.headers_mut().insert(RETRY_AFTER, NO_ROOM_RETRY);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
