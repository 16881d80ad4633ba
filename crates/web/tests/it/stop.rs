//! The order in which a server stops.

use std::net::SocketAddr;

use belvedere::http::server::ServerLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use web::config::{Host, Listen, StopTime};
use web::server::Listeners;

use crate::http::App;

#[tokio::test(flavor = "multi_thread")]
async fn readiness_fails_and_pages_are_answered_until_the_sockets_are_closed() {
    let app = App::start().await;
    let listen = Listen { host: Host::Address([127, 0, 0, 1].into()), port: 0 };
    let listeners = Listeners::bind(&listen).await.expect("a free port");
    let url = listeners.local_url();
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let address = SocketAddr::from(([127, 0, 0, 1], port));

    let (stop, stopped) = oneshot::channel();
    let (begin, draining) = oneshot::channel();
    let (close, closed) = oneshot::channel::<()>();
    let live = app.live.clone();
    let drain = async move {
        live.drain().await;
        begin.send(()).expect("the test waits");
        closed.await.expect("the test closes the last socket");
    };
    let limits = ServerLimits::default();
    let stopped = async { stopped.await.expect("the test sends the signal") };
    let of_sockets = StopTime::default().of_sockets();
    let serve = listeners.serve(app.router.clone(), limits, stopped, drain, of_sockets);
    let server = tokio::spawn(serve);

    assert!(get(address, "/health/ready").await.starts_with("HTTP/1.1 200"));
    stop.send(()).expect("the server listens for it");
    draining.await.expect("the drain begins");
    assert!(get(address, "/health/ready").await.starts_with("HTTP/1.1 503"));
    assert!(get(address, "/counter").await.starts_with("HTTP/1.1 200"));
    close.send(()).expect("the drain waits");
    server.await.expect("no panic");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// A whole response, over a connection of its own.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("an answer");
    response
}
